"""科技型, 专精特新 2026 and both 小巨人: every ladder and every bound just there, just below, without and with senseless data."""

from decimal import Decimal
from typing import Any

import pytest

from services.assessment.domain.rules import ScoreResult, evaluate
from services.assessment.domain.rules.results import ConditionResult
from tests.unit.assessment.enterprises import good, good_judgements
from tests.unit.assessment.samples import given, indicator, packs

TECH, SRDI, GIANT22, GIANT26 = "tech@2017-115", "srdi@2026-2", "giant@2022-63", "giant@2026-2"


def run(pack: str, changes: dict[str, Any]) -> ScoreResult:
    judged = good_judgements() | {k: Decimal(v) for k, v in changes.items() if k == "P5"}
    form = given(good(), {name: value for name, value in changes.items() if name != "P5"})
    return evaluate(packs()[pack], form, None, judged)


def part(result: ScoreResult, name: str) -> ConditionResult:
    """A condition by its id, also within others; those of `X1` by their label."""
    found = [*result.gates, *result.direct]
    while found:
        one = found.pop()
        if name in (one.id, one.label):
            return one
        found += one.parts
    raise AssertionError(name)


T2_SALES = [("60.00", "50"), ("59.99", "40"), ("50.00", "40"), ("49.99", "30"), ("40.00", "30"), ("39.99", "20"),
            ("30.00", "20"), ("29.99", "10"), ("20.00", "10"), ("19.99", "0"), ("0.00", "0"), ("-1.00", "0")]  # fmt: skip
T2_COST = [("300.00", "50"), ("299.99", "40"), ("250.00", "40"), ("249.99", "30"), ("200.00", "30"), ("199.99", "20"),
           ("150.00", "20"), ("149.99", "10"), ("100.00", "10"), ("99.99", "0")]  # fmt: skip
STAFF = [(301, "20"), (300, "20"), (299, "16"), (250, "16"), (249, "12"), (200, "12"), (199, "8"), (150, "8"),
         (149, "4"), (100, "4"), (99, "0"), (0, "0"), (-1, "0")]  # fmt: skip
POINTS = [
    *(("T1", {"tech_staff": n, "staff_total": 1000}, points) for n, points in STAFF),
    *(("T2", {"rd_expense_y1": n, "sales_y1": "1000.00", "cost_expense_y1": "100000.00"}, p) for n, p in T2_SALES),
    *(("T2", {"rd_expense_y1": n, "sales_y1": "100000.00", "cost_expense_y1": "1000.00"}, p) for n, p in T2_COST),
    ("T2", {"rd_expense_y1": "20.00", "sales_y1": "1000.00", "cost_expense_y1": "100.00"}, "30"),
    ("T2", {"rd_expense_y1": "60.00", "sales_y1": "1000.00", "cost_expense_y1": "0.00"}, "50"),
    ("T2", {"rd_expense_y1": "60.00", "sales_y1": "0.00", "cost_expense_y1": "-1.00"}, "0"),
    ("T3", {"ip_class1": 1, "ip_class2": 0}, "30"),
    *(("T3", {"ip_class1": 0, "ip_class2": n}, points)
      for n, points in ((5, "24"), (4, "24"), (3, "18"), (2, "12"), (1, "6"), (0, "0"), (-1, "0"))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "points"), POINTS)
def test_points_of_a_technology_enterprise(name: str, changes: dict[str, Any], points: str) -> None:
    one = indicator(run(TECH, changes), name)
    assert (one.state, one.points, one.low, one.high) == ("computed", points, points, points)


@pytest.mark.parametrize(
    ("name", "field", "high"), [("T1", "tech_staff", "20"), ("T1", "staff_total", "20"), ("T3", "ip_class1", "30")]
)
@pytest.mark.parametrize("value", [..., None, "", "x", "1e99999999"])
def test_what_is_missing_leaves_a_range(name: str, field: str, high: str, value: object) -> None:
    one = indicator(run(TECH, {field: value}), name)
    assert (one.state, one.high) == ("missing", high) and one.reason


def test_without_scientific_staff_sixty_points_are_not_enough() -> None:
    few = run(TECH, {"tech_staff": 0})
    assert (few.low, few.verdict, few.groups[0].state, few.groups[0].nonzero) == ("80", "fail", "not-met", True)
    assert run(TECH, {"tech_staff": 20}).verdict == "pass"
    assert run(TECH, {"tech_staff": 0, "high_tech_valid": True}).verdict == "pass"
    assert run(TECH, {"tech_staff": ...}).verdict == "open"


SIXTY = {
    "ip_class1_self_developed": 0, "rd_expense_y1": "20.00", "revenue_y1": "1000.00", "main_revenue_y1": "700.00",
    "main_revenue_y2": "700.00", "total_assets_y1": "1000.00", "total_liabilities_y1": "550.00", "strategic_emerging": False,
}  # fmt: skip
"""Of an innovative enterprise: 10 + 10, 5 + 10, 5 + 20; each group but the last just on its floor."""


@pytest.mark.parametrize(
    ("changes", "total", "verdict"),
    [
        ({}, "60", "pass"),
        ({"main_revenue_y1": "699.99", "main_revenue_y2": "699.99"}, "55", "fail"),
        ({"rd_expense_y1": "19.99", "strategic_emerging": True}, "60", "fail"),
        ({"total_liabilities_y1": "550.01", "strategic_emerging": True}, "60", "fail"),
        ({"main_revenue_y1": "550.00", "main_revenue_y2": "500.00", "ip_class1_self_developed": 1}, "65", "pass"),
        ({"main_revenue_y1": "549.99", "main_revenue_y2": "490.00", "ip_class1_self_developed": 1}, "60", "fail"),
    ],
)
def test_sixty_points_and_the_floors_just_there(changes: dict[str, Any], total: str, verdict: str) -> None:
    result = run("innovative@2022-63", SIXTY | changes)
    assert (result.low, result.verdict) == (total, verdict)


# Pack, condition, what is changed, and whether it is then met.
BOUNDS: list[tuple[str, str, dict[str, Any], str]] = [
    *((TECH, "staff", {"staff_total": n}, s) for n, s in ((500, "met"), (501, "not-met"), (..., "open"))),
    *((TECH, "sales", {"sales_y1": n}, s) for n, s in (("20000", "met"), ("20000.01", "not-met"), ("0", "met"))),
    *((TECH, "assets", {"total_assets_y1": n}, s) for n, s in (("20000", "met"), ("20000.01", "not-met"))),
    *((TECH, "TD2", {"national_award_rank_5y": n}, s) for n, s in ((1, "met"), (3, "met"), (4, "not-met"), (0, "not-met"))),
    *((TECH, "TD3", {"rd_institution_level": n}, s) for n, s in (("provincial", "met"), ("city", "not-met"))),
    *((SRDI, "P1-years", {"market_years": n}, s) for n, s in ((3, "met"), (2, "not-met"), (-3, "not-met"), (..., "open"))),
    (SRDI, "P1", {"tier1_title_valid": False}, "not-met"),
    *((SRDI, "P2", {"revenue_y1": n, "main_revenue_y1": n, "new_equity_2y": equity}, s) for n, equity, s in (
        ("1500.00", "0", "met"), ("1499.99", "1999.99", "not-met"), ("1499.99", "2000.00", "met"), ("0.00", "2000", "not-met"),
        ("1499.99", ..., "open"), ("1500.00", ..., "met"))),
    *((SRDI, "P2-main", {"revenue_y1": "2000.00", "main_revenue_y1": n}, s) for n, s in (
        ("1600.00", "met"), ("1599.99", "not-met"), ("1600.01", "met"), ("-1", "not-met"))),
    *((SRDI, "P2-debt", {"total_assets_y1": "1000.00", "total_liabilities_y1": n}, s) for n, s in (
        ("800.00", "met"), ("800.01", "not-met"), ("0", "met"))),
    *((SRDI, "P2-debt", {"total_assets_y1": n}, "not-met") for n in ("0", "-1")),
    *((SRDI, "P3", {"rd_expense_y1": n, "revenue_y1": "3333.33"}, s) for n, s in (("100.00", "met"), ("99.99", "not-met"))),
    *((SRDI, "P3", {"rd_expense_y2": n, "revenue_y2": "3333.33"}, s) for n, s in (("100.00", "met"), ("99.99", "not-met"))),
    *((SRDI, "P3", {"rd_expense_y2": "300.00", "revenue_y2": n}, s) for n, s in (
        ("10000.00", "met"), ("10000.01", "not-met"), ("0", "not-met"), ("-5", "not-met"))),
    *((SRDI, "P4", {"ip_class1_with_benefit": n}, s) for n, s in ((1, "met"), (0, "not-met"))),
    *((SRDI, "P4", {"ip_class1_with_benefit": 0, field: n}, s) for field, n, s in (
        ("provincial_award_rank_3y", 3, "met"), ("provincial_award_rank_3y", 4, "not-met"),
        ("national_award_rank_3y", 3, "met"), ("national_award_rank_3y", 4, "not-met"),
        ("rd_institution_level", "provincial", "met"), ("rd_institution_level", "city", "not-met"))),
    *((SRDI, "P5", {"P5": n}, s) for n, s in ((1, "met"), (0, "not-met"))),
    *((SRDI, "P6", {"development_score_y0": n}, s) for n, s in (
        ("50.00", "met"), ("49.99", "not-met"), ("0", "not-met"), (..., "open"))),
    *((GIANT26, "G2-revenue", {"revenue_y1": n}, s) for n, s in (("5000.00", "met"), ("4999.99", "not-met"), ("-1", "not-met"))),
    *((GIANT26, "G2-main", {"revenue_y1": "10000.00", "main_revenue_y1": n}, s) for n, s in (
        ("9000.00", "met"), ("8999.99", "not-met"))),
    *((GIANT26, "G2-growth", {"revenue_y1": n, "revenue_y3": "10000.00"}, s) for n, s in (
        ("11025.00", "met"), ("11024.99", "not-met"), ("11025.01", "met"), ("0.00", "not-met"), ("-1", "not-met"), (..., "open"))),
    *((GIANT26, "G2-growth", {"revenue_y3": n}, "not-met") for n in ("0", "-1")),
    *((GIANT26, "G2-debt", {"total_assets_y1": "1000.00", "total_liabilities_y1": n}, s) for n, s in (
        ("750.00", "met"), ("750.01", "not-met"))),
    *((GIANT26, "G3-amount", {"rd_expense_y1": n, "rd_expense_y2": "600.00"}, s) for n, s in (
        ("600.00", "met"), ("599.99", "not-met"), (..., "open"))),
    *((GIANT26, "G3", {"rd_expense_y1": "300.00", "rd_expense_y2": "900.00", "revenue_y1": n}, s) for n, s in (
        ("10000.00", "met"), ("10000.01", "not-met"))),
    *((GIANT26, "G4", {"ip_class1_with_benefit": n, "national_award_rank_3y": rank}, s) for n, rank, s in (
        (4, 0, "met"), (3, 0, "not-met"), (0, 3, "met"), (0, 4, "not-met"))),
    *((GIANT26, "G5", {"market_share": n, "market_rank": rank}, s) for n, rank, s in (
        ("10.00", 0, "met"), ("9.99", 0, "not-met"), ("9.99", 3, "met"), ("9.99", 4, "not-met"), (..., 1, "met"))),
    *((GIANT26, "G6", {"product_domain": n}, s) for n, s in (
        ("upgrading", "met"), ("emerging", "met"), ("future", "met"), ("none", "not-met"), ("other", "open"))),
    (GIANT26, "G6", {"chain_key_link": False}, "not-met"),
    *((GIANT26, "G7", {"development_score_y0": n}, s) for n, s in (("60.00", "met"), ("59.99", "not-met"), ("60.001", "open"))),
    *((pack, name, {field: True}, "not-met") for pack in (GIANT22, GIANT26) for name, field in (
        ("no-champion", "manufacturing_champion"), ("no-control", "control_relation_with_giant"),
        ("no-like-products", "group_giant_like_products"), ("no-incident", "serious_incident_3y"))),
    *((GIANT22, "Z1", {"market_years": n}, s) for n, s in ((3, "met"), (2, "not-met"))),
    *((GIANT22, "Z2", {"revenue_y1": "10000.00", "main_revenue_y1": n}, s) for n, s in (
        ("7000.00", "met"), ("6999.99", "not-met"))),
    *((GIANT22, "Z3", {"main_revenue_y1": n, "main_revenue_y2": "1000.00", "main_revenue_y3": "1000.00"}, s) for n, s in (
        ("1100.00", "met"), ("1099.99", "not-met"))),
    *((GIANT22, "Z3", {"main_revenue_y3": n}, "not-met") for n in ("0", "-1")),
    *((GIANT22, "J1", {"information_systems": n}, s) for n, s in ((["management"], "met"), (["none"], "not-met"), ([], "open"))),
    *((GIANT22, "J2", {"management_certifications": ["none"], "developed_country_certification": n}, s) for n, s in (
        (True, "met"), (False, "not-met"))),
    *((GIANT22, "J3", {"total_assets_y1": "1000.00", "total_liabilities_y1": n}, s) for n, s in (
        ("700.00", "met"), ("700.01", "not-met"))),
    *((GIANT22, "T1", {"market_share": n}, s) for n, s in (("10.00", "met"), ("9.99", "not-met"))),
    (GIANT22, "T2", {"own_brand": False}, "not-met"),
    (GIANT22, "L1", {"chain_key_link": False}, "not-met"),
    (GIANT22, "H1", {"product_domain": "none"}, "not-met"),
    (GIANT22, "srdi-title", {"srdi_title_valid": False}, "not-met"),
]  # fmt: skip


@pytest.mark.parametrize(("pack", "name", "changes", "state"), BOUNDS)
def test_a_condition_at_its_bound(pack: str, name: str, changes: dict[str, Any], state: str) -> None:
    assert part(run(pack, changes), name).state == state


THREE, SIX = {"rd_expense_y2": "330.00"}, {"rd_expense_y2": "660.00"}
EQUITY = {"new_equity_2y": "8000.00", "rd_expense_y1": "1500.00", "rd_expense_y2": "1500.00", "rd_staff": 100}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        (THREE | {"revenue_y1": "10000.00", "rd_expense_y1": "300.00"}, "met"),
        (THREE | {"revenue_y1": "10000.00", "rd_expense_y1": "299.99"}, "not-met"),
        ({"rd_expense_y2": "329.99", "revenue_y1": "10000.00", "rd_expense_y1": "300.00"}, "not-met"),
        (THREE | {"revenue_y1": "9999.99", "rd_expense_y1": "300.00"}, "not-met"),
        (SIX | {"revenue_y1": "9999.99", "rd_expense_y1": "600.00"}, "met"),
        (SIX | {"revenue_y1": "9999.99", "rd_expense_y1": "599.99"}, "not-met"),
        (SIX | {"revenue_y1": "5000.00", "rd_expense_y1": "300.00"}, "met"),
        (SIX | {"revenue_y1": "4999.99", "rd_expense_y1": "300.00"}, "not-met"),
        (EQUITY | {"revenue_y1": "4999.99"}, "met"),
        (EQUITY | {"revenue_y1": "0.00"}, "met"),
        (EQUITY | {"revenue_y1": "4999.99", "new_equity_2y": "7999.99"}, "not-met"),
        (EQUITY | {"revenue_y1": "4999.99", "rd_expense_y1": "1499.99"}, "not-met"),
        (EQUITY | {"revenue_y1": "4999.99", "rd_staff": 99}, "not-met"),
        ({"ip_class1_with_benefit": 2}, "met"),
        ({"ip_class1_with_benefit": 1}, "not-met"),
        ({"ip_class1_with_benefit": 1, "national_award_rank_3y": 3}, "met"),
        ({"ip_class1_with_benefit": 1, "national_award_rank_3y": 4}, "not-met"),
        ({"ip_class1_with_benefit": 1, "maker_contest_top50_3y": True}, "met"),
        ({"rd_bodies": ["none"]}, "not-met"),
        ({"rd_bodies": ["postdoctoral"]}, "met"),
        ({"revenue_y1": ...}, "open"),
    ],
)
def test_innovation_of_a_giant_of_2022(changes: dict[str, Any], state: str) -> None:
    assert part(run(GIANT22, changes), "X1").state == state


def test_compound_growth_is_exact_and_says_what_is_missing() -> None:
    short = part(run(GIANT26, {"revenue_y1": "11024.99", "revenue_y3": "10000.00"}), "G2-growth")
    assert short.value_text == "年均约4.9999%（合计增长10.2499%）" and short.gap == "0.0001个百分点"
    assert short.required == "不低于5%" and short.value is None
    ruined = part(run(GIANT26, {"revenue_y1": "-1.00", "revenue_y3": "10000.00"}), "G2-growth")
    assert (ruined.value_text, ruined.gap) == ("合计增长-100.01%", None)
    none = part(run(GIANT26, {"revenue_y3": "0.00"}), "G2-growth")
    assert "基期数为零" in (none.reason or "")


def test_an_upper_bound_that_is_not_included_says_so() -> None:
    small = part(run(GIANT22, {"revenue_y1": "5000.00"}), "上年度营业收入总额不足5000万元")
    assert (small.state, small.required) == ("not-met", "低于5000万元")
    middle = part(run(GIANT22, {"revenue_y1": "12000.00"}), "上年度营业收入总额5000万元以上、不足1亿元")
    assert (middle.required, middle.gap) == ("不低于5000万元且低于10000万元", "2000万元")


def test_marks_of_what_is_recalled_are_told_with_the_result() -> None:
    assert run(GIANT22, {}).uncertain == (
        "近2年主营业务收入平均增长率不低于5%",
        "研发投入总额3000万元以上",
        "近三年进入“创客中国”中小企业创新创业大赛全国50强企业组名单",
        packs()[GIANT22].gates[-1].label,
    )


def test_the_growth_tier_of_xiamen_is_a_judgement_and_nothing_else() -> None:
    pack = packs()["growth@350200"]
    assert evaluate(pack, {}, None, {}).verdict == "open"
    assert [evaluate(pack, {}, None, {"growth-standard": Decimal(n)}).verdict for n in (0, 1)] == ["fail", "pass"]

"""Every ladder of the 2022 packs at its borders, below, above, missing, zero and negative; floors, gates, verdicts."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.assessment.domain.rules import evaluate
from tests.unit.assessment.samples import INNOVATIVE, SRDI, indicator, innovative, pack, srdi

# Each row: indicator, the changes that put its value just there, points (《优质中小企业梯度培育管理暂行办法》附件1).
INNOVATIVE_ROWS = [
    ("I1", {"ip_class1_high_value": 1}, "20"),
    ("I1", {"ip_class1_high_value": 0, "ip_class1_self_developed": 1}, "15"),
    ("I1", {"ip_class1_self_developed": 0, "ip_class1": 1}, "10"),
    ("I1", {"ip_class1_self_developed": 0, "ip_class1": 0, "ip_class2": 1}, "5"),
    ("I1", {"ip_class1_self_developed": 0, "ip_class1": 0, "ip_class2": 0}, "0"),
    ("I2", {"rd_expense_y1": "50.00", "revenue_y1": "1000.00"}, "20"),
    ("I2", {"rd_expense_y1": "49.99", "revenue_y1": "1000.00"}, "15"),
    ("I2", {"rd_expense_y1": "30.00", "revenue_y1": "1000.00"}, "15"),
    ("I2", {"rd_expense_y1": "29.99", "revenue_y1": "1000.00"}, "10"),
    ("I2", {"rd_expense_y1": "20.00", "revenue_y1": "1000.00"}, "10"),
    ("I2", {"rd_expense_y1": "19.99", "revenue_y1": "1000.00"}, "5"),
    ("I2", {"rd_expense_y1": "10.00", "revenue_y1": "1000.00"}, "5"),
    ("I2", {"rd_expense_y1": "9.99", "revenue_y1": "1000.00"}, "0"),
    ("I2", {"rd_expense_y1": "0.00", "revenue_y1": "1000.00"}, "0"),
    ("I3", {"main_revenue_y1": "1.15", "main_revenue_y2": "1.00"}, "20"),
    ("I3", {"main_revenue_y1": "1149.99", "main_revenue_y2": "1000.00"}, "15"),
    ("I3", {"main_revenue_y1": "1.10", "main_revenue_y2": "1.00"}, "15"),
    ("I3", {"main_revenue_y1": "1099.99", "main_revenue_y2": "1000.00"}, "10"),
    ("I3", {"main_revenue_y1": "1.05", "main_revenue_y2": "1.00"}, "10"),
    ("I3", {"main_revenue_y1": "1049.99", "main_revenue_y2": "1000.00"}, "5"),
    ("I3", {"main_revenue_y1": "1000.00", "main_revenue_y2": "1000.00"}, "5"),
    ("I3", {"main_revenue_y1": "999.99", "main_revenue_y2": "1000.00"}, "0"),
    ("I4", {"total_liabilities_y1": "550.00", "total_assets_y1": "1000.00"}, "10"),
    ("I4", {"total_liabilities_y1": "550.01", "total_assets_y1": "1000.00"}, "5"),
    ("I4", {"total_liabilities_y1": "750.00", "total_assets_y1": "1000.00"}, "5"),
    ("I4", {"total_liabilities_y1": "750.01", "total_assets_y1": "1000.00"}, "0"),
    ("I4", {"total_liabilities_y1": "0.00", "total_assets_y1": "1000.00"}, "10"),
    ("I5", {"strategic_emerging": True}, "10"),
    ("I5", {"strategic_emerging": False}, "5"),
    ("I6", {"main_revenue_y1": "700.00", "revenue_y1": "1000.00"}, "20"),
    ("I6", {"main_revenue_y1": "699.99", "revenue_y1": "1000.00"}, "15"),
    ("I6", {"main_revenue_y1": "600.00", "revenue_y1": "1000.00"}, "15"),
    ("I6", {"main_revenue_y1": "599.99", "revenue_y1": "1000.00"}, "10"),
    ("I6", {"main_revenue_y1": "550.00", "revenue_y1": "1000.00"}, "10"),
    ("I6", {"main_revenue_y1": "549.99", "revenue_y1": "1000.00"}, "5"),
    ("I6", {"main_revenue_y1": "500.00", "revenue_y1": "1000.00"}, "5"),
    ("I6", {"main_revenue_y1": "499.99", "revenue_y1": "1000.00"}, "0"),
]

NO_IP = {"ip_class1_high_value": 0, "ip_class1_self_developed": 0, "ip_class1": 0, "ip_class2": 0}
SMALL_RD = {"revenue_y1": "1000000.00"}

# 附件2
SRDI_ROWS = [
    ("S1", {"main_revenue_y1": "800.00", "revenue_y1": "1000.00"}, "5"),
    ("S1", {"main_revenue_y1": "799.99", "revenue_y1": "1000.00"}, "3"),
    ("S1", {"main_revenue_y1": "700.00", "revenue_y1": "1000.00"}, "3"),
    ("S1", {"main_revenue_y1": "699.99", "revenue_y1": "1000.00"}, "1"),
    ("S1", {"main_revenue_y1": "600.00", "revenue_y1": "1000.00"}, "1"),
    ("S1", {"main_revenue_y1": "599.99", "revenue_y1": "1000.00"}, "0"),
    ("S2", {"main_revenue_y1": "121.00", "main_revenue_y2": "110.00", "main_revenue_y3": "100.00"}, "10"),
    ("S2", {"main_revenue_y1": "120.99", "main_revenue_y2": "110.00", "main_revenue_y3": "100.00"}, "8"),
    ("S2", {"main_revenue_y1": "116.00", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "8"),
    ("S2", {"main_revenue_y1": "115.99", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "6"),
    ("S2", {"main_revenue_y1": "112.00", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "6"),
    ("S2", {"main_revenue_y1": "111.99", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "4"),
    ("S2", {"main_revenue_y1": "108.00", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "4"),
    ("S2", {"main_revenue_y1": "107.99", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "2"),
    ("S2", {"main_revenue_y1": "100.00", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "2"),
    ("S2", {"main_revenue_y1": "99.99", "main_revenue_y2": "100.00", "main_revenue_y3": "100.00"}, "0"),
    *(("S3", {"market_years": years}, str(min(years // 2, 5))) for years in range(13)),
    ("S4", {"main_product_field": "chain_gap"}, "5"),
    ("S4", {"main_product_field": "industrial_base"}, "3"),
    ("S4", {"main_product_field": "none"}, "0"),
    *(("S5", {"level": level}, points) for level, points in ((4, "5"), (3, "5"), (2, "3"), (1, "0"), (0, "0"))),
    ("S6", {"own_brand": False, "management_certifications": ["none"]}, "0"),
    ("S6", {"own_brand": True, "management_certifications": ["iso14001"]}, "3"),
    ("S6", {"own_brand": True, "management_certifications": ["iso9001"]}, "5"),
    ("S6", {"quality_award": True, "standards_participated": True}, "5"),
    ("S7", {"net_profit_y1": "100.00", "revenue_y1": "1000.00"}, "10"),
    ("S7", {"net_profit_y1": "99.99", "revenue_y1": "1000.00"}, "8"),
    ("S7", {"net_profit_y1": "80.00", "revenue_y1": "1000.00"}, "8"),
    ("S7", {"net_profit_y1": "79.99", "revenue_y1": "1000.00"}, "6"),
    ("S7", {"net_profit_y1": "60.00", "revenue_y1": "1000.00"}, "6"),
    ("S7", {"net_profit_y1": "59.99", "revenue_y1": "1000.00"}, "4"),
    ("S7", {"net_profit_y1": "40.00", "revenue_y1": "1000.00"}, "4"),
    ("S7", {"net_profit_y1": "39.99", "revenue_y1": "1000.00"}, "2"),
    ("S7", {"net_profit_y1": "20.00", "revenue_y1": "1000.00"}, "2"),
    ("S7", {"net_profit_y1": "19.99", "revenue_y1": "1000.00"}, "0"),
    ("S7", {"net_profit_y1": "-5.00", "revenue_y1": "1000.00"}, "0"),
    ("S8", {"total_liabilities_y1": "500.00", "total_assets_y1": "1000.00"}, "5"),
    ("S8", {"total_liabilities_y1": "500.01", "total_assets_y1": "1000.00"}, "3"),
    ("S8", {"total_liabilities_y1": "600.00", "total_assets_y1": "1000.00"}, "3"),
    ("S8", {"total_liabilities_y1": "600.01", "total_assets_y1": "1000.00"}, "1"),
    ("S8", {"total_liabilities_y1": "700.00", "total_assets_y1": "1000.00"}, "1"),
    ("S8", {"total_liabilities_y1": "700.01", "total_assets_y1": "1000.00"}, "0"),
    ("S9", {"feature": "0"}, "0"),
    ("S9", {"feature": "7.5"}, "7.5"),
    ("S9", {"feature": "15"}, "15"),
    ("S10", {"ip_class1_high_value": 1}, "10"),
    ("S10", {"ip_class1_self_developed": 1}, "8"),
    ("S10", {"ip_class1_self_developed": 0, "ip_class1": 1}, "6"),
    ("S10", NO_IP | {"ip_class2": 1}, "2"),
    ("S10", NO_IP, "0"),
    *(
        ("S11", SMALL_RD | {"rd_expense_y1": amount}, points)
        for amount, points in (
            ("500.00", "10"), ("499.99", "8"), ("400.00", "8"), ("399.99", "6"), ("300.00", "6"), ("299.99", "4"),
            ("200.00", "4"), ("199.99", "2"), ("100.00", "2"), ("99.99", "0"),
        )
    ),
    *(
        ("S11", {"revenue_y1": "900.00", "rd_expense_y1": amount}, points)
        for amount, points in (
            ("90.00", "10"), ("89.99", "8"), ("72.00", "8"), ("71.99", "6"), ("54.00", "6"), ("53.99", "4"),
            ("36.00", "4"), ("35.99", "2"), ("27.00", "2"), ("26.99", "0"),
        )
    ),
    ("S12", {"rd_staff": 20, "staff_total": 100}, "5"),
    ("S12", {"rd_staff": 19, "staff_total": 100}, "3"),
    ("S12", {"rd_staff": 10, "staff_total": 100}, "3"),
    ("S12", {"rd_staff": 9, "staff_total": 100}, "1"),
    ("S12", {"rd_staff": 5, "staff_total": 100}, "1"),
    ("S12", {"rd_staff": 4, "staff_total": 100}, "0"),
    *(
        ("S13", {"rd_institution_level": level}, points)
        for level, points in (
            ("national", "10"), ("provincial", "8"), ("city", "4"), ("below_city", "2"), ("none", "0"),
        )
    ),
]  # fmt: skip

NO_DENOMINATOR = [
    ("I2", "revenue_y1", "0.00", "分母为零"),
    ("I2", "revenue_y1", "-1.00", "分母为负数"),
    ("I3", "main_revenue_y2", "0.00", "基期数为零"),
    ("I3", "main_revenue_y2", "-1.00", "基期数为负数"),
    ("I4", "total_assets_y1", "0.00", "分母为零"),
    ("I4", "total_assets_y1", "-1.00", "分母为负数"),
    ("I6", "revenue_y1", "0.00", "分母为零"),
    ("S2", "main_revenue_y2", "0.00", "基期数为零"),
    ("S2", "main_revenue_y3", "-1.00", "基期数为负数"),
    ("S7", "revenue_y1", "0.00", "分母为零"),
    ("S8", "total_assets_y1", "0.00", "分母为零"),
    ("S12", "staff_total", 0, "分母为零"),
]


def score(name: str, changes: dict[str, object]):
    return (innovative if name.startswith("I") else srdi)(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "changes", "points"), INNOVATIVE_ROWS + SRDI_ROWS)
def test_a_value_earns_the_points_of_its_band_and_of_the_better_one_on_the_border(name, changes, points) -> None:
    one = indicator(score(name, changes), name)
    assert (one.state, one.points, one.low, one.high) == ("computed", points, points, points)


@pytest.mark.parametrize(("name", "field", "value", "reason"), NO_DENOMINATOR)
def test_without_a_denominator_an_indicator_has_the_lowest_points_and_says_why(name, field, value, reason) -> None:
    one = indicator(score(name, {field: value}), name)
    assert (one.state, one.points) == ("computed", "0")
    assert reason in (one.reason or "")


@pytest.mark.parametrize("value", [..., None, "", "abc", "1.005", "1e400", "NaN", True, [], "9" * 30])
def test_a_missing_or_senseless_input_is_named_and_never_raises(value) -> None:
    one = indicator(innovative(rd_expense_y1=value), "I2")
    assert (one.state, one.points, one.low, one.high) == ("missing", None, "0", "20")
    assert "上年度研发费用总额" in (one.reason or "")


def test_a_number_counts_the_same_however_it_is_written() -> None:
    for value in ("150.00", "150", 150, 150.0, Decimal("150.0")):
        assert innovative(rd_expense_y1=value) == innovative()


def test_an_indicator_shows_inputs_formula_step_and_what_the_next_step_lacks() -> None:
    one = indicator(innovative(rd_expense_y1="29.99", revenue_y1="1000.00"), "I2")
    assert one.formula == "上年度研发费用总额 ÷ 上年度营业收入总额"
    assert [(shown.field, shown.value) for shown in one.inputs] == [
        ("rd_expense_y1", "29.99万元"),
        ("revenue_y1", "1000万元"),
    ]
    assert (one.value, one.value_text, one.step) == ("2.999", "2.999%", "2%（含）至3%（不含）")
    assert one.next_step is not None
    assert (one.next_step.points, one.next_step.gap) == ("15", "0.001个百分点")
    assert one.clause.startswith("附件1") and one.evidence == ("audit_reports",)


def test_the_better_of_amount_and_ratio_counts_and_both_are_shown() -> None:
    one = indicator(srdi(rd_expense_y1="150.00", revenue_y1="1500.00"), "S11")
    assert one.points == "10"
    assert [(part.label, part.points) for part in one.parts] == [
        ("研发费用总额", "2"),
        ("研发费用占营业收入总额比重", "10"),
    ]


def test_the_amount_alone_decides_when_the_ratio_has_no_value() -> None:
    assert indicator(srdi(rd_expense_y1="500.00", revenue_y1="0.00"), "S11").points == "10"


def test_the_whole_form_passes_and_adds_up() -> None:
    result = innovative()
    assert (result.low, result.high, result.max, result.verdict) == ("90", "90", "100", "pass")
    assert {group.id: group.low for group in result.groups} == {
        "innovation": "35",
        "growth": "25",
        "specialisation": "30",
    }


@pytest.mark.parametrize(
    ("changes", "group"),
    [
        (NO_IP | {"rd_expense_y1": "100.00"}, "innovation"),
        ({"main_revenue_y2": "2700.00", "total_liabilities_y1": "2500.00"}, "growth"),
        (
            {
                "strategic_emerging": False,
                "revenue_y1": "5390.00",
                "main_revenue_y1": "2700.00",
                "rd_expense_y1": "300.00",
            },
            "specialisation",
        ),
    ],
)
def test_a_group_below_its_floor_fails_though_the_total_reaches_sixty(changes, group) -> None:
    result = innovative(**changes)
    assert next(one for one in result.groups if one.id == group).state == "not-met"
    assert result.verdict == "fail"


@pytest.mark.parametrize(
    "changes",
    [
        {"science_award_3y": True},
        *(
            {"valid_honours": [honour]}
            for honour in ("high_tech", "tech_demonstration", "ip_advantage", "ip_demonstration")
        ),
        {"rd_institution_level": "provincial"},
        {"rd_institution_level": "national"},
        {"new_equity_3y": "500.00"},
    ],
)
def test_one_direct_condition_passes_without_the_score(changes) -> None:
    poor = NO_IP | {"rd_expense_y1": "0.00"}
    assert innovative(**poor).verdict == "fail"
    assert innovative(**poor, **changes).verdict == "pass"


def test_new_equity_just_below_the_bound_says_how_much_is_missing() -> None:
    condition = next(one for one in innovative(new_equity_3y="499.99").direct if one.id == "D4")
    assert (condition.state, condition.gap, condition.required) == ("not-met", "0.01万元", "不低于500万元")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_person", False),
        ("enterprise_size", "大型"),
        ("abnormal_or_dishonest", True),
        ("restricted_product", True),
        ("serious_incident_3y", True),
    ],
)
def test_a_gate_that_is_not_met_fails_whatever_the_score(field, value) -> None:
    assert innovative(**{field: value}).verdict == "fail"
    assert srdi(feature="15", **{field: value}).verdict == "fail"


@pytest.mark.parametrize(
    ("changes", "gate", "state"),
    [
        ({"market_years": 2}, "C1", "met"),
        ({"market_years": 1}, "C1", "not-met"),
        ({"rd_expense_y1": "100.00", "revenue_y1": "3333.33"}, "C2", "met"),
        ({"rd_expense_y1": "100.00", "revenue_y1": "3333.34"}, "C2", "not-met"),
        ({"rd_expense_y1": "99.99", "revenue_y1": "1000.00"}, "C2", "not-met"),
        ({"revenue_y1": "1000.00"}, "C3", "met"),
        ({"revenue_y1": "999.99"}, "C3", "not-met"),
        ({"revenue_y1": "999.99", "new_equity_2y": "2000.00"}, "C3", "met"),
        ({"revenue_y1": "999.99", "new_equity_2y": "1999.99"}, "C3", "not-met"),
        ({"revenue_y1": "1000.00", "new_equity_2y": ...}, "C3", "met"),
        ({"revenue_y1": "999.99", "new_equity_2y": ...}, "C3", "open"),
        ({"rd_expense_y1": "99.99", "revenue_y1": ...}, "C2", "not-met"),
        ({"revenue_y1": "0.00"}, "C2", "not-met"),
    ],
)
def test_a_condition_of_recognition_at_its_bounds(changes, gate, state) -> None:
    assert next(one for one in srdi(**changes).gates if one.id == gate).state == state


@pytest.mark.parametrize(
    ("changes", "condition", "state"),
    [
        ({"provincial_award_rank_3y": 3}, "DC1", "met"),
        ({"provincial_award_rank_3y": 4}, "DC1", "not-met"),
        ({"national_award_rank_3y": 5}, "DC1", "met"),
        ({"national_award_rank_3y": 6}, "DC1", "not-met"),
        ({"rd_expense_y1": "1500.00", "rd_expense_y2": "500.00"}, "DC2", "met"),
        ({"rd_expense_y1": "1500.00", "rd_expense_y2": "499.99"}, "DC2", "not-met"),
        ({"new_equity_2y": "6000.00"}, "DC3", "met"),
        ({"new_equity_2y": "5999.99"}, "DC3", "not-met"),
        ({"maker_contest_top500_3y": True}, "DC4", "met"),
    ],
)
def test_a_direct_condition_at_its_bounds(changes, condition, state) -> None:
    assert next(one for one in srdi(**changes).direct if one.id == condition).state == state


def test_until_the_authority_has_judged_the_total_is_a_range() -> None:
    result = srdi()
    assert (result.low, result.high, result.verdict) == ("63", "78", "pass")
    assert indicator(result, "S9").state == "awaiting-authority"
    assert srdi(feature="9").low == srdi(feature="9").high == "72"


def test_the_judgement_decides_when_sixty_lies_inside_the_range() -> None:
    short = {"rd_institution_level": "none"}
    assert srdi(**short).verdict == "open"
    assert srdi(feature="0.99", **short).verdict == "fail"
    assert srdi(feature="1", **short).verdict == "pass"


@pytest.mark.parametrize("entered", ["15.01", "-0.01", "NaN", "Infinity"])
def test_a_judgement_outside_its_bounds_does_not_count(entered) -> None:
    one = indicator(srdi(feature=entered), "S9")
    assert (one.state, one.reason) == ("awaiting-authority", "录入的得分不在允许范围内")


def test_without_an_assessment_the_digital_level_is_missing_and_the_form_cannot_claim_one() -> None:
    one = indicator(srdi(level=None, digital_level="4"), "S5")
    assert (one.state, one.high) == ("missing", "5")


def test_an_empty_form_is_open_and_says_what_to_fill() -> None:
    result = evaluate(pack("srdi-2022-63"), {}, None, {})
    assert (result.low, result.high, result.verdict) == ("0", "100", "open")
    assert all(one.reason for one in result.indicators)


def test_what_is_marked_uncertain_is_listed() -> None:
    assert srdi().uncertain == ("近2年主营业务收入平均增长率", "地方特色指标")


amounts = st.decimals(min_value="-50", max_value="2000", places=2)
wild = st.one_of(
    st.none(), st.booleans(), st.integers(), st.decimals(), st.text(max_size=8), st.lists(st.text(max_size=8))
)


@given(low=st.decimals(0, 2000, places=2), more=st.decimals(0, 2000, places=2), revenue=amounts)
def test_more_research_spending_never_lowers_a_score(low: Decimal, more: Decimal, revenue: Decimal) -> None:
    for run in (innovative, srdi):
        before = run(rd_expense_y1=str(low), revenue_y1=str(revenue))
        after = run(rd_expense_y1=str(low + more), revenue_y1=str(revenue))
        assert Decimal(after.low) >= Decimal(before.low)


@settings(max_examples=200)
@given(
    form=st.fixed_dictionaries({}, optional=dict.fromkeys(SRDI, wild)),
    name=st.sampled_from(["innovative-2022-63", "srdi-2022-63"]),
    level=st.sampled_from([None, 0, 1, 2, 3, 4, "none", "9"]),
)
def test_whatever_a_form_holds_the_total_stays_within_its_range(form, name, level) -> None:
    result = evaluate(pack(name), form, level, {})
    assert 0 <= Decimal(result.low) <= Decimal(result.high) <= Decimal(result.max) == 100


@given(kept=st.sets(st.sampled_from(sorted(SRDI))), level=st.sampled_from([None, 3]))
def test_filling_in_more_only_narrows_the_range(kept, level) -> None:
    part = evaluate(pack("srdi-2022-63"), {name: SRDI[name] for name in kept}, level, {})
    whole = srdi()
    assert Decimal(part.low) <= Decimal(whole.low) <= Decimal(whole.high) <= Decimal(part.high)
    if part.verdict != "open":
        assert part.verdict == whole.verdict


@given(st.permutations(sorted(INNOVATIVE)))
def test_the_order_of_fields_does_not_matter(order) -> None:
    form = {name: INNOVATIVE[name] for name in order}
    assert evaluate(pack("innovative-2022-63"), form, None, {}) == innovative()

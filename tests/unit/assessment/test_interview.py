"""自测 by the fewest questions: what is asked decides something, what is decided is not asked, and the end is the truth."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from libs.events.decider import Policies
from services.assessment.domain.interview import BoundTier, Course, bound_tiers, course
from services.assessment.domain.interview.weights import lacking, weights_of
from services.assessment.domain.rules import evaluate
from tests.unit.assessment import kit
from tests.unit.assessment.enterprises import enterprise, good
from tests.unit.assessment.samples import INNOVATIVE

NEW_LAW, OLD_LAW = date(2026, 5, 6), date(2024, 10, 8)


BELOW: dict[str, Any] = good() | {
    "rd_expense_y1": "360.00", "rd_expense_y2": "360.00", "rd_staff": 0, "rd_institution_level": "none",
    "net_profit_y1": "480.00", "new_equity_2y": "0.00", "ip_class1_high_value": 0, "ip_class1_self_developed": 0,
    "ip_class1": 0, "ip_class2": 0,
}  # fmt: skip
"""Under the law of 2022 below 60 points, and above with those that the authority may give."""


def on(day: date, authority: str = "", *tiers: str, kind: str = "declaration") -> tuple[BoundTier, ...]:
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return bound_tiers(Policies(kit.POLICIES, at), authority, kind, tiers, day)


TODAY, THEN = on(NEW_LAW), on(OLD_LAW)


def known(names: Iterable[str], firm: dict[str, Any], level: int | None) -> tuple[dict[str, Any], int | None]:
    """What a firm has said after these questions."""
    said = [name for name in names if name != "digital_level"]
    return {name: firm[name] for name in said}, level if "digital_level" in names else None


def interview(tiers: tuple[BoundTier, ...], firm: dict[str, Any], level: int) -> tuple[list[str], Course]:
    asked: list[str] = []
    while True:
        at = course(tiers, *known(asked, firm, level))
        if at.question is None:
            return asked, at
        assert at.question.field not in asked
        asked.append(at.question.field)


def firms(seed: int, many: int) -> Iterator[tuple[dict[str, Any], int]]:
    """With answers that every pack offers."""
    random, fields = Random(seed), {name for one in (*TODAY, *THEN) for name in one.pack.inputs} - {"product_domain"}
    for _ in range(many):
        form, level, _ = enterprise(random, "", fields)
        yield form, level


def test_the_packs_are_those_that_bind_a_window_of_today() -> None:
    assert [one.pack.id for one in TODAY] == ["innovative@2022-63", "tech@2017-115", "srdi@2026-2", "giant@2026-2"]
    assert [one.pack.id for one in THEN] == ["innovative@2022-63", "srdi@2022-63", "giant@2022-63"]
    assert [one.pack.id for one in on(OLD_LAW, "370000", "srdi")] == ["srdi@2022-63+370000"]
    assert [one.pack.id for one in on(NEW_LAW, "350200")][-1] == "growth@350200"
    assert [one.pack.id for one in on(NEW_LAW, "", "giant", kind="re_review")] == ["giant@2022-63"]
    assert on(date(2020, 1, 1)) == () and on(NEW_LAW, "", "luck") == ()


@pytest.mark.parametrize("tiers", [TODAY, THEN], ids=["2026", "2022"])
def test_at_the_end_each_tier_is_what_the_whole_form_says(tiers: tuple[BoundTier, ...]) -> None:
    """Also where most of the form was never asked: nothing that was left out could change it."""
    ends = set()
    for firm, level in firms(7, 8):
        asked, at = interview(tiers, firm, level)
        for one, end in zip(tiers, at.standings, strict=True):
            full = evaluate(one.pack, firm, level, {}).verdict
            assert end.outlook == {"pass": "met", "fail": "excluded", "open": "possible"}[full], (one.tier, asked)
            assert (end.left, bool(end.failing)) == (0, full == "fail")
            assert bool(end.waits) == (full == "open")
            ends.add((one.tier, full))
    assert len(ends) > len(tiers), "the firms differ"


def test_it_asks_fewer_questions_than_the_order_of_the_packs_would() -> None:
    """The same firms, asked in the packs' own order, and stopped as soon as nothing is left to decide."""
    fields = list(dict.fromkeys(name for one in TODAY for name in one.pack.inputs))
    ours, theirs = [], []
    for firm, level in firms(11, 8):
        ours.append(len(interview(TODAY, firm, level)[0]))
        asked: list[str] = []
        while len(asked) < len(fields):
            waiting = {n for one in TODAY for n in lacking(evaluate(one.pack, *known(asked, firm, level), {}))}
            if not waiting:
                break
            asked.append(next(name for name in fields if name in waiting))
        theirs.append(len(asked))
    assert max(ours) < len(fields) and sum(ours) < sum(theirs)


def test_whoever_is_no_legal_person_hears_it_at_once_and_is_asked_nothing_about_those_tiers_again() -> None:
    firm = good() | {"legal_person": False}
    asked, at = interview(TODAY, firm, 3)
    outlook = {one.tier: one for one in at.standings}
    assert [outlook[tier].outlook for tier in ("innovative", "srdi", "giant")] == ["excluded"] * 3
    assert outlook["tech"].outlook == "met", "115号 asks whether it is resident"
    assert "development_score_y0" not in asked and "market_share" not in asked
    assert [one.id for one in outlook["giant"].failing] == ["legal-person"]


def test_what_excludes_a_tier_says_by_how_much() -> None:
    small = {"revenue_y1": "900.00", "main_revenue_y1": "700.00", "new_equity_2y": "0.00"}
    at = course(TODAY, small, None)
    failing = {one.tier: {f.id: f for f in one.failing} for one in at.standings}
    revenue = failing["srdi"]["P2-revenue"]
    assert (revenue.required, revenue.value, revenue.gap) == ("不低于1500万元", "900万元", "600万元")
    assert failing["srdi"]["P2-equity"].gap == "2000万元", "the other way of the same gate"
    assert failing["giant"]["G2-revenue"].gap == "4100万元" and failing["giant"]["G2-revenue"].clause == "附件2（二）"
    assert {one.outlook for one in at.standings if one.tier in ("innovative", "tech")} == {"possible"}


def test_a_score_out_of_reach_says_what_is_the_most_and_what_is_short() -> None:
    poor = dict(INNOVATIVE) | {
        "ip_class1": 0, "ip_class1_self_developed": 0, "ip_class2": 0, "rd_expense_y1": "1.00", "main_revenue_y1": "1.00",
        "total_liabilities_y1": "3999.00",
    }  # fmt: skip
    (at,) = course(on(NEW_LAW, "", "innovative"), poor, None).standings
    by_id = {one.id: one for one in at.failing}
    assert at.outlook == "excluded" and at.high is not None
    assert by_id["score"].required == "不低于60分" and by_id["score"].value == f"最高{at.high}分"
    assert Fraction(by_id["score"].gap.removesuffix("分")) == 60 - Fraction(at.high)  # type: ignore[union-attr]
    assert by_id["innovation"].required == "不低于20分" and "直通" in (by_id["innovation"].reason or "")


def test_a_group_that_may_not_be_nothing_says_so() -> None:
    without = good() | {"tech_staff": 0}
    (at,) = course(on(NEW_LAW, "", "tech"), without, None).standings
    assert at.outlook == "excluded"
    assert [(one.required, one.value, one.gap) for one in at.failing] == [("不得为0分", "最高0分", None)]


def test_what_only_the_authority_finds_stays_possible_and_is_named() -> None:
    asked, at = interview(TODAY, good(), 3)
    srdi_ = next(one for one in at.standings if one.tier == "srdi")
    assert (srdi_.outlook, srdi_.left, srdi_.low) == ("possible", 0, None)
    assert srdi_.waits == ("主导产品在国内或国际细分市场占有率较为靠前，具有一定知名度",)
    assert len(asked) < len({name for one in TODAY for name in one.pack.inputs})
    (growth,) = on(NEW_LAW, "350200", "growth")
    found = course((growth,), {}, None)
    assert found.question is None and found.standings[0].waits


def test_documents_are_those_of_the_tiers_that_are_still_possible() -> None:
    every = {one.slot: one.tiers for one in course(TODAY, {}, None).documents}
    assert every["business_licence"] == ("innovative", "tech", "srdi", "giant")
    assert every["development_score_proof"] == ("srdi", "giant")
    left = {one.slot for one in course(TODAY, {"legal_person": False}, None).documents}
    assert left == set(TODAY[1].pack.evidence)


def test_the_digital_level_is_a_question_under_the_law_of_2022_alone() -> None:
    now, then = (interview(tiers, good(), 3)[0] for tiers in (TODAY, THEN))
    assert "digital_level" in then and "digital_level" not in now


@pytest.mark.parametrize(("said", "points"), [("3", "5"), (2, "3"), ("none", "0"), (0, "0")])
def test_the_digital_level_may_be_answered_like_any_other_question(said: Any, points: str) -> None:
    tiers = on(OLD_LAW, "", "srdi")
    by_answer = course(tiers, good() | {"digital_level": said}, None)
    assert by_answer == course(tiers, good() | {"digital_level": said}, 0 if said == "none" else int(said))
    assert by_answer.ignored == tuple(name for name in good() if name not in tiers[0].pack.inputs)
    full = evaluate(tiers[0].pack, good(), said, {})
    assert next(one.points for one in full.indicators if one.id == "S5") == points
    asked = course(tiers, BELOW | {"digital_level": "九级"}, None).question
    assert asked is not None and (asked.field, asked.reason) == ("digital_level", "不在可选项之内")


def test_an_answer_that_cannot_be_taken_is_asked_again_with_the_reason() -> None:
    at = course(on(NEW_LAW, "", "giant"), {**good(), "revenue_y1": "很多", "unheard_of": 1}, None)
    assert at.question is not None and (at.question.field, at.question.reason) == ("revenue_y1", "填写的不是数")
    assert "unheard_of" in at.ignored


# Weights: worked out by hand.


def weighed(tier: str, form: dict[str, Any], level: int | None = None, day: date = NEW_LAW) -> dict[str, Fraction]:
    (one,) = on(day, "", tier)
    return weights_of(one.pack, evaluate(one.pack, form, level, {}))


def without(*names: str, **changes: Any) -> dict[str, Any]:
    return {name: value for name, value in (good() | changes).items() if name not in names}


def test_a_demand_weighs_one_and_figures_that_it_lacks_together_share_it() -> None:
    assert weighed("giant", without("legal_person")) == {"legal_person": 1}
    both = weighed("giant", without("total_assets_y1", "total_liabilities_y1"))
    assert both == {"total_assets_y1": Fraction(1, 2), "total_liabilities_y1": Fraction(1, 2)}
    assert weighed("giant", without("total_liabilities_y1")) == {"total_liabilities_y1": 1}


def test_each_part_of_what_must_hold_together_is_a_demand_of_its_own() -> None:
    """G2: revenue alone, and as the whole of which main revenue is a part, and as what grew."""
    assert weighed("giant", without("revenue_y1"))["revenue_y1"] > 2


def test_of_alternatives_the_cheapest_is_asked_and_of_equals_the_laws_first() -> None:
    """P2: revenue of 1500, or 2000 of new equity."""
    either = weighed("srdi", without("revenue_y1", "new_equity_2y"))
    assert "new_equity_2y" not in either and "revenue_y1" in either
    small = {"revenue_y1": "1400.00", "main_revenue_y1": "1400.00"}
    assert weighed("srdi", without("new_equity_2y", **small)) == {"new_equity_2y": 1}


def test_a_score_weighs_one_and_its_indicators_share_it_by_the_points_they_leave_open() -> None:
    """专利 20, 研发 20, 领域 10 less the 5 that every field has: what is open are 20 and 5 points."""
    nothing = dict.fromkeys(("ip_class1_high_value", "ip_class1_self_developed", "ip_class1", "ip_class2"), 0)
    form = without("rd_expense_y1", "strategic_emerging", "science_award_3y", **nothing)
    form |= {"rd_institution_level": "none", "new_equity_3y": "0.00"}
    assert weighed("innovative", form) == {"rd_expense_y1": Fraction(4, 5), "strategic_emerging": Fraction(1, 5)}


def test_a_condition_that_stands_for_the_score_is_asked_when_the_score_is_out_of_reach() -> None:
    poor = {"rd_expense_y1": "0.00", "main_revenue_y1": "0.00", "rd_institution_level": "none", "new_equity_3y": "0.00"}
    assert weighed("innovative", without("science_award_3y", **poor)) == {"science_award_3y": 1}
    assert weighed("innovative", without("science_award_3y")) == {}, "the score is met"


def test_what_is_decided_weighs_nothing() -> None:
    assert weighed("giant", without("staff_total", legal_person=False)) == {}
    srdi_form = without("staff_total", maker_contest_top500_3y=True)
    assert weighed("srdi", srdi_form, 3, OLD_LAW) == {}
    open_gate = without("staff_total", "legal_person", maker_contest_top500_3y=True)
    assert weighed("srdi", open_gate, 3, OLD_LAW) == {"legal_person": 1}


def test_points_that_wait_for_the_authority_are_nobodys_question() -> None:
    """特色化 15 points: without them the score is open, and no figure can change it but a direct condition's."""
    form = dict(BELOW)
    (one,) = on(OLD_LAW, "", "srdi")
    assert (result := evaluate(one.pack, form, 3, {})).verdict == "open" and result.score_state == "open"
    assert weighed("srdi", form, 3, OLD_LAW) == {}
    form.pop("maker_contest_top500_3y")
    assert weighed("srdi", form, 3, OLD_LAW) == {"maker_contest_top500_3y": 1}
    (at,) = course(on(OLD_LAW, "", "srdi"), form, 3).standings
    assert at.waits == ("地方特色指标",) and at.left == 1

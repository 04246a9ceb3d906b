"""Small made-up rules at the borders that the shipped ones do not reach: half points, no level, empty answers."""

from fractions import Fraction
from typing import Any

import pytest

from services.assessment.domain.rules import DigitalResult, ScoreResult, assess_digital, evaluate, load_pack
from services.assessment.domain.rules.load import load_questionnaire
from services.assessment.domain.rules.numbers import shown
from tests.unit.assessment.drafts import FORM, PACK, Content, wrong
from tests.unit.assessment.samples import srdi

GOOD: Content = {"ready": True, "spent": "30.00", "before": "10.00"}


def scored(level: Any = None, content: Content = PACK, **form: object) -> ScoreResult:
    return evaluate(load_pack(content), GOOD | form, level, {})


@pytest.mark.parametrize(
    ("spent", "low", "high", "state"),
    [
        ("30.00", "5", "5", "met"),
        ("19.99", "0.5", "0.5", "met"),
        ("10.00", "0.5", "0.5", "met"),
        ("9.99", "0", "0", "not-met"),
        (None, "0", "5", "open"),
    ],
)
def test_half_a_point_is_not_nothing(spent: str | None, low: str, high: str, state: str) -> None:
    group = scored(spent=spent).groups[0]
    assert (group.low, group.high, group.state) == (low, high, state)


def test_a_group_that_may_still_reach_half_a_point_is_open() -> None:
    steps = [{"at_least": 1, "points": "0.5"}, {"below": 1, "points": 0}]
    small = wrong(wrong(PACK, "indicators[0].ladder.steps", steps), "indicators[0].max", "0.5")
    whole = wrong(wrong(small, "groups[0].max", "0.5"), "score.pass_at", 5)
    group = scored(None, whole, spent="").groups[0]
    assert (group.low, group.high, group.state) == ("0", "0.5", "open")


@pytest.mark.parametrize(
    ("level", "value", "reason", "points"),
    [
        (None, None, "尚未完成数字化水平评测", None),
        (0, "未定级", None, "1"),
        ("0", "未定级", None, "1"),
        (1, "一级", None, "3"),
        ("1", "一级", None, "3"),
        (2, None, "不在可选项之内", None),
    ],
)
def test_the_digital_level_is_assessed_or_it_is_not(level: Any, value: Any, reason: Any, points: Any) -> None:
    found = scored(level).indicators[1]
    [shown] = [one for one in found.inputs if one.field == "digital"]
    assert (shown.value, shown.reason, found.points) == (value, reason, points)


def test_the_digital_level_is_never_what_a_form_says() -> None:
    assert scored(None, digital="1").indicators[1].points is None


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("ready", None, "未填写"), ("ready", "", "未填写"), ("ready", [], "未填写"), ("ready", (), "未填写"),
        ("ready", "是", "应填写是或否"), ("ready", 0, "应填写是或否"), ("spent", "x", "填写的不是数"),
        ("spent", "1.005", "小数位数超过两位"), ("spent", True, "填写的不是数"),
    ],
)  # fmt: skip
def test_an_input_that_is_missing_says_why(field: str, value: object, reason: str) -> None:
    result = scored(1, **{field: value})
    assert {one.reason for part in result.indicators for one in part.inputs if one.field == field} == {reason}


# The growth of two years together against 5 % a year: 10.25 % is enough, anything less is not.
@pytest.mark.parametrize(
    ("spent", "state"), [("441.00", "met"), ("440.99", "not-met"), ("441.01", "met"), ("0", "not-met")]
)
def test_a_yearly_rate_is_compared_over_all_its_years(spent: str, state: str) -> None:
    assert scored(spent=spent, before="400.00").gates[1].parts[1].state == state


def answered(form: Content = FORM, **answers: object) -> DigitalResult:
    best: Content = {"q1": ["a", "b"], "q2": "a", "q3": "a", "c1": 2, "c2": 2}
    return assess_digital(load_questionnaire(form), best | answers)


@pytest.mark.parametrize(
    ("answers", "trouble"),
    [
        ({"q1": ()}, ("q1", "missing", "尚未作答")),
        ({"q1": []}, ("q1", "missing", "尚未作答")),
        ({"q2": ()}, ("q2", "missing", "尚未作答")),
        ({"q2": ("a",)}, ("q2", "one-only", "只能选择一项")),
        ({"q2": ""}, ("q2", "unknown-option", "没有这一选项")),
        ({"q2": 1}, ("q2", "one-only", "只能选择一项")),
        ({"q1": "z"}, ("q1", "unknown-option", "没有这一选项")),
        ({"q1": ["a", "z"]}, ("q1", "unknown-option", "没有这一选项")),
        ({"q1": ["a", ["b"]]}, ("q1", "unknown-option", "没有这一选项")),
        ({"q1": ("b",)}, ("q1", "presupposes", "选择“更有”须同时选择其前提各项")),
        ({"q1": ("a", "none")}, ("q1", "exclusive", "选择“无”时不能再选其他项")),
        ({"c1": 3}, ("c1", "unknown-level", "场景等级应为0至4")),
        ({"c1": False}, ("c1", "unknown-level", "场景等级应为0至4")),
        ({"c2": None}, ("c2", "missing", "尚未作答")),
        ({"z": 1}, ("z", "unknown-question", "没有这一题")),
    ],
)
def test_an_answer_that_cannot_be_taken_is_named_once(answers: Content, trouble: tuple[str, str, str]) -> None:
    result = answered(**answers)
    assert [(one.field, one.code, one.message) for one in result.troubles] == [trouble]
    assert (result.level, result.level_name) == (None, None)


def test_one_option_of_several_may_be_answered_without_a_list() -> None:
    result = answered(q1="a")
    assert (result.troubles, result.score, result.questions[0].chosen) == ((), "80", ("有",))


def test_nobody_at_the_top_is_asked_for_more_even_where_a_lower_row_asks_for_other_scenes() -> None:
    stricter = wrong(wrong(FORM, "levels[0].scenes", 1), "levels[0].key_scenes", 0)
    result = answered(stricter, c1=0, c2=2)
    assert (result.level, result.missing_for_next) == (2, ())


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        ({"q2": "b", "c1": 1}, ("还需1个场景达到二级水平",)),
        ({"q1": ["a"], "q2": "b"}, ("距二级还差20分",)),
        ({"q1": ["a"], "q2": "b", "c2": 1}, ("距二级还差20分", "还需1个场景达到二级水平")),
    ],
)
def test_what_the_next_level_asks_is_said_in_its_order(answers: Content, missing: tuple[str, ...]) -> None:
    result = answered(**answers)
    assert (result.level, result.missing_for_next) == (1, missing)


@pytest.mark.parametrize(
    ("form", "points", "step", "next_"),
    [
        ({"spent": "100.01"}, "2", "就绪、有投入", None),
        ({"spent": "100.00"}, "1", "就绪", ("有投入", "2", "尚不满足该情形")),
        ({"ready": False}, "0", None, ("就绪", "1", "尚不满足该情形")),
    ],
)
def test_a_sum_says_what_counted_and_what_would_add_to_it(form: Content, points: str, step: Any, next_: Any) -> None:
    found = scored(1, **form).indicators[2]
    better = found.next_step and (found.next_step.text, found.next_step.points, found.next_step.gap)
    assert (found.points, found.step, better) == (points, step, next_)


def test_a_sum_with_something_missing_is_a_range_and_names_it() -> None:
    found = scored(1, spent=None).indicators[2]
    assert (found.state, found.low, found.high, found.points) == ("missing", "1", "2", None)
    assert found.reason == "研发费用：未填写"
    assert [(one.points, one.reason) for one in found.parts] == [("1", None), (None, "研发费用：未填写")]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("market_years", "3.5", "应填写整数"),
        ("market_years", "1e3", None),
        ("revenue_y1", "0.001", "小数位数超过两位"),
        ("rd_institution_level", ["city"], "不在可选项之内"),
        ("rd_institution_level", {"city": True}, "不在可选项之内"),
        ("rd_institution_level", "city", None),
    ],
)
def test_a_form_may_hold_anything_and_each_field_says_what_it_takes(field: str, value: object, reason: Any) -> None:
    result = srdi(**{field: value})
    every = [part for one in (*result.gates, *result.direct) for part in (one, *one.parts)]
    shown = {one.reason for part in (*every, *result.indicators) for one in part.inputs if one.field == field}
    assert shown == {reason}


def test_marks_of_uncertainty_are_listed_of_gates_direct_conditions_and_indicators_in_their_order() -> None:
    marked = PACK
    for place in ("indicators[2]", "direct[0].any[1]", "gates[1].all[0]"):
        marked = wrong(marked, f"{place}.certain", False)
    assert scored(1, marked).uncertain == ("已就绪", "评定", "指标S")


def test_a_whole_number_is_shown_in_full_however_long_it_is() -> None:
    assert [shown(Fraction(10) ** n) for n in (0, 3, 39)] == ["1", "1000", "1" + "0" * 39]

"""A pack that an author gets wrong in one place: each check of its content refuses it there, and takes what is right."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
import yaml

from services.assessment.domain.rules import Pack, PolicyFault, evaluate, load_pack
from services.assessment.domain.rules.cel import FUNCTIONS
from tests.unit.assessment.test_pack_loading import INNOVATIVE, SRDI

Content = dict[str, Any]
Change = Callable[[Content], object]
TIER1, SECOND = yaml.safe_load(INNOVATIVE), yaml.safe_load(SRDI)


def read(base: Content, change: Change) -> Pack:
    content = deepcopy(base)
    change(content)
    return load_pack(content)


def part(content: Content, id: str) -> Any:
    return next(one for name in ("gates", "direct", "indicators") for one in content[name] if one["id"] == id)


def without(content: Content, id: str, name: str) -> None:
    part(content, id).pop(name)


def put(content: Content, where: str, **values: Any) -> None:
    part(content, where).update(values)


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (lambda c: without(c, "D1", "clause"), "$.direct[0]", "条件须有 id 与条款"),
        (lambda c: c["gates"][0].pop("id"), "$.gates[0]", "条件须有 id 与条款"),
        (lambda c: c["gates"].append(dict(c["direct"][0])), "$.gates", "重复"),
        (lambda c: c["indicators"].append(dict(c["indicators"][0])), "$.indicators", "重复"),
        (lambda c: c["groups"].append(dict(c["groups"][0])), "$.groups[3].id", "重复"),
        (lambda c: put(c, "D1", id="I1"), "$.direct[0].id", "编号 I1 重复"),
        (lambda c: c["groups"][0].update(floor=41), "$.groups[0].floor", "最低得分高于满分"),
        (lambda c: c["groups"][0].update(nonzero=True), "$.groups[0].nonzero", "已有最低得分"),
        (lambda c: part(c, "I5")["cases"][0].update(points=9), "$.indicators[4].cases[0]", "首项应为满分"),
        (lambda c: part(c, "I5")["cases"][1].update(points=10), "$.indicators[4].cases[1]", "逐项降低"),
        (lambda c: part(c, "I5")["cases"][1].update(points=-1), "$.indicators[4].cases[1]", "不得为负数"),
        (lambda c: part(c, "I5")["cases"][0].update(otherwise=True), "$.indicators[4].cases[0]", "otherwise"),
        (lambda c: part(c, "I2")["ladder"]["steps"][-1].update(points=-1), "$.indicators[1].ladder", "不得为负数"),
        (lambda c: part(c, "I2")["ladder"]["steps"][0].update(points=19), "$.indicators[1].ladder", "等于满分"),
        (lambda c: part(c, "I2")["ladder"].update(unit="万元"), "$.indicators[1].ladder.unit", "单位不符"),
        (lambda c: put(c, "D4", unit="年"), "$.direct[3].unit", "单位不符"),
        (lambda c: put(c, "D1", at_least=1), "$.direct[0]", "单位和界限"),
        (lambda c: put(c, "D1", unit="年"), "$.direct[0]", "单位和界限"),
        (lambda c: put(c, "D4", compound_years=2), "$.direct[3].compound_years", "复合增长率"),
        (lambda c: put(c, "I2", judgement={"by": "authority"}), "$.indicators[1]", "只有一种取分方式"),
        (lambda c: without(c, "I2", "ladder"), "$.indicators[1]", "只有一种取分方式"),
        (lambda c: without(c, "D1", "when"), "$.direct[0]", "只有一种判断方式"),
        (lambda c: put(c, "D1", evidence=["nothing"]), "$.direct[0].evidence[0]", "没有名为 nothing"),
        (lambda c: c["inputs"]["rd_institution_level"].update(options={}), "$.inputs.rd_institution_level", "列出选项"),
        (lambda c: put(c, "D1", when="legal_person + 1"), "$.direct[0].when", "应得出真假"),
    ],
)
def test_a_fault_of_the_first_tiers_pack_is_told_where_it_stands(change: Change, path: str, words: str) -> None:
    with pytest.raises(PolicyFault, match=words) as fault:
        read(TIER1, change)
    assert fault.value.path.startswith(path)


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (lambda c: part(c, "S6")["sum"]["items"].__delitem__(slice(1, None)), "$.indicators[5].sum.items", "达不到封顶分"),
        (lambda c: part(c, "S6")["sum"]["items"].append({"when": "own_brand", "points": -1, "text": "x"}),
         "$.indicators[5].sum.items[4].points", "不得为负数"),
        (lambda c: part(c, "S6")["sum"]["items"][0].update(when="revenue_y1"), "$.indicators[5].sum.items[0].when", "真假"),
        (lambda c: part(c, "S11")["best_of"][1]["steps"].pop(2), "$.indicators[10].best_of[1]", "空缺"),
        (lambda c: part(c, "C3")["any"][0].update(unit="项"), "$.gates[7].any[0].unit", "单位不符"),
        (lambda c: part(c, "C3")["any"][0].update(id="S1"), "$.gates[7].any[0].id", "编号 S1 重复"),
    ],
)  # fmt: skip
def test_a_fault_within_sums_ladders_and_parts_is_told_too(change: Change, path: str, words: str) -> None:
    with pytest.raises(PolicyFault, match=words) as fault:
        read(SECOND, change)
    assert fault.value.path.startswith(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: put(c, "I2", ladder={"value": "ratio(rd_expense_y1, revenue_y1)", "unit": "percent", "steps": [
            {"at_least": 5, "points": 20}, {"below": 5, "points": 0}]}),
        lambda c: c["groups"][0].update(floor=40),
        lambda c: c["score"].update(pass_at=100),
        lambda c: part(c, "I5")["cases"][1].update(points=0),
        lambda c: put(c, "D4", value="growth(revenue_y1, main_revenue_y1)", unit="percent", compound_years=2),
        lambda c: put(c, "D4", value="new_equity_3y + revenue_y1", unit="万元"),
        lambda c: c["gates"].append({"id": "G", "label": "x", "clause": "x", "when": "'none' in valid_honours"}),
    ],
)  # fmt: skip
def test_what_is_right_at_its_border_is_taken(change: Change) -> None:
    assert read(TIER1, change).effective_from == date(2022, 8, 1)


def test_a_ladder_of_two_bands_has_both_its_borders() -> None:
    steps = [{"at_least": 5, "points": 20}, {"below": 5, "points": 0}]
    pack = read(TIER1, lambda c: part(c, "I2")["ladder"].update(steps=steps))
    spent = {"rd_expense_y1": "5.00", "revenue_y1": "100.00"}
    found = [
        next(one.points for one in evaluate(pack, form, None, {}).indicators if one.id == "I2")
        for form in (spent, spent | {"rd_expense_y1": "4.99"})
    ]
    assert found == ["20", "0"]


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (("ratio", 5, 1), "5"), (("ratio", 0, 1), "0"), (("ratio", 1, 3), "1/3"), (("ratio", 1, 0), "!zero"),
        (("ratio", 1, -1), "!negative"), (("growth", 2, 1), "1"), (("growth", 1, 2), "-1/2"),
        (("growth", 1, 0), "!zero-base"), (("growth", 1, -1), "!negative-base"), (("mean", 1, "1/3"), "2/3"),
        (("mean", "!zero", 1), "!zero"), (("mean", 1, "!negative"), "!negative"), (("fraction", 2500), "1/4"),
        (("ratio", "!zero", 1), "!zero"), (("ratio", 1, "!negative"), "!negative"),
    ],
)  # fmt: skip
def test_the_functions_of_expressions_are_exact_and_pass_reasons_on(call: tuple[Any, ...], value: str) -> None:
    name, *given = call
    assert FUNCTIONS[name](*given) == value

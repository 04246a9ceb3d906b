"""An amendment that does not fit its pack is told in its own file, at the line where its author wrote that part."""

from copy import deepcopy
from typing import Any

import pytest

from services.assessment.domain.rules import PolicyFault, evaluate, load_pack
from services.assessment.domain.rules.amend import Amendment, effective
from tests.unit.assessment.drafts import OVERRIDE, PACK, SUPPLEMENT, Content, condition, indicator, wrong

FILE = "overrides/made-up.yaml"
LINES = {
    "$": 1, "$.inputs": 11, "$.evidence": 12, "$.inputs.spent": 13, "$.changes": 20, "$.changes[0]": 21,
    "$.changes[0].condition": 22, "$.changes[0].condition.when": 23, "$.changes[0].condition.any": 24,
    "$.changes[0].indicator": 25, "$.changes[0].indicator.ladder": 26, "$.replaces": 30, "$.replaces[1]": 31,
    "$.indicators": 40, "$.indicators[0]": 41, "$.indicators[1]": 42, "$.indicators[1].cases": 43,
}  # fmt: skip


def applied(amendment: Content, base: Content = PACK) -> Content:
    return effective(base, [Amendment(amendment, FILE, LINES)], "made-up@1+x", ["declaration"])


def change(**parts: object) -> Content:
    return OVERRIDE | {"changes": [{"reason": "当年调整", **parts}]}


ADDED = condition("N", when="ready")
FAULTS: list[tuple[Content, str, int, str]] = [
    (change(add="gates", condition=ADDED | {"when": "spent"}), "$.changes[0].condition.when", 23, "表达式应得出真假：spent"),
    (change(add="direct", condition=ADDED | {"when": "spent"}), "$.changes[0].condition.when", 23, "表达式应得出真假：spent"),
    (change(add="gates", condition=ADDED | {"id": "B1"}), "$.changes[0].condition.id", 22, "编号 B1 重复"),
    (change(replace="B", condition=condition("B", any=[{"label": "就绪", "when": "spent"}])),
     "$.changes[0].condition.any[0].when", 24, "表达式应得出真假：spent"),
    (change(replace="B1", condition=condition("B1", when="spent")),
     "$.changes[0].condition.when", 23, "表达式应得出真假：spent"),
    (change(replace="L", indicator=indicator("L", "g", 5, ladder=PACK["indicators"][0]["ladder"] | {"unit": "年"})),
     "$.changes[0].indicator.ladder.unit", 26, "单位不符：spent 的单位是万元，不是年"),
    (change(replace="L", indicator=indicator("L", "g", 4, judgement={"by": "expert"})),
     "$.changes[0]", 21, "本类各指标满分之和为4，与5不符"),
    (change(replace="Z", condition=condition("Z", when="ready")), "$.changes[0].replace", 21, "made-up@1 中没有 Z"),
    (change(waive="Z"), "$.changes[0].waive", 21, "made-up@1 中没有 Z"),
    (change(waive="L"), "$.changes[0]", 21, "Object contains unknown field `waived`"),
    (OVERRIDE | {"inputs": {"spent": PACK["inputs"]["before"]}}, "$.inputs.spent", 13, "spent 在 made-up@1 中另有定义"),
    (OVERRIDE | {"evidence": {"report": "其他"}}, "$.evidence.report", 12, "report 在 made-up@1 中另有定义"),
    (wrong(SUPPLEMENT, "replaces[1]", "Z"), "$.replaces[1]", 31, "made-up@1 中没有 Z"),
    (wrong(SUPPLEMENT, "indicators[1].cases[0].when", "spent"), "$.indicators[1].cases[0].when", 43,
     "表达式应得出真假：spent"),
    (wrong(SUPPLEMENT, "indicators[0].group", "i"), "$.indicators[0].group", 41, "没有这一类指标"),
    (wrong(SUPPLEMENT, "indicators[0].max", 1), "$.indicators", 40, "本类各指标满分之和为4，与5不符"),
]  # fmt: skip


@pytest.mark.parametrize(("amendment", "path", "line", "words"), FAULTS)
def test_a_fault_is_told_where_the_amendment_wrote_it(amendment: Content, path: str, line: int, words: str) -> None:
    with pytest.raises(PolicyFault) as fault:
        applied(amendment)
    found = fault.value
    assert (found.file, found.line, found.path, found.message) == (FILE, line, path, words)


def test_the_second_change_has_its_own_place() -> None:
    both = change(waive="A")
    both["changes"].append({"reason": "再换", "replace": "B1", "condition": condition("B1", when="spent")})
    with pytest.raises(PolicyFault) as fault:
        applied(both)
    assert (fault.value.path, fault.value.line) == ("$.changes[1].condition.when", LINES["$.changes"])


def test_a_part_is_not_taken_for_another_whose_number_begins_alike() -> None:
    """The tenth condition is not within the first."""
    many = PACK | {"gates": [*PACK["gates"], *(condition(f"N{n}", when="ready") for n in range(2, 11))]}
    parts = [{"id": "N10", "label": "就绪", "when": "ready"}]
    with pytest.raises(PolicyFault) as fault:
        applied(change(replace="B", condition=condition("B", any=parts)), many)
    assert (fault.value.path, fault.value.message) == ("$.changes[0]", "编号 N10 重复")


def by_id(content: Content) -> dict[str, Any]:
    return {one["id"]: one for name in ("gates", "direct", "indicators") for one in content[name]}


def test_an_override_waives_replaces_and_adds_in_place() -> None:
    before = deepcopy(PACK)
    made = applied(OVERRIDE)
    assert before == PACK
    assert [one["id"] for one in made["gates"]] == ["A", "B", "N"]
    assert by_id(made)["A"]["when"] == "ready && spent > 0"
    assert by_id(made)["B"]["all"][0]["waived"] == "当年不考察（二〇二七年通知）"
    assert (made["id"], made["base"], made["kinds"]) == ("made-up@1+x", "made-up@1", ["declaration"])
    pack = load_pack(made)
    form = {"ready": False, "spent": "21.00", "before": "10.00"}
    assert [one.state for one in evaluate(pack, form, None, {}).gates[1].parts] == ["met", "met"]


def test_a_pack_without_direct_conditions_may_be_given_one() -> None:
    base = {name: part for name, part in PACK.items() if name != "direct"}
    made = applied(change(add="direct", condition=ADDED), base)
    assert [one["id"] for one in made["direct"]] == ["N"]


def test_a_provinces_indicators_stand_where_the_replaced_ones_stood() -> None:
    made = applied(SUPPLEMENT)
    assert [one["id"] for one in made["indicators"]] == ["L", "X", "Y"]
    last_first = applied(wrong(SUPPLEMENT, "replaces", ["S", "C"]))
    assert [one["id"] for one in last_first["indicators"]] == ["L", "X", "Y"]
    between = wrong(SUPPLEMENT | {"replaces": ["C"]}, "indicators[1]", ...) | {"id": "one"}
    between["indicators"][0]["max"] = 3
    assert [one["id"] for one in applied(between)["indicators"]] == ["L", "X", "S"]


HEADS: list[tuple[Content, Content, Content]] = [
    ({}, {}, {"title": "虚构标准，二〇二七年通知", "source": "虚构文件；虚构通知", "authority": "national", "certain": True,
              "effective_from": "2026-01-01", "effective_to": None, "notes": ["依虚构通知：当年通知"]}),
    ({"effective_to": "2028-12-31"}, {"effective_to": "2027-12-31", "effective_from": "2027-01-01"},
     {"effective_from": "2027-01-01", "effective_to": "2027-12-31"}),
    ({"effective_to": "2027-06-30"}, {"effective_to": "2027-12-31", "effective_from": "2025-01-01"},
     {"effective_from": "2026-01-01", "effective_to": "2027-06-30"}),
    ({}, {"effective_to": "2027-12-31"}, {"effective_to": "2027-12-31"}),
    ({"effective_to": "2028-12-31"}, {}, {"effective_to": "2028-12-31"}),
    ({"certain": False}, {}, {"certain": False}),
    ({}, {"certain": False}, {"certain": False}),
    ({"source": "虚构文件；虚构通知"}, {}, {"source": "虚构文件；虚构通知"}),
    ({"notes": ["原注"]}, {"notes": ["新注"]}, {"notes": ["原注", "依虚构通知：当年通知", "新注"]}),
    ({}, {"authority": "990000"}, {"authority": "national"}),
]  # fmt: skip


@pytest.mark.parametrize(("base", "amendment", "head"), HEADS)
def test_the_head_names_both_sources_and_the_narrower_time(base: Content, amendment: Content, head: Content) -> None:
    made = applied(change(waive="A") | amendment, PACK | base)
    assert {name: made[name] for name in head} == head


def test_a_supplement_belongs_to_its_province() -> None:
    made = applied(SUPPLEMENT)
    assert (made["authority"], made["notes"]) == ("990000", ["特色化指标依某省文件"])


def test_what_is_declared_anew_may_be_used_and_may_say_the_same_again() -> None:
    same = {"report": "审计报告", "more": "其他材料"}
    used = condition("N", when="fresh", evidence=["more", "report"])
    text = change(add="gates", condition=used) | {"evidence": same}
    text["inputs"] = {"fresh": PACK["inputs"]["ready"], "spent": PACK["inputs"]["spent"]}
    made = applied(text)
    assert (made["evidence"], list(made["inputs"])[-1]) == (same, "fresh")

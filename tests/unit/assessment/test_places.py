"""Where an author is told what is wrong: the very place, in the very words, for every check that a text goes through."""

from typing import Any

import pytest

from services.assessment.domain.rules import PolicyFault, load_pack
from services.assessment.domain.rules.faults import line_of
from services.assessment.domain.rules.load import (
    load_bindings,
    load_form_map,
    load_override,
    load_questionnaire,
    load_supplement,
)
from tests.unit.assessment.drafts import (
    BINDINGS,
    FORM,
    LADDER,
    MAP,
    OVERRIDE,
    PACK,
    SUPPLEMENT,
    Content,
    condition,
    indicator,
    wrong,
)

READERS: list[tuple[Any, Content]] = [
    (load_pack, PACK), (load_questionnaire, FORM), (load_form_map, MAP), (load_override, OVERRIDE),
    (load_supplement, SUPPLEMENT), (load_bindings, BINDINGS),
]  # fmt: skip

HOLE = "首档只有一个界限，中间各档两个界限，末档没有自己的下限，分档有空缺"
KIND = "档位交界应归较高分一档：同一阶梯须全用 at_least/below 或全用 at_most/above"
WAY = "指标须有且只有一种取分方式（ladder、best_of、cases、sum、judgement）"
TRUTH = "条件须有且只有一种判断方式（when、value、all、any、judgement）"
COMPOUND = "复合增长率须为两年以上的合计增长，单位为 percent，且只有 at_least"
LAST = "只有末项、且末项必须是 otherwise: true"
STEPS, CASES, GROWTH = "indicators[0].ladder.steps", "indicators[1].cases", "gates[1].all[1]"

# What is put where, the place that is told, the words.
OF_A_PACK: list[tuple[str, object, str, str]] = [
    ("groups[1].id", "g", "$.groups[1].id", "编号 g 重复"),
    ("indicators[2].id", "C", "$.indicators[2].id", "编号 C 重复"),
    ("direct[0].id", "A", "$.gates[2].id", "编号 A 重复"),
    ("direct[0].any[1].id", "B1", "$.direct[0].any[1].id", "编号 B1 重复"),
    ("gates[1].all[0].id", "S", "$.gates[1].all[0].id", "编号 S 重复"),
    ("gates[0].clause", "", "$.gates[0]", "条件须有 id 与条款"),
    ("direct[0].id", "", "$.direct[0]", "条件须有 id 与条款"),
    ("groups[0].max", 4, "$.groups[0].max", "本类各指标满分之和为5，与4不符"),
    ("groups[1].floor", 6, "$.groups[1].floor", "最低得分高于满分"),
    ("groups[1].nonzero", True, "$.groups[1].nonzero", "已有最低得分，不必再写得分不得为0"),
    ("score.pass_at", 11, "$.score.pass_at", "合格分高于总分"),
    ("indicators[1].group", "i", "$.indicators[1].group", "没有这一类指标"),
    ("indicators[2].evidence", ["report", "paper"], "$.indicators[2].evidence[1]", "没有名为 paper 的佐证材料"),
    ("indicators[2].sum", None, "$.indicators[2]", WAY),
    ("indicators[0].judgement", {"by": "expert"}, "$.indicators[0]", WAY),
    ("indicators[0].ladder.value", "ready", "$.indicators[0].ladder.value", "表达式应得出数：ready"),
    ("indicators[0].ladder.value", "missing", "$.indicators[0].ladder.value", "表达式引用了未声明的字段 missing"),
    ("indicators[0].ladder.unit", "年", "$.indicators[0].ladder.unit", "单位不符：spent 的单位是万元，不是年"),
    (f"{STEPS}[0].points", 4, "$.indicators[0].ladder.steps[0].points", "首档得分应等于满分"),
    (STEPS, [{"at_least": 1, "points": 5}], "$.indicators[0].ladder.steps", "分档至少两档"),
    (STEPS, [], "$.indicators[0].ladder.steps", "分档至少两档"),
    (f"{STEPS}[1].below", 29, "$.indicators[0].ladder.steps[1]", "与上一档之间有空缺"),
    (f"{STEPS}[1].below", 31, "$.indicators[0].ladder.steps[1]", "与上一档重叠"),
    (f"{STEPS}[1].above", 20, "$.indicators[0].ladder.steps[1]", KIND),
    (f"{STEPS}[1].at_least", ..., "$.indicators[0].ladder.steps[1]", HOLE),
    (f"{STEPS}[3].at_least", 1, "$.indicators[0].ladder.steps[3]", HOLE),
    (f"{STEPS}[0].below", 40, "$.indicators[0].ladder.steps[0]", HOLE),
    (f"{STEPS}[1].at_least", 30, "$.indicators[0].ladder.steps[1]", "档位的界限颠倒"),
    (f"{STEPS}[1].at_least", 31, "$.indicators[0].ladder.steps[1]", "档位的界限颠倒"),
    (f"{STEPS}[2].points", 3, "$.indicators[0].ladder.steps[2]", "得分应逐档降低"),
    (f"{STEPS}[3].points", -1, "$.indicators[0].ladder.steps[3]", "得分不得为负数"),
    (f"{CASES}[2]", {"when": "ready", "points": 0, "text": "就绪"}, "$.indicators[1].cases[2]", LAST),
    (f"{CASES}[2].when", "ready", "$.indicators[1].cases[2]", LAST),
    (f"{CASES}[0].otherwise", True, "$.indicators[1].cases[0]", LAST),
    (f"{CASES}[1].when", "spent", "$.indicators[1].cases[1].when", "表达式应得出真假：spent"),
    (f"{CASES}[0].points", 2, "$.indicators[1].cases[0]", "首项应为满分，其后逐项降低"),
    (f"{CASES}[0].points", 4, "$.indicators[1].cases[0]", "首项应为满分，其后逐项降低"),
    (f"{CASES}[1].points", 3, "$.indicators[1].cases[1]", "首项应为满分，其后逐项降低"),
    (f"{CASES}[2].points", -1, "$.indicators[1].cases[2]", "得分不得为负数"),
    ("indicators[2].sum.cap", 1, "$.indicators[2].sum.cap", "封顶分应等于满分"),
    ("indicators[2].sum.items[1]", ..., "$.indicators[2].sum.items", "各项之和达不到封顶分"),
    ("indicators[2].sum.items[1].when", "digital", "$.indicators[2].sum.items[1].when", "表达式应得出真假：digital"),
    ("indicators[2].sum.items[2]", {"when": "ready", "points": -0.0, "text": ""},
     "$.indicators[2].sum.items[2].points", "小数须加引号书写，例如 “7.5” 或 “10/14”"),
    ("gates[0].when", "share(spent)", "$.gates[0].when", "没有名为 share 的函数"),
    ("gates[0].when", "ready &&", "$.gates[0].when", "表达式无法解析：ready &&"),
    ("gates[0].evidence[0]", "paper", "$.gates[0].evidence[0]", "没有名为 paper 的佐证材料"),
    ("gates[0].when", None, "$.gates[0]", TRUTH),
    ("gates[0].judgement", {"by": "expert"}, "$.gates[0]", TRUTH),
    ("direct[0].any[0].when", "spent", "$.direct[0].any[0].when", "表达式应得出真假：spent"),
    (f"{GROWTH}.value", "growth(spent, after)", "$.gates[1].all[1].value", "表达式引用了未声明的字段 after"),
    (f"{GROWTH}.unit", None, "$.gates[1].all[1]", "value 须有单位和界限"),
    (f"{GROWTH}.at_least", None, "$.gates[1].all[1]", "value 须有单位和界限"),
    ("gates[0].below", 1, "$.gates[0]", "value 须有单位和界限"),
    (f"{GROWTH}.compound_years", 1, "$.gates[1].all[1].compound_years", COMPOUND),
    (f"{GROWTH}.at_most", 9, "$.gates[1].all[1].compound_years", COMPOUND),
    (f"{GROWTH}.below", 9, "$.gates[1].all[1].compound_years", COMPOUND),
    (GROWTH, {"label": "投入", "value": "spent", "unit": "万元", "at_least": 5, "compound_years": 2},
     "$.gates[1].all[1].compound_years", COMPOUND),
    (f"{GROWTH}.value", "spent", "$.gates[1].all[1].unit", "单位不符：spent 的单位是万元，不是percent"),
    ("inputs.digital.options", {}, "$.inputs.digital", "选择型字段须列出选项"),
]  # fmt: skip

OF_A_FORM: list[tuple[str, object, str, str]] = [
    ("questions[1].id", "q1", "$.questions[1].id", "编号 q1 重复"),
    ("scenes[1].id", "q2", "$.scenes[4].id", "编号 q2 重复"),
    ("dimensions[1].weight", 39, "$.dimensions", "各维度权重之和应为100"),
    ("dimensions[1].subs[1].share", 49, "$.dimensions[1].subs", "二级维度占比之和应为100"),
    ("questions[2].max", 19, "$.dimensions[1].subs[1]", "各题满分之和为19，应为20"),
    ("questions[3]", {"id": "q4", "sub": "s4", "label": "丁", "type": "single", "max": 1,
                      "options": [{"id": "a", "label": "是", "points": 1}]}, "$.questions[3].sub", "没有这一二级维度"),
    ("questions[0].options[2].id", "a", "$.questions[0].options[2].id", "编号 a 重复"),
    ("questions[0].options[1].points", 41, "$.questions[0].max", "选项最高可得61，与满分60不符"),
    ("questions[1].options[1].points", 21, "$.questions[1].max", "选项最高可得21，与满分20不符"),
    ("questions[0].options[2].requires", ["a", "c"], "$.questions[0].options[2].requires", "没有这一前提选项"),
    ("questions[1].options[0].exclusive", True, "$.questions[1].options[0]", "互斥选项应为0分"),
    ("scenes[1].levels[0].level", 0, "$.scenes[1]", "场景等级应从1起连续"),
    ("scenes[0].levels[1].level", 3, "$.scenes[0]", "场景等级应从1起连续"),
    ("levels[1].level", 2, "$.levels[1]", "等级表应自高至低排列"),
    ("levels[1].score", 80, "$.levels[1]", "等级表应自高至低排列"),
    ("levels[2]", {"level": 0, "name": "零级", "score": 10, "scenes": 2, "key_scenes": 0},
     "$.levels[2]", "等级表应自高至低排列"),
    ("levels[0].scenes", 3, "$.levels[0]", "要求的场景数多于场景总数"),
    ("levels[1].key_scenes", 2, "$.levels[1]", "要求的场景数多于场景总数"),
]  # fmt: skip

OF_THE_REST: list[tuple[Any, Content, str, object, str, str]] = [
    (load_form_map, MAP, "prefixes[1].prefix", "13", "$.prefixes[1].id", "编号 13 重复"),
    (load_form_map, MAP, "prefixes[1].prefix", "C6", "$.prefixes[1].prefix", "应为行业代码的前几位数字"),
    (load_override, OVERRIDE, "packs", [], "$.packs", "须写明调整哪些标准"),
    (load_override, OVERRIDE, "kinds", [], "$.kinds", "须写明适用哪些业务"),
    (load_override, OVERRIDE, "changes", [], "$.changes", "没有任何调整"),
    (load_override, OVERRIDE, "window_years.to", 2026, "$.window_years", "起止年份颠倒"),
    (load_override, OVERRIDE, "changes[0].add", "gates", "$.changes[0]",
     "每项调整须有且只有一种（waive、replace、add）"),
    (load_override, OVERRIDE, "changes[0].waive", ..., "$.changes[0]",
     "每项调整须有且只有一种（waive、replace、add）"),
    (load_override, OVERRIDE, "changes[0].condition", condition("B1", when="ready"), "$.changes[0]",
     "replace 须有 condition 或 indicator 之一，waive 不得有"),
    (load_override, OVERRIDE, "changes[1].condition", ..., "$.changes[1]",
     "replace 须有 condition 或 indicator 之一，waive 不得有"),
    (load_override, OVERRIDE, "changes[1].indicator", indicator("A", "g", 5), "$.changes[1]",
     "replace 须有 condition 或 indicator 之一，waive 不得有"),
    (load_override, OVERRIDE, "changes[3]", {"reason": "加指标", "add": "gates", "indicator": indicator("Z", "g", 1)},
     "$.changes[3]", "add 只用于条件（condition）"),
    (load_override, OVERRIDE, "changes[1].condition.id", "B", "$.changes[1]", "替换后的编号应仍为 A"),
    (load_override, OVERRIDE, "changes[2].indicator.id", "M", "$.changes[2]", "替换后的编号应仍为 L"),
    (load_supplement, SUPPLEMENT, "replaces", [], "$.replaces", "须写明替换哪些指标"),
    (load_supplement, SUPPLEMENT, "indicators", [], "$.indicators", "没有任何指标"),
    (load_supplement, SUPPLEMENT, "indicators[1].id", "X", "$.indicators[1].id", "编号 X 重复"),
    (load_bindings, BINDINGS, "bindings[0].opens_to", "2025-12-31", "$.bindings[0].opens_to", "起止日期颠倒"),
    (load_bindings, BINDINGS, "bindings[0].opens_to", "2027-01-01", "$.bindings[1]", "与 made-up@1 的适用时间重叠"),
    (load_bindings, BINDINGS, "bindings[2].kind", "declaration", "$.bindings[2]", "与 made-up@1 的适用时间重叠"),
]  # fmt: skip
TABLE = [
    *((load_pack, PACK, *row) for row in OF_A_PACK),
    *((load_questionnaire, FORM, *row) for row in OF_A_FORM),
    *OF_THE_REST,
]


@pytest.mark.parametrize(("read", "content", "put", "value", "path", "words"), TABLE)
def test_an_author_is_told_the_place_and_what_is_wrong(
    read: Any, content: Content, put: str, value: object, path: str, words: str
) -> None:
    with pytest.raises(PolicyFault) as fault:
        read(wrong(content, put, value))
    assert (fault.value.path, fault.value.message) == (path, words)


BORDERS: list[tuple[Any, Content, str, object]] = [
    (load_pack, PACK, "groups[1].floor", 5),
    (load_pack, PACK, "score.pass_at", 10),
    (load_pack, PACK, f"{CASES}[1].points", "2.5"),
    (load_pack, PACK, "indicators[2].sum.items[2]", {"when": "ready", "points": 0, "text": "不计分"}),
    (load_pack, PACK, "indicators[0].ladder", LADDER | {"steps": [
        {"at_most": 10, "points": 5}, {"above": 10, "at_most": 20, "points": 3}, {"above": 20, "points": 0}]}),
    (load_questionnaire, FORM, "levels[1].scenes", 2),
    (load_form_map, MAP, "prefixes[1].prefix", "131"),
    (load_override, OVERRIDE, "window_years.to", None),
    (load_bindings, BINDINGS, "bindings[0].opens_to", "2026-01-01"),
    (load_bindings, BINDINGS, "bindings[2].tier", "other"),
]  # fmt: skip


@pytest.mark.parametrize(("read", "content", "put", "value"), BORDERS)
def test_what_is_right_at_its_border_is_taken(read: Any, content: Content, put: str, value: object) -> None:
    assert read(wrong(content, put, value)).id == content["id"]


@pytest.mark.parametrize(("read", "content"), READERS)
def test_every_kind_of_text_says_file_and_line_or_that_it_has_none(read: Any, content: Content) -> None:
    assert read(content).kind == content["kind"]
    with pytest.raises(PolicyFault) as fault:
        read(content | {"surprise": 1})
    assert (fault.value.file, fault.value.line, fault.value.path) == ("", 0, "$")
    with pytest.raises(PolicyFault) as fault:
        read(content | {"surprise": 1}, "made-up.yaml", {"$": 1, "$.surprise": 7})
    assert str(fault.value) == "made-up.yaml:7: $: Object contains unknown field `surprise`"


LINES = {"$": 1, "$.gates": 3, "$.gates[1]": 5, "$.gates[1].all": 6, "$.inputs": 9}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("$.gates[1].all", 6), ("$.gates[1].all[0].when", 6), ("$.gates[1].any[0].all[2]", 5), ("$.gates[0].id", 3),
        ("$.inputs.spent", 9), ("$.groups[0].max", 1), ("$", 1), ("", 0), ("groups", 0), (".x", 0), ("[0]", 0),
    ],
)  # fmt: skip
def test_a_place_without_a_line_takes_that_of_the_nearest_part_around_it(path: str, line: int) -> None:
    assert line_of(path, LINES) == line
    assert line_of(path, {}) == 0

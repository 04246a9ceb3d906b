"""A policy text with a fault is refused, with file and line."""

import pytest

from services.assessment.domain.rules import PolicyFault
from services.assessment.policy_text import read_form_map, read_pack, read_questionnaire
from tests.unit.assessment.samples import POLICY

INNOVATIVE = (POLICY / "packs" / "innovative-2022-63.yaml").read_text(encoding="utf-8")
SRDI = (POLICY / "packs" / "srdi-2022-63.yaml").read_text(encoding="utf-8")
DIGITAL = (POLICY / "digital" / "digital-2024-56.yaml").read_text(encoding="utf-8")

# Each row: what is replaced by what, and words of the refusal. The fault lies in the line of the replacement.
PACK_FAULTS = [
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 3, below: 4, points: 15}", "空缺"),
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 3, below: 6, points: 15}", "重叠"),
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 3, at_most: 5, points: 15}", "交界"),
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 5, below: 5, points: 15}", "颠倒"),
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 3, below: 5, points: 20}", "逐档降低"),
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 3, below: 5, point: 15}", "unknown field"),
    ("{at_least: 3, below: 5, points: 15}", "{at_least: 3.5, below: 5, points: 15}", "引号"),
    ("{above: 55, at_most: 75, points: 5}", "{above: 60, at_most: 75, points: 5}", "空缺"),
    ("{above: 55, at_most: 75, points: 5}", "{above: 50, at_most: 75, points: 5}", "重叠"),
    ("{above: 75, points: 0}", "{above: 75, at_most: 100, points: 0}", "空缺"),
    ("value: ratio(rd_expense_y1, revenue_y1)", "value: ratio(rd_expense, revenue_y1)", "未声明的字段 rd_expense"),
    ("value: ratio(rd_expense_y1, revenue_y1)", "value: share(rd_expense_y1, revenue_y1)", "没有名为 share 的函数"),
    ("value: ratio(rd_expense_y1, revenue_y1)", "value: ratio(rd_expense_y1,", "无法解析"),
    ("value: ratio(rd_expense_y1, revenue_y1)", "value: strategic_emerging", "应得出数"),
    ("when: science_award_3y", "when: revenue_y1", "应得出真假"),
    ("group: growth", "group: growing", "没有这一类指标"),
    ("    evidence: [ip_certificates]", "    evidence: [ip_papers]", "没有名为 ip_papers 的佐证材料"),
    ("{id: innovation, label: 创新能力, max: 40, floor: 20, clause: 附件1 二、（一）}",
     "{id: innovation, label: 创新能力, max: 45, floor: 20, clause: 附件1 二、（一）}", "与45不符"),
    ("- {otherwise: true, points: 5,", "- {when: strategic_emerging, points: 5,", "末项"),
    ("- id: D2", "- id: D1", "重复"),
    ("    unit: 万元\n    at_least: 500", "    unit: 元\n    at_least: 500", "Invalid enum value"),
    ("    at_least: 500\n", "", "单位和界限"),
    ("  pass_at: 60", "  pass_at: 101", "高于总分"),
    ("tier: innovative", "tier: innovative\ntier: tech", "键重复"),
    ("legal_person: {type: boolean,", "legal_person: {type: yesno,", "Invalid enum value"),
    ("effective_from: 2022-08-01", "effective_from: soon", "Invalid"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), PACK_FAULTS)
def test_a_pack_with_a_fault_is_refused(old, new, words) -> None:
    assert old in INNOVATIVE
    with pytest.raises(PolicyFault, match=words) as refusal:
        read_pack(INNOVATIVE.replace(old, new, 1), "innovative.yaml")
    assert refusal.value.file == "innovative.yaml" and refusal.value.line > 0


def test_the_line_of_a_hole_is_the_line_of_the_band() -> None:
    old = "{at_least: 3, below: 5, points: 15}"
    line = next(number for number, text in enumerate(INNOVATIVE.splitlines(), 1) if old in text)
    with pytest.raises(PolicyFault) as refusal:
        read_pack(INNOVATIVE.replace(old, "{at_least: 3, below: 4, points: 15}", 1), "innovative.yaml")
    assert refusal.value.line == line
    assert str(refusal.value).startswith(f"innovative.yaml:{line}: ")


def test_a_band_taken_away_leaves_a_hole() -> None:
    with pytest.raises(PolicyFault, match="空缺"):
        read_pack(SRDI.replace("        - {at_least: 70, below: 80, points: 3}\n", "", 1), "srdi.yaml")


def test_a_ladder_of_one_band_is_none() -> None:
    start = INNOVATIVE.index("        - {at_most: 55")
    end = INNOVATIVE.index("  - id: I5")
    with pytest.raises(PolicyFault, match="至少两档"):
        read_pack(INNOVATIVE[:start] + "        - {at_most: 55, points: 10}\n" + INNOVATIVE[end:], "innovative.yaml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("      cap: 5", "      cap: 4", "封顶分"),
        ("    judgement: {by: authority", "    cases: []\n    judgement: {by: nobody", "Invalid enum value"),
        ("    any:\n", "    when: legal_person\n    any:\n", "只有一种判断方式"),
    ],
)
def test_sums_judgements_and_conditions_are_checked_too(old, new, words) -> None:
    with pytest.raises(PolicyFault, match=words):
        read_pack(SRDI.replace(old, new, 1), "srdi.yaml")


def test_text_that_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(PolicyFault, match="YAML") as refusal:
        read_pack("kind: pack\nid: [", "broken.yaml")
    assert refusal.value.line > 1
    with pytest.raises(PolicyFault, match="键值"):
        read_pack("- 1", "list.yaml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("weight: 50", "weight: 40", "应为100"),
        ("label: 设备系统, share: 40", "label: 设备系统, share: 41", "应为100"),
        ("sub: planning\n", "sub: plans\n", "二级维度|各题满分"),
        ("requires: [a, b, c]", "requires: [a, b, x]", "前提选项"),
        ('points: "1.25"', 'points: "1.5"', "与满分5不符"),
        ('points: "10/14"', "points: 0.7", "引号"),
        ("{level: 3, name: 三级（集成级）, score: 60", "{level: 3, name: 三级（集成级）, score: 85", "自高至低"),
        ("key_scenes: 6}", "key_scenes: 11}", "多于场景总数"),
        ("- id: q2\n", "- id: q1\n", "重复"),
    ],
)
def test_a_questionnaire_with_a_fault_is_refused(old, new, words) -> None:
    assert old in DIGITAL
    with pytest.raises(PolicyFault, match=words) as refusal:
        read_questionnaire(DIGITAL.replace(old, new, 1), "digital.yaml")
    assert refusal.value.line > 0


def test_a_form_map_with_a_prefix_twice_is_refused() -> None:
    text = (POLICY / "digital_forms" / "national.yaml").read_text(encoding="utf-8")
    with pytest.raises(PolicyFault, match="重复"):
        read_form_map(text.replace('prefix: "14"', 'prefix: "13"', 1), "map.yaml")

"""Overrides, supplements and bindings: what they make of a pack, and how a wrong one is told, with file and line."""

import shutil
from pathlib import Path

import pytest

from services.assessment.authoring.effective import made, written
from services.assessment.authoring.generated import write_effective
from services.assessment.authoring.library import Library, checked, read_library
from services.assessment.domain.rules import PolicyFault, evaluate
from services.assessment.domain.rules.amendments import Override
from tests.unit.assessment.enterprises import good, good_judgements
from tests.unit.assessment.samples import POLICY, packs

REVENUE = "overrides/2025-1-giant-revenue.yaml"
GROWTH = "overrides/2025-2-giant-re-review-growth.yaml"
SCORE = "overrides/2026-2-giant-re-review-score.yaml"
SHANDONG = "supplements/370000-shandong.yaml"
NATIONAL = "bindings/national.yaml"
TECH = "packs/tech-2017-115.yaml"

# File, what is replaced by what, words of the refusal; the fault lies in the line of the replacement.
FAULTS = [
    (REVENUE, "packs: [giant@2022-63]", "packs: [giant@1999-1]", "没有名为 giant@1999-1 的标准"),
    (REVENUE, "kinds: [declaration, re_review]", "kinds: []", "适用哪些业务"),
    (REVENUE, "window_years: {from: 2025, to: 2025}", "window_years: {from: 2025, to: 2024}", "颠倒"),
    (REVENUE, "      unit: 万元", "      unit: 元", "Invalid enum value"),
    (REVENUE, "      unit: 万元", "      unit: 年", "单位不符"),
    (REVENUE, "      value: revenue_y1", "      value: revenue_y9", "未声明的字段 revenue_y9"),
    (REVENUE, "      evidence: [audit_reports]", "      evidence: [audits]", "没有名为 audits 的佐证材料"),
    (REVENUE, "      id: revenue-2025", "      id: Z1", "Z1 重复"),
    (REVENUE, "      clause: 2025年通知", "      clausula: 2025年通知", "unknown field"),
    (REVENUE, "edition: \"2025\"", "editions: \"2025\"", "unknown field"),
    (REVENUE, "    add: gates", "    add: groups", "Invalid enum value"),
    (REVENUE, "kind: override", "kind: overriding", "kind: override"),
    (GROWTH, "order: 2", "order: 1", "次序相同"),
    (GROWTH, "waive: Z3", "waive: Z9", "giant@2022-63 中没有 Z9"),
    (GROWTH, "waive: Z3", "waive: Z3, add: gates", "只有一种"),
    (GROWTH, "waive: Z3, reason: 复核不考察近2年主营业务收入平均增长率", "waive: Z3", "reason"),
    (SCORE, "    replace: G7", "    replace: G8", "G8"),
    (SCORE, "      id: G7\n", "      id: G6\n", "应仍为 G7"),
    (SCORE, "{id: G7-y1, label: 上年度得分不低于60分, value: development_score_y1, unit: 分, at_least: 60}",
     "{id: G7-y1, label: 上年度得分不低于60分, value: development_score_y1, unit: 分}", "单位和界限"),
    (SCORE, "label: 上年度专精特新发展评价得分, origin: import", "label: 上年度专精特新发展评价得分, origin: guessed",
     "Invalid enum value"),
    (SHANDONG, "replaces: [S9]", "replaces: [S99]", "srdi@2022-63 中没有 S99"),
    (SHANDONG, "        - {at_least: 1, below: 2, points: 2}", "        - {at_least: 1, below: 3, points: 2}", "重叠"),
    (SHANDONG, "        - {at_least: 1, below: 2, points: 2}", "        - {at_least: 1, below: \"1.5\", points: 2}", "空缺"),
    (SHANDONG, "  - id: S9-4\n    group: distinctiveness", "  - id: S9-4\n    group: local", "没有这一类指标"),
    (SHANDONG, "origin: form}\n  market_share", "origin: form}\n  market_years: {type: integer, unit: 年, label: 其他, origin: form}\n  market_share", "另有定义"),
    (NATIONAL, "pack: tech@2017-115, basis: 2号第三十条}", "pack: tech@2017-116, basis: 2号第三十条}", "没有名为 tech@2017-116"),
    (NATIONAL, "pack: srdi@2026-2, basis", "pack: srdi@2026-2+re_review, basis", "不用于 srdi 的 declaration"),
    (NATIONAL, "opens_to: 2026-12-31", "opens_to: 2027-03-31", "重叠"),
    (NATIONAL, "opens_from: 2025-01-01, opens_to: 2025-12-31, pack: giant@2022-63+2025, ",
     "opens_from: 2025-01-01, opens_to: 2026-02-28, pack: giant@2022-63+2025, ", "2025 至 2025 年"),
    (NATIONAL, "opens_to: 2026-03-31, pack: srdi@2022-63, basis: 63号附件2}",
     "opens_to: 2026-03-31, pack: srdi@2022-63+370000, basis: 63号附件2}", "属于 370000"),
    (NATIONAL, "{tier: tech, kind: declaration, opens_from: 2026-04-01",
     "{tier: tech, kind: declaration, opens_from: 2024-04-01", "自 2026-04-01 起施行"),
    (TECH, "    max: 20\n    clause: 评价指标（一）\n    formula", "    max: 20\n    formula", "missing required field `clause`"),
    (TECH, "label: 科技人员指标, max: 20, nonzero: true", "label: 科技人员指标, max: 20, floor: 4, nonzero: true", "不必再写"),
    (TECH, "{below: 2, points: 0}", "{below: 2, points: -1}", "负数"),
    (TECH, "{otherwise: true, points: 0,", "{otherwise: true, points: -1,", "负数"),
    ("packs/srdi-2022-63.yaml", "{when: own_brand, points: 3,", "{when: own_brand, points: -3,", "负数"),
    ("packs/giant-2026-2.yaml", ", compound_years: 2", ", compound_years: 1", "复合增长率须为"),
    ("packs/giant-2026-2.yaml", "unit: percent, at_least: 90}", "unit: 万元, at_least: 90}", "单位不符"),
    ("packs/giant-2026-2.yaml", "{id: G2-debt,", "{id: G2-main,", "G2-main 重复"),
]  # fmt: skip

NEAR = 4
"""A part that lacks something is named by the line where it begins, a wrong order of two files by the later one."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICY, tmp_path / "policy"))


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """The line where the new text begins to differ."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    same = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old) + same].count("\n") + 1


@pytest.mark.parametrize(("file", "old", "new", "words"), FAULTS)
def test_a_wrong_rule_is_refused_with_file_and_line(folder: Path, file: str, old: str, new: str, words: str) -> None:
    line = edit(folder, file, old, new)
    fault = next(one for one in read_library(folder).faults if one.file == file)
    assert words in fault.message
    assert abs(fault.line - line) <= NEAR and str(fault).startswith(f"{file}:{fault.line}: ")
    with pytest.raises(PolicyFault):
        checked(folder)


def test_the_line_is_that_of_the_part_written_in_the_amendment(folder: Path) -> None:
    line = edit(folder, SHANDONG, "below: 2, points: 2}", "below: 3, points: 2}")
    assert read_library(folder).faults[0].line == line
    line = edit(folder, REVENUE, "value: revenue_y1", "value: revenue_y9")
    assert (REVENUE, line) in [(one.file, one.line) for one in read_library(folder).faults]


def test_every_fault_is_told_at_once(folder: Path) -> None:
    edit(folder, TECH, "pass_at: 60", "pass_at: 101")
    edit(folder, SHANDONG, "replaces: [S9]", "replaces: []")
    assert {one.file for one in read_library(folder).faults} == {TECH, SHANDONG}


def test_an_effective_pack_that_is_stale_missing_or_of_nothing_stops_the_start(folder: Path) -> None:
    file = "packs/giant-2022-63+2025.yaml"
    edit(folder, file, "  at_least: 5000\n  evidence", "  at_least: 4000\n  evidence")
    assert [(one.file, "不一致" in one.message) for one in read_library(folder).faults] == [(file, True)]
    assert write_effective(folder) == [folder / file] and read_library(folder).faults == []
    (folder / file).rename(folder / "packs" / "elsewhere.yaml")
    assert read_library(folder).faults == []
    (folder / "packs" / "elsewhere.yaml").unlink()
    assert [one.file for one in read_library(folder).faults if "缺少" in one.message] == [REVENUE]
    write_effective(folder)
    for path in (folder / "overrides").glob("2025*.yaml"):
        path.unlink()
    assert {one.message for one in read_library(folder).faults} >= {"没有哪项调整得出 giant@2022-63+2025"}


def test_a_change_of_a_base_is_a_change_of_what_was_made_from_it(folder: Path) -> None:
    edit(folder, "packs/giant-2022-63.yaml", "at_most: 70", "at_most: 65")
    stale = {one.file for one in read_library(folder).faults}
    assert stale == {"packs/giant-2022-63+2025.yaml", "packs/giant-2022-63+2025-re_review.yaml"}
    assert len(write_effective(folder)) == 2 and read_library(folder).faults == []


def test_shipped_effective_packs_are_as_written_and_say_their_origin() -> None:
    library = read_library(POLICY)
    assert library.faults == []
    assert {one.id: one.kinds for one in library.effective} == {
        "giant@2022-63+2025": ("declaration",),
        "giant@2022-63+2025-re_review": ("re_review",),
        "giant@2026-2+re_review": ("re_review",),
        "srdi@2026-2+re_review": ("re_review",),
        "srdi@2022-63+370000": ("declaration", "re_review"),
    }
    for one in library.effective:
        assert (POLICY / "packs" / one.file).read_text(encoding="utf-8") == written(one)
        pack = library.packs[one.id]
        assert (pack.base, pack.certain) == (one.base["id"], all(a.content["certain"] for a in one.amendments))
        assert all(a.content["source"] in pack.source for a in one.amendments)


def test_amendments_apply_in_their_order_and_leave_the_base_alone() -> None:
    library = read_library(POLICY)
    plan = next(one for one in library.effective if one.id == "giant@2022-63+2025-re_review")
    before = repr(plan.base)
    assert made(plan)["amendments"] == ["giant-2025-1", "giant-2025-2"]
    assert repr(plan.base) == before and made(plan) == made(plan)


@pytest.mark.parametrize(
    ("pack", "changes", "verdict"),
    [
        ("giant@2022-63", {"revenue_y1": "4999.99"}, "fail"),
        ("giant@2022-63+2025", {"revenue_y1": "5000.00"}, "pass"),
        ("giant@2022-63+2025", {"revenue_y1": "4999.99"}, "fail"),
        ("giant@2022-63+2025-re_review", {"revenue_y1": "4999.99"}, "fail"),
        ("giant@2022-63+2025", {"main_revenue_y2": "5000.00", "main_revenue_y3": "9000.00"}, "fail"),
        ("giant@2022-63+2025-re_review", {"main_revenue_y2": "5000.00", "main_revenue_y3": "9000.00"}, "pass"),
        ("giant@2026-2", {"revenue_y3": "12000.00"}, "fail"),
        ("giant@2026-2+re_review", {"revenue_y3": "12000.00"}, "pass"),
        ("giant@2026-2+re_review", {"revenue_y3": None}, "pass"),
        ("giant@2026-2", {"development_score_y0": "59.99", "development_score_y1": "60.00"}, "fail"),
        ("giant@2026-2+re_review", {"development_score_y0": "59.99", "development_score_y1": "60.00"}, "pass"),
        ("giant@2026-2+re_review", {"development_score_y0": None, "development_score_y1": "60.00"}, "pass"),
        ("giant@2026-2+re_review", {"development_score_y0": "59.99", "development_score_y1": None}, "open"),
        ("srdi@2026-2", {"development_score_y0": "49.99", "development_score_y1": "50.00"}, "fail"),
        ("srdi@2026-2+re_review", {"development_score_y0": "49.99", "development_score_y1": "50.00"}, "pass"),
        ("srdi@2026-2+re_review", {"development_score_y0": "49.99", "development_score_y1": "49.99"}, "fail"),
    ],
)
def test_what_a_notice_changes_for_an_enterprise(pack: str, changes: dict[str, object], verdict: str) -> None:
    few = {"revenue_y1": "6000.00", "main_revenue_y1": "5800.00"} if pack.startswith("giant@2022") else {}
    form = good() | few | {"main_revenue_y2": "4700.00", "main_revenue_y3": "4400.00"} | changes
    if "revenue_y1" in changes:
        form["main_revenue_y1"] = changes["revenue_y1"]
    assert evaluate(packs()[pack], form, None, good_judgements()).verdict == verdict


def test_what_is_not_examined_is_still_shown_with_its_reason() -> None:
    result = evaluate(packs()["giant@2026-2+re_review"], good(), None, good_judgements())
    growth = next(one for gate in result.gates for one in gate.parts if one.id == "G2-growth")
    assert growth.state == "met"
    assert growth.reason == "不考察：复核时不考察近2年营业收入复合增长率（复核：不考察增长率）"


def test_a_province_of_its_own_is_a_file_and_nothing_else(folder: Path) -> None:
    """Made up: 15 points in one ladder."""
    text = (folder / SHANDONG).read_text(encoding="utf-8").replace("370000", "990000").replace("山东省", "虚构省")
    head, _, _ = text.partition("inputs:")
    ladder = """indicators:
  - id: S9-1
    group: distinctiveness
    label: 从业年限
    max: 15
    clause: 虚构
    formula: 从业年限
    ladder:
      value: market_years
      unit: 年
      steps: [{at_least: 10, points: 15}, {at_least: 3, below: 10, points: "7.5"}, {below: 3, points: 0}]
"""
    (folder / "supplements" / "990000.yaml").write_text(head + ladder, encoding="utf-8")
    assert [path.name for path in write_effective(folder)] == ["srdi-2022-63+990000.yaml"]
    library: Library = read_library(folder)
    assert library.faults == []
    pack = library.packs["srdi@2022-63+990000"]
    points = [one.points for one in evaluate(pack, good(), 3, {}).indicators if one.id == "S9-1"]
    assert (pack.authority, points) == ("990000", ["7.5"])


def test_overrides_are_ordered_small_files() -> None:
    for text in read_library(POLICY).of(Override):
        assert isinstance(text.head, Override) and len(text.head.changes) == 1 and text.head.reason

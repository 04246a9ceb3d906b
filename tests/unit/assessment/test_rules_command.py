"""`tidu rules`: what authors and lawyers see; what follows from the rules is current."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from deploy.cli.rules import DOCS, app
from services.assessment.authoring.diff import compared
from services.assessment.authoring.explain import explained
from services.assessment.authoring.generated import pages, stale, write_rest
from services.assessment.authoring.library import FOLDERS, read_library
from services.assessment.authoring.schema import TYPES, schemas
from services.assessment.authoring.words import in_words
from tests.unit.assessment.samples import POLICY, packs

LIBRARY = read_library(POLICY)
VALIDATED = [text for text in LIBRARY.texts if text.content["kind"] in TYPES]


def tidu(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_check_lists_every_rule_and_counts_its_errors() -> None:
    code, out, err = tidu("check")
    assert (code, err) == (0, "")
    for text in LIBRARY.texts:
        assert f"{text.file}  {text.head.id}  {text.head.title}" in out and text.head.source in out
    last = out.splitlines()[-1]
    assert last == f"{len(LIBRARY.texts)} files, {len(packs())} packs, 19 bindings, 0 errors"


def test_check_says_file_and_line_of_a_hole_and_exits_with_one(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(POLICY, tmp_path / "policy"))
    path = folder / "packs" / "tech-2017-115.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{at_least: 20, below: 25, points: 12}", "{at_least: 20, below: 24, points: 12}"))
    line = text[: text.index("{at_least: 20, below: 25, points: 12}")].count("\n") + 1
    code, out, err = tidu("check", str(folder))
    assert code == 1 and out.splitlines()[-1].endswith(", 1 errors")
    assert err.startswith(f"packs/tech-2017-115.yaml:{line}: ") and "空缺" in err
    code, _, err = tidu("check", str(path))
    assert code == 1 and err.startswith(f"{path}:{line}: ")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("overrides/2025-2-giant-re-review-growth.yaml", "waive: Z3", "waive: Z9", "中没有 Z9"),
        ("supplements/370000-shandong.yaml", "max: 3\n", "max: 2\n", "与15不符"),
        ("bindings/350200-xiamen.yaml", "pack: growth@350200", "pack: growth@350299", "没有名为"),
        ("digital/digital-2024-56.yaml", "weight: 50", "weight: 51", "应为100"),
        ("packs/srdi-2026-2.yaml", "kind: pack", "kind: packet", "之一"),
    ],
)
def test_one_file_is_checked_before_it_joins_the_others(
    tmp_path: Path, file: str, old: str, new: str, words: str
) -> None:
    right = (POLICY / file).read_text(encoding="utf-8")
    path = tmp_path / "draft.yaml"
    path.write_text(right, encoding="utf-8")
    assert tidu("check", str(path))[0] == 0
    path.write_text(right.replace(old, new, 1), encoding="utf-8")
    code, _, err = tidu("check", str(path))
    assert code == 1 and words in err and err.startswith(f"{path}:")


def test_explain_reads_like_the_notice() -> None:
    code, out, _ = tidu("explain", "giant@2026-2")
    assert code == 0 and out.startswith("# 专精特新“小巨人”企业认定标准（2026年）\n")
    for words in (
        "工信部企业〔2026〕2号",
        "| G2-growth | 　└ 近2年营业收入复合增长率不低于5% |",
        "〔「上年度营业收入总额」 − 「大前年度营业收入总额」〕 ÷ 「大前年度营业收入总额」（2年合计增长，折合每年的复合增长率） 不低于5%",
        "| 全国 | 申报 | 2026-04-01 起 | 2号附件2；117号 |  |",
    ):
        assert words in out
    assert tidu("explain", "giant@1999")[0] == 2


def condition_of(line: str) -> tuple[str, str]:
    """Id and label of a row, without what shows how deep it stands."""
    cells = [cell.strip() for cell in line.split("|")]
    return (cells[1], cells[2].rpartition("└ ")[2]) if len(cells) > 3 else ("", "")


@pytest.mark.parametrize("id", sorted(packs()))
def test_a_page_says_every_condition_indicator_step_source_and_mark(id: str) -> None:
    pack, page = packs()[id], explained(packs()[id], LIBRARY)
    left: list[Any] = [*pack.gates, *pack.direct]
    while left:
        one = left.pop()
        left += [*one.all, *one.any]
        line = next(line for line in page.splitlines() if condition_of(line) == (one.id, one.label))
        assert one.clause in line
        assert one.certain or "待核实" in line
        for bound in (one.at_least, one.at_most, one.below):
            assert bound is None or one.waived or str(bound) in line
    for indicator in pack.indicators:
        line = next(line for line in page.splitlines() if f"| {indicator.id} | {indicator.label} |" in line)
        assert indicator.clause in line and (indicator.certain or "待核实" in line)
        for ladder in filter(None, (indicator.ladder, *indicator.best_of)):
            assert all(f"：{band.points}分" in line for band in ladder.steps)
    assert pack.source in page and all(note in page for note in pack.notes)
    assert "||" not in page and "&&" not in page and "ratio(" not in page and "growth(" not in page


def test_an_expression_is_written_with_labels() -> None:
    inputs = packs()["srdi@2022-63"].inputs
    assert in_words("!restricted_product && digital_level in ['3', '4']", inputs) == (
        "非「提供的产品（服务）属于禁止、限制或淘汰类」 且 「数字化水平」 属于 [三级, 四级]"
    )
    assert in_words("mean(ratio(rd_staff, staff_total), 1)", inputs) == (
        "〔「研发人员数」 ÷ 「全体职工人数」〕与〔1〕的算术平均"
    )


def test_diff_shows_what_differs_and_nothing_else() -> None:
    code, out, _ = tidu("diff", "giant@2022-63", "giant@2022-63+2025-re_review")
    keys = [line.split(" | ")[0] for line in out.splitlines() if line.startswith("| ")][2:]
    assert (code, keys) == (0, ["| 业务", "| Z3", "| revenue-2025"])
    assert "不考察：" in out and out.splitlines()[-1].startswith("3 处不同，")
    same = compared(packs()["srdi@2022-63"], packs()["srdi@2022-63"])
    assert same.splitlines()[-1].startswith("0 处不同，")
    between = compared(packs()["srdi@2022-63"], packs()["srdi@2026-2"])
    assert "| S11 |" in between and "| P6 | — |" in between and "| sme |" not in between


def test_pages_and_schemas_are_current(tmp_path: Path) -> None:
    assert stale(LIBRARY, POLICY, DOCS) == []
    folder, docs = Path(shutil.copytree(POLICY, tmp_path / "policy")), tmp_path / "docs"
    assert {path.name for path in write_rest(folder, docs)} == set(pages(LIBRARY))
    page = docs / "tech-2017-115.md"
    page.write_text(page.read_text(encoding="utf-8").replace("30分", "31分"), encoding="utf-8")
    (docs / "gone-1999.md").write_text("", encoding="utf-8")
    (folder / "schemas" / "pack.schema.json").unlink()
    told = [fault.file for fault in stale(LIBRARY, folder, docs)]
    assert told == ["schemas/pack.schema.json", "docs/tech-2017-115.md", "docs/gone-1999.md"]
    assert len(write_rest(folder, docs)) == 3 and stale(LIBRARY, folder, docs) == []


def as_json(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): as_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [as_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize("text", VALIDATED, ids=lambda text: text.file)
def test_every_rule_fits_its_schema_and_a_rule_with_an_unknown_field_does_not(text: Any) -> None:
    schema = json.loads(schemas()[f"{text.content['kind']}.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    content = as_json(text.content)
    jsonschema.validate(content, schema)
    for wrong in ({"surprise": 1}, {"certain": "yes"}, {"kind": "other"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**content, **wrong}, schema)  # type: ignore[dict-item]
    assert {kind for kind, _ in FOLDERS.values()} - set(TYPES) == {"size"}

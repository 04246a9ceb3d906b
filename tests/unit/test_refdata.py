"""`tidu data check`: the shipped reference data is whole, and each kind of damage is named with file and line."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from deploy.cli import data
from deploy.refdata import check
from deploy.refdata.checking import EXPECTED, FOLDERS

SERVICES = Path(__file__).parents[2] / "services"
REFERENCE, REVIEW = "applications/policy/reference", "review/policy"
INDUSTRIES, DIVISIONS = f"{REFERENCE}/industries-gbt4754-2017.csv", f"{REFERENCE}/divisions-2023.csv"
AUTHORITIES, ZONES = f"{REFERENCE}/authorities-2024.yaml", f"{REFERENCE}/zones-2024.yaml"
AMENDMENT, INITIALS = f"{REFERENCE}/industries-amendment-2019.yaml", f"{REFERENCE}/initials-2026.yaml"
SIZE, FORMS = "assessment/policy/size/size-2011-300.yaml", "assessment/policy/digital_forms/national.yaml"
CALENDAR = f"{REVIEW}/calendars/calendar-2025.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A tree of services with nothing but the data."""
    for folder in FOLDERS.values():
        if (SERVICES / folder).is_dir():
            shutil.copytree(SERVICES / folder, tmp_path / folder)
    return tmp_path


def test_the_shipped_data_is_whole() -> None:
    report = check(SERVICES)
    assert report.faults == ()
    lines = {line.id: line for line in report.lines}
    assert lines["industries-gbt4754-2017"].count == "20 / 97 / 473 / 1381"
    assert lines["divisions-2023"].count == "31 / 342 / 2978"
    assert lines["authorities-2024"].count == "37"
    assert "1252 mapped, 129 not covered" in lines["size@2011-300"].count
    assert [line.mark for line in report.lines if line.id in ("zones-2024", "divisions-2023", "calendar-2027")] == [
        "",
        "2 待核实",
        "待核实",
    ]
    assert report.rows == 20 + 97 + 473 + 1381 + 31 + 342 + 2978
    assert all(line.source and line.edition for line in report.lines)


def test_the_counts_are_those_that_the_sources_say() -> None:
    said = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    assert said["authorities-2024"]["counts"]["separate_city"] == 5
    assert sum(said["authorities-2024"]["counts"].values()) == 37
    assert all(one["source"] for one in said.values())


# File, what is replaced by what, the file and a text of the line that is named, and words of the fault.
BROKEN = [
    (INDUSTRIES, "0111,011,class,稻谷种植\n", "", "industries-gbt4754-2017.yaml", "counts:", "1380 rows"),
    (INDUSTRIES, "0111,011,class", "0111,998,class", "", "0111,998,class", "parent 998"),
    (INDUSTRIES, "0111,011,class", "0111,012,class", "", "0111,012,class", "does not begin"),
    (INDUSTRIES, "0112,011,class", "0111,011,class", "", "0111,011,class,小麦种植", "stands in line 5"),
    (INDUSTRIES, "0111,011,class", "011,011,class", "", "011,011,class", "no code of a class"),
    (INDUSTRIES, "0111,011,class", "0111,011,klass", "", "0111,011,klass", "no such level"),
    (INDUSTRIES, "0111,011,class,稻谷种植", "0111,011,class,", "", "0111,011,class,", "no proper name"),
    (INDUSTRIES, "0111,011,class,稻谷种植", "0111,011,class", "", "0111,011,class", "3 cells"),
    (INDUSTRIES, "code,parent,level,name", "code,above,level,name", "", "code,above", "has the columns"),
    (AUTHORITIES, "authorities:\n", "offices:\n", "", "kind: authorities", "'authorities' is missing"),
    (INDUSTRIES, "\nA,,section", "\nA,01,section", "", "A,01,section", "has a parent"),
    (INDUSTRIES, "稻谷种植", "𠮷谷种植", "initials-2026.yaml", "letters:", "𠮷"),
    (INDUSTRIES, "7010,701,class", "7090,701,class", "", "7090,709,class", "stands in line"),
    (DIVISIONS, "110101,110100,county", "110101,119900,county", "", "110101,119900", "parent 119900"),
    (DIVISIONS, "320000,,province,江苏省", "990000,,province,江苏省", "", "990000,", "no certifying authority"),
    (DIVISIONS, "110101,110100,county", "990101,110100,county", "", "990101,", "under 0 authorities"),
    (AUTHORITIES, 'apart_from: "210000"', "apart_from: null", "", 'code: "210200"', "apart from"),
    (AUTHORITIES, 'code: "120000"', 'code: "110000"', "", "name: 天津市", "stands twice"),
    (AUTHORITIES, "0311-87802550", "0311-8780255O", "", 'code: "130000"', "telephone"),
    (AUTHORITIES, "kind: corps", "kind: army", "", 'code: "660000"', "no such kind"),
    (AUTHORITIES, 'code: "210200", name: 大连市', 'name: 大连市', "", "kind: authorities", "'code' is missing"),
    (ZONES, 'parent: "350200"', 'parent: "359900"', "", 'parent: "359900"', "parent 359900"),
    (ZONES, "500100z02", "500100z01", "", "重庆高新区", "code 500100z01"),
    (ZONES, 'reviews_as: province', "reviews_as: nation", "", "兵团", "reviews_as nation"),
    (AMENDMENT, "missing: {class: 1}", "missing: {class: 2}", "", "amended:", "1383"),
    (AMENDMENT, "added: []", 'added: ["9999"]', "", "added:", "9999"),
    (AMENDMENT, "amends: industries-gbt4754-2017", "amends: isic", "", "amends:", "no such table"),
    (INITIALS, '  "a": "', '  "1": "', "", '"1":', "no letter"),
    (SIZE, 'codes: ["52"]', 'codes: ["98"]', "", 'codes: ["98"]', "98 is no code"),
    (SIZE, 'codes: ["52"]', "codes: []", "industries-gbt4754-2017.csv", "5211,", "has no row"),
    (SIZE, "staff: [300, 50, 10]", "staff: [300, 500, 10]", "", "staff: [300, 500, 10]", "自大至小"),
    (FORMS, 'prefix: "13"', 'prefix: "98"', "", 'prefix: "98"', "98 is no code"),
    (FORMS, "digital@2024-56", "digital@2030-1", "", "digital@2030-1", "no such questionnaire"),
    (FORMS, "otherwise: other", "otherwise: others", "", "otherwise: others", "Invalid enum"),
    (CALENDAR, "working_days: 248", "working_days: 249", "", "working_days: 249", "248 working days"),
    (CALENDAR, "- 2025-01-26", "- 2025-01-27", "", "- 2025-01-27", "no weekend day"),
    (CALENDAR, "from: 2025-01-01, to: 2025-01-01", "from: 2025-01-01, to: 2026-01-01", "", "元旦", "not in 2025"),
    (CALENDAR, "year: 2025", "year: 2030", "", "", "no calendar of 2025"),
    (CALENDAR, "working_days: 248\n", "", "", "kind: calendar", "'working_days' is missing"),
    (f"{REVIEW}/calendars/calendar-2027.yaml", "certain: false", "certain: true", "", "certain: true", "provisional"),
    (f"{REVIEW}/chains/320000-jiangsu.yaml", 'authority: "320000"', 'authority: "329900"', "", "329900", "no such authority"),
    (ZONES, "certain: true", "certain: [true", "", "", "YAML"),
    (ZONES, "source: ", "sources: ", "", "kind: zones", "lacks source"),
    (f"{REFERENCE}/divisions-2023.yaml", "divisions-2023.csv", "divisions.csv", "", "table:", "cannot be read"),
    (f"{REFERENCE}/divisions-2023.yaml", "id: divisions-2023", "id: divisions-2023\nid: divisions", "", "id: divisions", "键重复"),
    (CALENDAR, "id: calendar-2025", "id: calendar-2024", "", "id: calendar-2024", "calendar-2024.yaml already"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "old", "new", "file", "line", "words"), BROKEN)
def test_damage_is_named_with_file_and_line(
    copy: Path, path: str, old: str, new: str, file: str, line: str, words: str
) -> None:
    target = copy / path
    text = target.read_text(encoding="utf-8")
    assert old in text
    target.write_text(text.replace(old, new, 1), encoding="utf-8")
    faults = [one for one in check(copy).faults if words in one]
    assert faults, check(copy).faults
    named, number, _ = faults[0].split(":", 2)
    found = next(one for one in copy.rglob(named))
    assert named == file or not file
    assert line in found.read_text(encoding="utf-8").splitlines()[int(number) - 1]


def test_a_tree_without_tables_is_said_and_not_an_exception(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert len(report.faults) == 4 and all("no table of" in fault for fault in report.faults)


def test_the_command_prints_a_table_and_the_figure_on_its_last_line() -> None:
    run = CliRunner().invoke(data.app, ["check"])
    assert run.exit_code == 0, run.output
    assert run.stdout.splitlines()[-1] == "13 tables, 5322 rows, 8 marked 待核实, 0 faults"
    assert "industries-gbt4754-2017" in run.stdout and "2023-06-30" in run.stdout


def test_the_command_exits_1_with_the_fault_on_stderr(copy: Path) -> None:
    target = copy / INDUSTRIES
    target.write_text(target.read_text(encoding="utf-8").replace("0111,011,class", "0111,998,class"), encoding="utf-8")
    run = CliRunner().invoke(data.app, ["check", "--services", str(copy)])
    assert run.exit_code == 1
    assert "industries-gbt4754-2017.csv:5: the parent 998" in run.stderr
    assert run.stdout.splitlines()[-1].endswith("1 faults")
    machine = CliRunner().invoke(data.app, ["check", "--services", str(copy), "--format", "json"])
    answer = json.loads(machine.stdout)
    assert machine.exit_code == 1 and len(answer["faults"]) == 1 and answer["lines"]


def test_an_operators_list_is_checked_before_it_is_put_in_place(tmp_path: Path) -> None:
    head = "kind: list\nlist: products\nid: p-1\ntitle: 虚构产品\nsource: 虚构\nauthority: national\n"
    head += "effective_from: 2026-01-01\neffective_to: null\ncertain: false\ntable: p.csv\n"
    (tmp_path / "p.yaml").write_text(head, encoding="utf-8")
    (tmp_path / "p.csv").write_text("code,parent,name,industries\n1,,甲产品,3983\n", encoding="utf-8")
    good = CliRunner().invoke(data.app, ["check", "--list", str(tmp_path / "p.yaml")])
    assert (good.exit_code, good.stdout.strip()) == (0, "p.yaml: 0 faults")
    (tmp_path / "p.csv").write_text("code,parent,name,industries\n1,,甲产品,9999\n", encoding="utf-8")
    bad = CliRunner().invoke(data.app, ["check", "--list", str(tmp_path / "p.yaml")])
    assert bad.exit_code == 1 and "p.csv:2: " in bad.stderr
    assert CliRunner().invoke(data.app, ["check", "--list", str(tmp_path / "none.yaml")]).exit_code == 1


def test_a_supplied_list_is_part_of_the_check(copy: Path) -> None:
    folder = copy / "applications/policy/lists"
    head = "kind: list\nlist: key_chains\nid: chains-1\ntitle: 虚构产业链\nsource: 虚构\nauthority: national\n"
    head += "effective_from: 2026-01-01\neffective_to: null\ncertain: false\ntable: chains.csv\n"
    (folder / "chains.yaml").write_text(head, encoding="utf-8")
    (folder / "chains.csv").write_text("code,parent,name,industries\nK1,,甲链,39 40\n", encoding="utf-8")
    report = check(copy)
    assert report.faults == () and next(line for line in report.lines if line.id == "chains-1").count == "1"
    (folder / "chains.csv").write_text("code,parent,name,industries\nK1,K0,甲链,39 40\n", encoding="utf-8")
    assert [fault.split(": ")[0] for fault in check(copy).faults] == ["chains.csv:2"]

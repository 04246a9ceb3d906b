"""Lists that an operator supplies: read, searched, and refused naming file and line; none is shipped."""

import csv
import json
import shutil
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from libs.events.decider import Policies, Policy
from libs.events.policies import load_policies
from services.applications import queries
from services.applications.domain.lists import ListHead, ListRow, concerns
from services.applications.policy_text import ListFault, checked, industries_of, kinds_of, list_faults
from tests.unit.applications import kit as k

POLICY = k.SERVICES / "applications/policy"
KINDS, INDUSTRIES = kinds_of(POLICY), industries_of(POLICY)
HEAD = """kind: list
list: products
id: products-2026
title: 产品目录（虚构）
source: 测试用虚构目录
authority: national
effective_from: 2024-01-01
effective_to: null
certain: false
table: products-2026.csv
"""
TABLE = """code,parent,name,industries
398301,,压力传感器,3983
39830101,398301,陶瓷压力传感器,3983
348401,,精密轴,3484
"""


def written(folder: Path, head: str = HEAD, table: str = TABLE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "products-2026.csv").write_text(table, encoding="utf-8")
    path = folder / "products.yaml"
    path.write_text(head, encoding="utf-8")
    return path


def supplied(tmp_path: Path) -> Policies:
    written(tmp_path / "lists")
    return Policies([*k.POLICIES, *load_policies(tmp_path)], k.INSIDE)


def test_no_list_is_shipped_and_words_are_fine_until_one_is() -> None:
    bare = Policies(k.POLICIES, k.INSIDE)
    assert [one["supplied"] for one in queries.lists(bare)] == [False] * 4
    answer = queries.list_items(bare, "products", None, "", "传感器")
    assert answer is not None and answer["free_text"] and "尚未" in answer["says"]
    assert [row["code"] for row in answer["suggestions"]] == ["3983"]
    assert queries.list_items(bare, "poems", None, "", "") is None


def test_a_supplied_list_is_searched_and_narrowed_by_industry(tmp_path: Path) -> None:
    policies = supplied(tmp_path)
    shown = next(one for one in queries.lists(policies) if one["list"] == "products")
    assert (shown["supplied"], shown["certain"], shown["edition"]["id"]) == (True, False, "products-2026")

    def codes(industry: str = "", text: str = "", under: str | None = None) -> list[str]:
        found = queries.list_items(policies, "products", under, industry, text)
        assert found is not None and not found["free_text"]
        return [row["code"] for row in found["items"]]

    assert codes() == ["398301", "39830101", "348401"]
    assert codes(under="") == ["398301", "348401"] and codes(under="398301") == ["39830101"]
    assert codes(industry="3983") == codes(industry="39") == ["398301", "39830101"]
    assert codes(text="jmz") == ["348401"] and codes(text="压力 陶瓷") == ["39830101"]
    assert codes(industry="3484", text="传感器") == []


def test_a_newer_edition_is_used(tmp_path: Path) -> None:
    policies = supplied(tmp_path)
    old = queries.reference.supplied(policies, "products")
    assert isinstance(old, Policy)
    new = msgspec.structs.replace(old, id="products-2027", effective_from="2024-02-01")
    both = Policies([*k.POLICIES, new, old], k.INSIDE)
    assert queries.reference.supplied(both, "products") == new


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("code,parent,name,industries", "code,name,parent,industries", 1, "表头"),
        ("348401,,精密轴,3484", "348401,,精密轴", 4, "4 列"),
        ("348401,,精密轴,3484", "398301,,精密轴,3484", 4, "与第 2 行重复"),
        ("39830101,398301", "39830101,398302", 3, "上级代码 398302"),
        ("39830101,398301", "39830101,348401", 3, "之前列出"),
        ("精密轴,3484", "精密轴,", 4, "一个小类"),
        ("精密轴,3484", "精密轴,348", 4, "四位代码"),
        ("精密轴,3484", "精密轴,3484 3485", 4, "一个小类"),
        ("精密轴,3484", "精密轴,9999", 4, "9999"),
        ("348401,,精密轴", "348401,,", 4, "不能为空"),
        ("348401,,精密轴", ",,精密轴", 4, "不能为空"),
        ("code,parent,name,industries", "code,name,parent,industries", 1, "表头应为 code,parent,name,industries"),
        ("348401,,精密轴", "348401,, 精密轴", 4, "空格"),
        ("348401,,精密轴", '348401,,"精密轴', 4, "CSV"),
    ],
)
def test_a_table_with_a_fault_is_refused_at_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in TABLE
    (fault, *_) = list_faults(written(tmp_path, table=TABLE.replace(old, new, 1)), KINDS, INDUSTRIES)
    assert fault.startswith(f"products-2026.csv:{line}: ") and words in fault


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("list: products", "list: poems", 2, "没有名为 poems"),
        ("kind: list", "kind: lists", 1, "Invalid enum value"),
        ("certain: false", "certain: perhaps", 9, "bool"),
        ("title: 产品目录（虚构）", 'title: " "', 4, "不能为空"),
        ("effective_to: null", "effective_to: 2023-01-01", 8, "早于"),
        ("effective_from: 2024-01-01", "effective_from: soon", 7, "date"),
        ("table: products-2026.csv", "tabel: products-2026.csv", 10, "unknown field"),
        ("table: products-2026.csv\n", "", 1, "missing required field"),
        ("id: products-2026", "id: [", 5, "YAML"),
    ],
)
def test_a_head_with_a_fault_is_refused_at_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert old in HEAD
    (fault,) = list_faults(written(tmp_path, HEAD.replace(old, new, 1)), KINDS, INDUSTRIES)
    assert fault.startswith(f"products.yaml:{line}: ") and words in fault


def test_a_table_that_is_not_there_or_not_text_is_said(tmp_path: Path) -> None:
    path = written(tmp_path)
    (tmp_path / "products-2026.csv").write_bytes("名称".encode("gb18030"))
    assert list_faults(path, KINDS, INDUSTRIES) == ["products-2026.csv:1: 不是 UTF-8 编码的文件"]
    (tmp_path / "products-2026.csv").unlink()
    assert "不存在" in list_faults(path, KINDS, INDUSTRIES)[0]
    path.write_bytes("产品".encode("gb18030"))
    assert list_faults(path, KINDS, INDUSTRIES) == ["products.yaml:1: 不是 UTF-8 编码的文件"]
    assert "没有任何一项" in list_faults(written(tmp_path, table=TABLE.splitlines()[0]), KINDS, INDUSTRIES)[0]


def test_every_fault_of_a_table_is_named_at_once(tmp_path: Path) -> None:
    table = TABLE.replace("3484", "9999").replace("39830101,398301", "39830101,1")
    assert len(list_faults(written(tmp_path, table=table), KINDS, INDUSTRIES)) == 2


@pytest.mark.parametrize("until", ["null", "2024-01-01", "2030-12-31"])
def test_a_list_may_end_on_its_first_day_or_later(tmp_path: Path, until: str) -> None:
    head = HEAD.replace("effective_to: null", f"effective_to: {until}")
    assert list_faults(written(tmp_path, head), KINDS, INDUSTRIES) == []


def test_a_list_of_chains_names_as_many_industries_as_it_likes(tmp_path: Path) -> None:
    head = HEAD.replace("list: products", "list: key_chains")
    table = "code,parent,name,industries\nK1,,甲链,39 C 3484\nK2,K1,乙链,\n"
    assert list_faults(written(tmp_path, head, table), KINDS, INDUSTRIES) == []
    row = {"industries": "39 3484"}
    assert [concerns(row, code) for code in ("3983", "39", "3", "3484", "34", "3485")] == [True] * 5 + [False]
    assert not concerns({"industries": ""}, "39")


def test_a_line_with_the_wrong_number_of_cells_is_not_a_parent(tmp_path: Path) -> None:
    table = TABLE.replace("398301,,压力传感器,3983", "398301,,压力传感器")
    first, second = list_faults(written(tmp_path, table=table), KINDS, INDUSTRIES)
    assert first.startswith("products-2026.csv:2: 应有 4 列，实有 3 列") and "上级代码 398301" in second


def test_a_wrong_list_stops_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    shutil.copytree(POLICY / "reference", folder / "reference")
    assert checked(folder) == folder
    written(folder / "lists")
    assert checked(folder) == folder
    written(folder / "lists", table=TABLE.replace("3484", "9999"))
    with pytest.raises(ListFault, match=r"products-2026\.csv:4: .*9999"):
        checked(folder)


def test_the_schema_is_what_the_loader_takes() -> None:
    """The committed JSON Schema is the loader's own, and a schema validator agrees about a good and a bad list."""
    committed = json.loads((POLICY / "lists.schema.json").read_text(encoding="utf-8"))
    _, components = msgspec.json.schema_components([ListHead, ListRow], ref_template="#/$defs/{name}")
    assert committed["$defs"] == json.loads(json.dumps(components))
    head = json.loads(json.dumps(yaml.safe_load(HEAD), default=str))
    jsonschema.validate(head, committed, format_checker=jsonschema.FormatChecker())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(head | {"tabel": "x"}, committed)
    row_schema = committed | {"$ref": "#/$defs/ListRow"}
    for row in csv.DictReader(TABLE.splitlines()):
        jsonschema.validate(row, row_schema)

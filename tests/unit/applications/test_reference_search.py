"""The pickers: industries and places by words, code and pinyin initials, best first."""

from typing import Any

import msgspec
import pytest

from libs.events.decider import Policies
from services.applications import queries
from services.applications.domain import reference
from services.applications.domain.search import entries, initials_at, letters_from, plain, search, words_of
from tests.unit.applications import kit as k

IN_FORCE = Policies(k.POLICIES, k.INSIDE)
LETTERS = reference.letters(IN_FORCE)


def industries(text: str, limit: int = 50) -> list[str]:
    return [row["code"] for row in queries.industries(IN_FORCE, None, text, limit)]


def places(text: str) -> list[str]:
    return [row["code"] for row in queries.divisions(IN_FORCE, None, text)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("传感器", "3983"),
        ("cgq", "3983"),
        ("ＣＧＱ", "3983"),
        ("制造 传感", "3983"),
        ("电子 传感器", "3983"),
        ("制造业 cgq", "3983"),
        ("3983", "3983"),
        ("C3983", "3983"),
        ("３９８３", "3983"),
        ("应用软件", "6513"),
        ("软件开发", "651"),
        ("yyrj", "6513"),
        ("稻谷", "0111"),
        ("3D打印", "7517"),
        ("半导体照明", "3975"),
        ("农、林、牧、渔业", "A"),
        ("农林牧渔", "3576"),
    ],
)
def test_an_industry_is_found(text: str, first: str) -> None:
    assert industries(text)[0] == first


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("玄武", "320102"),
        ("xwq", "320102"),
        ("南京 玄武", "320102"),
        ("nj xwq", "320102"),
        ("江苏 鼓楼", "320106"),
        ("320102", "320102"),
        ("厦门", "350200"),
        ("火炬高新", "350200z01"),
        ("xmhj", "350200z01"),
        ("重庆高新", "500100z02"),
        ("cqgx", "500100z02"),
        ("成都 锦江", "510104"),
    ],
)
def test_a_place_is_found(text: str, first: str) -> None:
    assert places(text)[0] == first


@pytest.mark.parametrize("text", ["南京 传感器", "qqqqqqqq", "不存在的行业", "99999", "%", ".*", " ", "、"])
def test_what_is_nowhere_is_not_found(text: str) -> None:
    assert industries(text) == []


def test_a_parent_alone_does_not_bring_all_that_is_under_it() -> None:
    """Several words may be answered by the names above, but one of them by the row itself."""
    assert "320102" not in places("南京")
    assert set(places("江苏 鼓楼")) == {"320106", "320302"}


def test_a_code_comes_before_what_lies_under_it_and_every_hit_answers() -> None:
    found = industries("398")
    assert found[0] == "398" and set(found) == {"398", *(f"398{n}" for n in "1234589")} & set(found)
    assert all(code.startswith("398") for code in found) and len(found) > 5


def test_a_hit_names_its_path_and_its_level() -> None:
    (hit,) = queries.industries(IN_FORCE, None, "3983")
    assert hit["level"] == "class" and hit["names"][0] == "制造业" and hit["names"][-1] == hit["name"]
    (place,) = queries.divisions(IN_FORCE, None, "320102")
    assert place["names"] == ["江苏省", "南京市", "玄武区"]


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_a_search_is_limited(limit: int) -> None:
    assert len(industries("制造", limit)) == limit


def test_every_reading_of_a_character_finds_it() -> None:
    """重庆 is read chong, 重型 zhong; both letters lead to it."""
    assert initials_at("重庆", "cq", LETTERS) == 0 == initials_at("重庆", "zq", LETTERS)
    assert initials_at("银行", "yh", LETTERS) == 0 == initials_at("行业", "hy", LETTERS)
    assert initials_at("重庆", "cqs", LETTERS) == -1 == initials_at("重庆", "q1", LETTERS)


def test_every_chinese_character_of_the_tables_has_an_initial() -> None:
    known = {character for characters in LETTERS.values() for character in characters}
    rows: list[Any] = [*reference.newest(IN_FORCE, "industries").rows, *reference.newest(IN_FORCE, "divisions").rows]
    used = {c for row in [*rows, *reference.zone_rows(IN_FORCE)] for c in plain(row["name"])}
    assert {c for c in used if not c.isascii() or c.isalpha()} <= known


def test_every_industry_is_found_by_its_own_name_code_and_letters() -> None:
    first = {c: letter for letter, characters in sorted(LETTERS.items()) for c in characters}
    for row in reference.newest(IN_FORCE, "industries").rows[::97]:
        name = plain(row["name"])
        assert industries(row["code"])[0] == row["code"]
        assert any(hit["name"] == row["name"] for hit in queries.industries(IN_FORCE, None, row["name"]))
        if all(c in first for c in name):
            assert initials_at(name, "".join(first[c] for c in name), LETTERS) == 0


def test_without_the_table_of_initials_words_and_codes_still_find() -> None:
    bare = Policies([one for one in k.POLICIES if one.kind != "initials"], k.INSIDE)
    assert [row["code"] for row in queries.industries(bare, None, "传感器")] == ["3983"]
    assert queries.industries(bare, None, "cgq") == []


def test_a_new_edition_of_the_divisions_is_searched_at_once() -> None:
    old = reference.newest(IN_FORCE, "divisions")
    rows = [dict(row) | ({"name": "新玄武区"} if row["code"] == "320102" else {}) for row in old.rows]
    new = msgspec.structs.replace(old, rows=rows, sha256="0" * 64)
    changed = Policies([new if one is old else one for one in k.POLICIES], k.INSIDE)
    assert [row["name"] for row in queries.divisions(changed, None, "新玄武")] == ["新玄武区"]
    assert places("新玄武") == []


def test_words_are_read_as_people_type_them() -> None:
    assert words_of("　Ｃ3983  传感器，") == ["3983", "传感器"]
    assert len(words_of("一 " * 40)) == 6
    assert letters_from({"letters": {"a": "阿"}}) == {"a": frozenset("阿a")}


def test_the_editions_say_where_they_come_from_and_what_is_open() -> None:
    shown = {one["id"]: one for one in queries.editions(IN_FORCE)}
    industries_ = shown["industries-gbt4754-2017"]
    assert industries_["counts"]["class"] == 1381 and industries_["certain"] is False and industries_["notes"]
    assert {one["kind"] for one in shown.values()} >= {"industries", "divisions", "zones", "authorities", "initials"}
    assert all(one["source"] and one["sha256"] for one in shown.values())


TABLE = [
    {"code": "10", "name": "轴承", "level": "class"},
    {"code": "11", "name": "轴承座", "level": "class"},
    {"code": "12", "name": "轴承座圈", "level": "group"},
    {"code": "13", "name": "轴承盖", "level": "group"},
    {"code": "14", "name": "轴承套", "level": "group"},
    {"code": "15", "name": "大轴承", "level": "class"},
    {"code": "16", "name": "周长仪", "level": "class"},
    {"code": "17", "name": "测周长仪", "level": "class"},
    {"code": "zc", "name": "别的", "level": "class"},
    {"code": "zc1", "name": "其他", "level": "class"},
    {"code": "20", "name": "支架", "level": "class"},
]
ABOVE = {"20": ["轴承用"], "16": ["精密、仪器"]}
SMALL = entries(TABLE, lambda row: ABOVE.get(row["code"], []), ("class", "group"))
FEW = letters_from({"letters": {"z": "轴周支座", "c": "承长仪测", "j": "架精"}})


def found(text: str, limit: int = 20) -> list[str]:
    return [row["code"] for row in search(SMALL, text, FEW, limit)]


def test_the_order_of_hits_is_from_the_surest_to_the_faintest() -> None:
    """Code, longer code; the name; what begins with it, by level, then the shorter, then by code; what holds it."""
    assert found("轴承") == ["10", "11", "13", "14", "12", "15"]
    assert found("zc") == ["zc", "zc1", "10", "11", "16", "13", "14", "12", "15", "17"]
    assert found("zc", 2) == ["zc", "zc1"]


def test_of_several_words_the_worst_answer_counts_and_then_all_of_them() -> None:
    assert found("轴承 座") == ["11", "12"]
    assert found("精密 周长") == ["16"] and found("jm 周长") == []
    assert found("轴承 zj") == ["20"] == found("支架 zc")
    assert found("精密") == [] == found("精密 仪器") == found("轴承 不在")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("C3983", ["3983"]),
        ("c398", ["398"]),
        ("U3983", ["u3983"]),
        ("C3", ["c3"]),
        ("3D打印", ["3d打印"]),
        ("A", ["a"]),
        ("一、二 三_四", ["一二", "三四"]),
    ],
)
def test_a_word_is_what_was_meant(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_level_that_is_not_listed_comes_last() -> None:
    rows = [
        {"code": "1", "name": "轴"},
        {"code": "2", "name": "轴", "level": "odd"},
        {"code": "3", "name": "轴", "level": "b"},
    ]
    assert [one.order for one in entries(rows, lambda _: (), ("a", "b"))] == [2, 2, 1]
    (one,) = entries([{"code": "1", "name": "甲、乙", "level": "a"}], lambda _: ["Ａ、上"], ("a",))
    assert (one.plain, one.above, one.order) == ("甲乙", ("a上",), 0)

"""划型 against a second writing of the table: every bound of every industry, and ten thousand made-up firms."""

import csv
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.assessment.domain.rules import PolicyFault
from services.assessment.domain.size import SizeResult, SizeStandard, classify, load_size
from services.assessment.domain.size.standard import row_of
from services.assessment.policy_text import read_size
from tests.frozen import frozen, plain
from tests.unit.assessment.samples import POLICY

HERE = Path(__file__).parent
FILE = POLICY / "size" / "size-2011-300.yaml"
TEXT = FILE.read_text(encoding="utf-8")
STANDARD: SizeStandard = read_size(TEXT, FILE.name)
CLASSES = ["大型", "中型", "小型", "微型"]
COLUMNS = {"x": "staff", "y": "revenue", "z": "assets"}
CENT = {"staff": Decimal(1), "revenue": Decimal("0.01"), "assets": Decimal("0.01")}


def oracle() -> list[tuple[str, str, dict[str, list[int]]]]:
    """Key, a code of the industry, and the bounds of each column from 大 down."""
    with (HERE / "size_oracle.csv").open(encoding="utf-8", newline="") as rows:
        return [
            (row["key"], row["code"], {COLUMNS[c]: [int(n) for n in row[c].split("/")] for c in COLUMNS if row[c]})
            for row in csv.DictReader(rows)
        ]


ORACLE = oracle()
BOUNDS = [
    pytest.param(code, bounds, name, step, id=f"{key}-{name}-{bounds[name][step]}")
    for key, code, bounds in ORACLE
    for name in bounds
    for step in range(3)
]


def said_by_the_table(bounds: dict[str, list[int]], figures: dict[str, Any]) -> str:
    """大, 中, 小 ask every column at its bound; else the next; 微 is what is left."""
    for place, name in enumerate(CLASSES[:3]):
        if all(Decimal(str(figures[column])) >= numbers[place] for column, numbers in bounds.items()):
            return name
    return "微型"


def size(code: str, declared: str | None = None, **figures: object) -> SizeResult:
    return classify(STANDARD, code, figures, declared)


def test_the_standard_has_the_sixteen_industries_with_their_clauses() -> None:
    assert [one.id for one in STANDARD.industries] == [key for key, _, _ in ORACLE]
    assert len({one.clause for one in STANDARD.industries}) == 16
    for industry, (_, code, bounds) in zip(STANDARD.industries, ORACLE, strict=True):
        assert set(industry.bounds) == set(bounds)
        assert row_of(STANDARD, code) == industry


@pytest.mark.parametrize(("code", "bounds", "name", "step"), BOUNDS)
def test_a_bound_is_included_and_just_below_it_is_the_next_class(
    code: str, bounds: dict[str, list[int]], name: str, step: int
) -> None:
    """The other indicators are at their largest, so that this one decides."""
    others: dict[str, Any] = {one: numbers[0] for one, numbers in bounds.items()}
    for value, expected in (
        (bounds[name][step] + CENT[name], CLASSES[step]),
        (Decimal(bounds[name][step]), CLASSES[step]),
        (bounds[name][step] - CENT[name], CLASSES[step + 1]),
    ):
        result = size(code, **{**others, name: str(value)})
        assert (result.size_class, result.state, result.sme) == (expected, "classified", expected != "大型")
        mine = next(one for one in result.indicators if one.id == name)
        assert (mine.size_class, Decimal(mine.value or "")) == (expected, value)
        assert expected == "大型" or name in result.deciding


@pytest.mark.parametrize(("code", "bounds"), [pytest.param(c, b, id=k) for k, c, b in ORACLE])
@pytest.mark.parametrize(("value", "words"), [(None, "未填写"), ("-1", "负数"), ("许多", "不是数"), ("", "未填写")])
def test_a_figure_that_is_not_there_leaves_a_range_for_a_person(
    code: str, bounds: dict[str, list[int]], value: object, words: str
) -> None:
    for name in bounds:
        figures: dict[str, object] = {one: numbers[1] for one, numbers in bounds.items()}
        result = size(code, **{**figures, name: value})
        at_most_medium = len(bounds) > 1
        assert result.possible == tuple(CLASSES[1:] if at_most_medium else CLASSES)
        assert (result.state, result.size_class) == ("not-classifiable", None)
        assert result.sme == (True if at_most_medium else None)
        assert words in (result.reason or "") and "人工" in (result.way_out or "")
        assert result.larger is result.smaller is None


@pytest.mark.parametrize(("code", "bounds"), [pytest.param(c, b, id=k) for k, c, b in ORACLE])
def test_zero_is_a_figure_and_one_below_the_last_bound_is_enough(code: str, bounds: dict[str, list[int]]) -> None:
    for name in bounds:
        result = size(code, **{name: 0})
        assert (result.size_class, result.deciding) == ("微型", (name,))
        assert result.smaller is None and result.larger is not None
        assert len(result.larger.when) == len(bounds)


def test_ten_thousand_made_up_firms_are_classed_as_the_table_says() -> None:
    dice = random.Random(300)
    seen = dict.fromkeys(CLASSES, 0)
    for _ in range(10_000):
        _, code, bounds = dice.choice(ORACLE)
        figures: dict[str, Any] = {}
        for name, numbers in bounds.items():
            near = dice.choice(numbers) + dice.choice([-1, 0, 1]) * CENT[name]
            wide = Decimal(dice.randrange(0, numbers[0] * 300)) / 100
            value = dice.choice([near, wide, wide / 30, wide / 1000])
            figures[name] = str(value.quantize(CENT[name]))
        expected = said_by_the_table(bounds, figures)
        seen[expected] += 1
        assert size(code, **figures).size_class == expected, (code, figures)
    assert min(seen.values()) > 300


def test_growing_never_makes_a_firm_smaller() -> None:
    dice = random.Random(11)
    for _ in range(2_000):
        _, code, bounds = dice.choice(ORACLE)
        figures = {name: dice.randrange(0, numbers[0] + 10) for name, numbers in bounds.items()}
        grown = {name: value + dice.randrange(0, 500) for name, value in figures.items()}
        before, after = size(code, **figures).size_class, size(code, **grown).size_class
        assert CLASSES.index(after or "") <= CLASSES.index(before or "")


def test_what_leads_to_the_next_class_leads_there() -> None:
    """Whoever fills every gap named is in the larger class, and not for a cent less."""
    result = size("3484", staff=120, revenue="1500.50")
    assert (result.size_class, result.deciding) == ("小型", ("staff", "revenue"))
    assert result.larger is not None and result.larger.size_class == "中型"
    assert result.larger.when == ("从业人员达到300人（还差180人）", "营业收入达到2000万元（还差499.5万元）")
    assert result.smaller is not None and result.smaller.size_class == "微型"
    assert result.smaller.when == ("从业人员低于20人", "营业收入低于300万元")
    assert size("3484", staff=300, revenue="2000").size_class == "中型"
    assert size("3484", staff=300, revenue="1999.99").size_class == "小型"
    staff = result.indicators[0]
    assert (staff.step, staff.larger_at, staff.larger_gap, staff.margin) == (
        "20人（含）至300人（不含）",
        "300人",
        "180人",
        "100人",
    )


def test_only_what_is_short_has_to_grow() -> None:
    result = size("3484", staff=5000, revenue="2000")
    assert (result.size_class, result.deciding) == ("中型", ("revenue",))
    assert result.larger is not None
    assert result.larger.when == ("营业收入达到40000万元（还差38000万元）",)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("5330", "铁路"),
        ("7040", "房地产租赁"),
        ("6633", "金融"),
        ("8336", "教育"),
        ("8411", "卫生"),
        ("9120", "公共管理"),
        ("9700", "国际组织"),
    ],
)
def test_an_industry_that_the_standard_does_not_name_is_for_a_person(code: str, words: str) -> None:
    result = size(code, "小型", staff=50, revenue="500", assets="500")
    assert (result.state, result.size_class, result.possible) == ("not-classifiable", None, tuple(CLASSES))
    assert words in (result.reason or "") and "人工" in (result.way_out or "") and result.uncertain
    assert result.declared is not None and result.declared.agrees is None


@pytest.mark.parametrize(
    ("code", "words"), [("70", "房地产开发经营"), ("59", "仓储业"), ("98", "没有代码"), ("", "未填写")]
)
def test_a_code_that_leads_to_no_row_is_asked_for_again(code: str, words: str) -> None:
    result = size(code, staff=50)
    assert words in (result.reason or "") and "小类" in (result.way_out or "") and result.size_class is None


def test_the_declared_class_is_compared() -> None:
    figures: dict[str, object] = {"staff": 100, "revenue": "5000"}
    agreed, differs = size("3484", "小型", **figures).declared, size("3484", "微型", **figures).declared
    assert agreed is not None and (agreed.agrees, agreed.difference) == (True, None)
    assert differs is not None and (differs.agrees, differs.difference) == (False, "申报为微型，按所填指标为小型")
    odd = size("3484", "巨型", **figures).declared
    assert odd is not None and odd.agrees is None and "巨型" in (odd.difference or "")
    assert size("3484", **figures).declared is None


@pytest.mark.parametrize("value", [True, "1e999999999", "1.5", [3], {"a": 1}, "NaN", float("inf"), "9" * 60])
def test_whatever_is_entered_gets_an_answer(value: object) -> None:
    result = size("7320", staff=value)
    assert (result.state, result.indicators[0].value) == ("not-classifiable", None) and result.reason


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "staff: [1000, 300, 20], revenue: [40000, 2000, 300]",
            "staff: [1000, 300], revenue: [40000, 2000, 300]",
            "下限",
        ),
        ("staff: [200, 20, 5]", "staff: [200, 300, 5]", "自大至小"),
        ("staff: [200, 20, 5]", "staff: [200, 20, 0]", "正数"),
        ("staff: [200, 20, 5]", "stuff: [200, 20, 5]", "没有这一指标"),
        ("staff: [200, 20, 5]", "staff: [200, 20, 5.5]", "引号"),
        ('codes: ["51"]', 'codes: ["52"]', "重复"),
        ('codes: ["51"]', 'codes: ["F"]', "数字"),
        ('codes: ["51"]', 'code: ["51"]', "unknown field"),
        ("id: wholesale", "id: retail", "重复"),
        ("fields: {industry: industry, ", "fields: {", "须给出"),
        ("assets: total_assets_y1}", "assets: total_assets_y1, profit: profit}", "须给出"),
        ("sme_from: 中型", "sme_from: 中等", "没有这一规模"),
        ("classes: [大型, 中型, 小型, 微型]", "classes: [中型]", "至少两类"),
        ("classes: [大型, 中型, 小型, 微型]", "classes: [大型, 中型, 小型, 小型]", "编号 小型 重复"),
        ("staff: [200, 20, 5]", "staff: [200, 200, 5]", "自大至小"),
        ("staff: [200, 20, 5]", "staff: [200, 20]", "须给出大型、中型、小型各自的下限"),
        ('"43",\n            "44"', '"43",\n            "43"', "代码前缀 43 重复"),
        ("{type: integer, label: 从业人员", "{type: boolean, label: 从业人员", "带单位"),
        ("{staff: [300, 100, 10]}\n", "{}\n", "至少一项"),
    ],
)
def test_a_standard_with_a_fault_is_refused_at_its_line(old: str, new: str, words: str) -> None:
    assert old in TEXT
    broken = TEXT.replace(old, new, 1)
    with pytest.raises(PolicyFault, match=words) as refusal:
        read_size(broken, "size.yaml")
    new = new.splitlines()[-1]
    named = broken.splitlines()[refusal.value.line - 1]
    assert refusal.value.file == "size.yaml" and new.strip() in named


WHOLE: dict[str, tuple[str, str | None, dict[str, object]]] = {
    "small, declared medium": ("3484", "中型", {"staff": 300, "revenue": "1999.99"}),
    "large, and so no SME": ("6513", "大型", {"staff": "300", "revenue": "10000.00"}),
    "micro by one figure alone": ("5211", None, {"staff": 9}),
    "micro by both": ("7211", "微型", {"staff": 0, "assets": "99.99"}),
    "figures that cannot be taken": ("4710", "小型", {"revenue": "-1.00", "assets": "1.005"}),
    "not named by the standard": ("5330", "小型", {"staff": 50}),
    "too short a code": ("70", None, {}),
    "no such code": ("98", None, {"staff": 5}),
}


@pytest.mark.parametrize("name", WHOLE)
def test_the_whole_answer(name: str) -> None:
    """Written out in tests/vectors, to be read like code."""
    code, declared, figures = WHOLE[name]
    found = plain(size(code, declared, **figures))
    assert found == frozen("assessment-sizes", name, found)


def test_a_fault_without_a_file_still_says_what_is_wrong() -> None:
    content = yaml.safe_load(TEXT) | {"sme_from": "中等"}
    with pytest.raises(PolicyFault) as refusal:
        load_size(content)
    assert str(refusal.value) == ":0: $.sme_from: 没有这一规模"

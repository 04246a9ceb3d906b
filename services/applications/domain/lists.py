"""Lists that an operator supplies (战略性新兴产业, 六基, 产品 …): their shape, and every fault with its line. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Literal

import msgspec

COLUMNS = ("code", "parent", "name", "industries")
CLASS_DIGITS = 4
"""A class (小类) of GB/T 4754 has four digits."""


class ListKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list that may be supplied; `industry`: whether each item names exactly one class, or any codes."""

    label: str
    industry: Literal["one", "any"]


class ListHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The head of a list; `table` is the CSV file beside it."""

    kind: Literal["list"]
    list: str
    id: str
    title: str
    source: str
    authority: str
    effective_from: date
    effective_to: date | None
    certain: bool
    table: str
    notes: tuple[str, ...] = ()


class ListRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of the table; `industries`: GB/T 4754 codes separated by spaces."""

    code: str
    parent: str
    name: str
    industries: str


class Fault(msgspec.Struct, frozen=True):
    """A fault at a line of a table (from 1), or at a field of a head (`line` 0)."""

    line: int
    message: str
    field: str = ""


def head_faults(head: ListHead, kinds: Mapping[str, ListKind]) -> list[Fault]:
    found = []
    if head.list not in kinds:
        found.append(Fault(0, f"没有名为 {head.list} 的目录，可提供：{'、'.join(kinds)}", "list"))
    if head.effective_to is not None and head.effective_to < head.effective_from:
        found.append(Fault(0, "失效日期早于生效日期", "effective_to"))
    blank = (name for name in ("id", "title", "source", "authority", "table") if not getattr(head, name).strip())
    return [*found, *(Fault(0, "不能为空", name) for name in blank)]


def row_faults(rows: Iterable[tuple[int, Sequence[str]]], kind: ListKind, industries: Collection[str]) -> list[Fault]:
    """`rows`: line and cells, the header first. `industries`: every known GB/T 4754 code."""
    lines = iter(rows)
    _, header = next(lines, (1, ()))
    if tuple(header) != COLUMNS:
        return [Fault(1, f"表头应为 {','.join(COLUMNS)}")]
    found: list[Fault] = []
    seen: dict[str, int] = {}
    for line, cells in lines:
        found += [Fault(line, words) for words in _row(cells, seen, kind, industries)]
        if len(cells) == len(COLUMNS):
            seen.setdefault(cells[0], line)
    return found if found or seen else [Fault(1, "目录没有任何一项")]


def _row(cells: Sequence[str], seen: Mapping[str, int], kind: ListKind, industries: Collection[str]) -> Iterable[str]:
    if len(cells) != len(COLUMNS):
        yield f"应有 {len(COLUMNS)} 列，实有 {len(cells)} 列"
        return
    row = ListRow(**dict(zip(COLUMNS, cells, strict=True)))
    if any(cell != cell.strip() for cell in cells):
        yield "内容前后有空格"
    if not row.code or not row.name:
        yield "代码和名称不能为空"
    if row.code in seen:
        yield f"代码 {row.code} 与第 {seen[row.code]} 行重复"
    if row.parent and row.parent not in seen:
        yield f"上级代码 {row.parent} 须在本行之前列出"
    named = row.industries.split()
    if kind.industry == "one" and (len(named) != 1 or len(named[0]) != CLASS_DIGITS):
        yield "每一项须且只能归入一个小类（四位代码）"
    for code in named:
        if code not in industries:
            yield f"行业代码 {code} 不在《国民经济行业分类》之内"


def concerns(row: Mapping[str, str], industry: str) -> bool:
    """Whether an item belongs to an industry, or to one above or below it."""
    return any(industry.startswith(code) or code.startswith(industry) for code in row["industries"].split())

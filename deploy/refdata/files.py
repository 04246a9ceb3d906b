"""Policy files with the line of every field and row."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.assessment.domain.rules.faults import PolicyFault, line_of
from services.assessment.policy_text import parse


class Row(NamedTuple):
    """A row of a table; its line counts from 1, the header's."""

    line: int
    cells: dict[str, str]


class File(msgspec.Struct, frozen=True):
    """A head with the lines of its fields, and the rows of its table if it has one."""

    path: Path
    head: dict[str, Any]
    lines: dict[str, int]
    table: Path | None
    rows: tuple[Row, ...]

    @property
    def id(self) -> str:
        return str(self.head["id"])

    def at(self, field: str, words: str) -> str:
        """A fault at a field of the head, such as `$.zones[2].parent`."""
        return f"{self.path.name}:{line_of(field, self.lines) or 1}: {words}"

    def at_row(self, row: Row, words: str) -> str:
        return f"{(self.table or self.path).name}:{row.line}: {words}"


Say = Callable[[str], None]
"""Told every fault, as `file:line: words`."""


def read_all(folder: Path, say: Say) -> list[File]:
    """Every policy file of a folder that can be read; what cannot is said."""
    found = [_read(path, say) for path in sorted(folder.glob("*.yaml"))]
    return [file for file in found if file is not None]


def _read(path: Path, say: Say) -> File | None:
    try:
        head, lines = parse(path.read_text(encoding="utf-8"), path.name)
    except PolicyFault as fault:
        say(str(fault))
        return None
    except UnicodeDecodeError:
        say(f"{path.name}:1: not UTF-8")
        return None
    lacking = [name for name in ("kind", "id", "title", "source", "effective_from", "certain") if name not in head]
    if lacking:
        say(f"{path.name}:1: the head lacks {', '.join(lacking)}")
        return None
    if "table" not in head:
        return File(path, head, lines, None, ())
    table = path.parent / str(head["table"])
    try:
        rows = tuple(_rows(table.read_text(encoding="utf-8"), table.name, say))
    except (OSError, UnicodeDecodeError):
        say(f"{path.name}:{lines['$.table']}: the table {table.name} cannot be read")
        return None
    if "levels" in head and not all(row.cells.keys() >= {"code", "parent", "level", "name"} for row in rows[:1]):
        say(f"{table.name}:1: a table with levels has the columns code, parent, level, name")
        return None
    return File(path, head, lines, table, rows)


def _rows(text: str, name: str, say: Say) -> Iterable[Row]:
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    for cells in reader:
        if len(cells) != len(header):
            say(f"{name}:{reader.line_num}: {len(cells)} cells, the header has {len(header)}")
            continue
        yield Row(reader.line_num, dict(zip(header, cells, strict=True)))

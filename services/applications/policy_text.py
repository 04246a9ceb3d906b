"""Lists as files: read with the line of every field and row, so that a fault names file and line."""

import csv
import io
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from services.applications.domain.lists import Fault, ListHead, ListKind, head_faults, row_faults


class ListFault(ValueError):
    """A list is refused; one line per fault: `file:line: words`."""


def checked(folder: Path) -> Path:
    """The policy folder, once every list in it was read: a wrong one stops the start. Raises ListFault."""
    files = sorted((folder / "lists").glob("*.yaml"))
    if files:
        kinds, industries = kinds_of(folder), industries_of(folder)
        faults = [fault for path in files for fault in list_faults(path, kinds, industries)]
        if faults:
            raise ListFault("\n".join(faults))
    return folder


def kinds_of(folder: Path) -> dict[str, ListKind]:
    content = yaml.safe_load((folder / "reference/list-kinds.yaml").read_text(encoding="utf-8"))
    return msgspec.convert(content["lists"], dict[str, ListKind])


def industries_of(folder: Path) -> frozenset[str]:
    """Every code of the industry tables."""
    found: set[str] = set()
    for head in (folder / "reference").glob("industries-*.yaml"):
        content = yaml.safe_load(head.read_text(encoding="utf-8"))
        if content["kind"] == "industries":
            with (head.parent / content["table"]).open(encoding="utf-8", newline="") as rows:
                found |= {row["code"] for row in csv.DictReader(rows)}
    return frozenset(found)


def list_faults(path: Path, kinds: Mapping[str, ListKind], industries: Collection[str]) -> list[str]:
    """Every fault of a list, as `file:line: words`; empty when it may be used."""
    try:
        content, lines = _head(path)
        head = msgspec.convert(content, ListHead)
    except yaml.YAMLError as trouble:
        mark = getattr(trouble, "problem_mark", None)
        return [f"{path.name}:{mark.line + 1 if mark else 1}: YAML 无法解析"]
    except UnicodeDecodeError:
        return [f"{path.name}:1: 不是 UTF-8 编码的文件"]
    except msgspec.ValidationError as trouble:
        return [f"{path.name}:{_line_of(str(trouble), lines)}: {trouble}"]
    faults = head_faults(head, kinds)
    if faults:
        return [f"{path.name}:{lines.get(fault.field, 1)}: {fault.field}: {fault.message}" for fault in faults]
    table = path.parent / head.table
    return [
        f"{head.table}:{fault.line}: {fault.message}" for fault in _table_faults(table, kinds[head.list], industries)
    ]


def _table_faults(table: Path, kind: ListKind, industries: Collection[str]) -> list[Fault]:
    try:
        text = table.read_bytes().decode("utf-8")
    except OSError:
        return [Fault(1, "表文件不存在或无法读取")]
    except UnicodeDecodeError:
        return [Fault(1, "不是 UTF-8 编码的文件")]
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        rows = [(reader.line_num, cells) for cells in reader]
    except csv.Error as trouble:
        return [Fault(reader.line_num, f"CSV 无法解析：{trouble}")]
    return row_faults(rows, kind, industries)


def _head(path: Path) -> tuple[Any, dict[str, int]]:
    text = path.read_text(encoding="utf-8")
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    fields = node.value if isinstance(node, yaml.MappingNode) else []
    return yaml.load(text, Loader=yaml.CSafeLoader), {key.value: key.start_mark.line + 1 for key, _ in fields}


def _line_of(message: str, lines: Mapping[str, int]) -> int:
    """The line of the field that a message names, in its path or between backticks."""
    named = [
        lines[name] for name in lines if f"$.{name}`" in message or f"`{name}`" in message or f"$.{name}[" in message
    ]
    return named[0] if named else 1

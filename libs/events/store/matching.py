"""The few filter operators that queries use, for the memory store: equality, $in, $ne, ranges, $exists, $or, $and."""

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

_RANGES: dict[str, Callable[[Any, Any], bool]] = {
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}


def matches(document: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Whether a document fits a MongoDB-like filter. Raises ValueError for an operator not known here."""
    return all(_matches(document, name, wanted) for name, wanted in where.items())


def _matches(document: Mapping[str, Any], name: str, wanted: Any) -> bool:
    if name == "$or":
        return any(matches(document, part) for part in wanted)
    if name == "$and":
        return all(matches(document, part) for part in wanted)
    value = _value(document, name)
    if isinstance(wanted, Mapping) and any(key.startswith("$") for key in wanted):
        return all(_operator(op, value, operand) for op, operand in wanted.items())
    return bool(value == wanted) or (isinstance(value, list | tuple) and wanted in value)


def _operator(op: str, value: Any, operand: Any) -> bool:
    if op in _RANGES:
        return value is not None and bool(_RANGES[op](value, operand))
    if op == "$in":
        return value in operand or (isinstance(value, list | tuple) and any(v in operand for v in value))
    if op == "$ne":
        return bool(value != operand)
    if op == "$exists":
        return (value is not None) == bool(operand)
    raise ValueError(f"the memory store does not know {op}")


def _value(document: Any, path: str) -> Any:
    for part in path.split("."):
        document = document.get(part) if isinstance(document, Mapping) else None
    return document


def _order(field: str, document: Mapping[str, Any]) -> tuple[bool, Any]:
    value = _value(document, field)
    return value is not None, value


def sorted_by(documents: list[dict[str, Any]], sort: Sequence[str]) -> list[dict[str, Any]]:
    for name in reversed(sort):
        field = name.removeprefix("-")
        documents = sorted(documents, key=partial(_order, field), reverse=name.startswith("-"))
    return documents

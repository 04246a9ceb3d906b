"""A first draft of what an operation answers, from answers that it gave: for `openapi.yaml`, to be looked through by hand."""

import re
from typing import Any

import msgspec

Shape = dict[str, Any]
DEPTH = 3
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")
_KINDS = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
    type(None): "null",
}
RECEIPT = {"command", "stream", "version", "shard", "position", "hash", "clock", "recorded_at", "events"}


def drafted(answers: list[tuple[int, str, bytes]]) -> dict[int, Shape]:
    """Status → row of `openapi.yaml`; `answers` are (status, media type, body)."""
    found: dict[int, Shape] = {}
    for status in sorted({one for one, _, _ in answers}):
        bodies = [(media, body) for one, media, body in answers if one == status]
        if any(media and media != "application/json" for media, _ in bodies):
            found[status] = {"media": "*/*"}
        elif not any(body for _, body in bodies):
            found[status] = {}
        else:
            values = [msgspec.json.decode(body) for _, body in bodies]
            receipt = all(isinstance(value, dict) and value.keys() >= RECEIPT for value in values)
            known = {"$ref": "#/components/schemas/Receipt"} if receipt else shape(values)
            found[status] = {"schema": known}
    return found


def shape(values: list[Any], depth: int = 0) -> Shape:
    """A JSON schema that all these values fit."""
    kinds = sorted({_KINDS[type(value)] for value in values})
    if "number" in kinds:
        kinds = [kind for kind in kinds if kind != "integer"]
    made: Shape = {"type": kinds[0] if len(kinds) == 1 else kinds}
    objects = [value for value in values if isinstance(value, dict)]
    if objects and depth < DEPTH and all(_NAME.fullmatch(key) for one in objects for key in one):
        made |= _members(objects, depth)
    items = [item for value in values if isinstance(value, list) for item in value]
    if items and depth < DEPTH:
        made["items"] = shape(items, depth + 1)
    return made


def _members(objects: list[dict[str, Any]], depth: int) -> Shape:
    names = list(dict.fromkeys(name for one in objects for name in one))
    always = [name for name in names if all(name in one for one in objects)]
    inside = {name: shape([one[name] for one in objects if name in one], depth + 1) for name in names}
    return ({"required": always} if always else {}) | ({"properties": inside} if inside else {})

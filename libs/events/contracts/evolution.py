"""Whether a schema still reads what an earlier one wrote: optional fields may come, everything else is a new version."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from libs.events.contracts import schemas
from libs.events.contracts.base import Contract, contracts

Schema = dict[str, Any]
_ANY: Schema = {}


def faults(
    before: Mapping[str, Schema], samples: Mapping[str, bytes], known: Mapping[str, Contract] | None = None
) -> list[str]:
    """What today's contracts break of the schemas and samples that were published before, each with the way out."""
    found = []
    known = contracts() if known is None else known
    for wire_type, old in sorted(before.items()):
        path = schemas.file_of(schemas.SCHEMAS, wire_type)
        if wire_type in known:
            now = msgspec.json.decode(msgspec.json.encode(schemas.schema_of(wire_type, known[wire_type])))
            broken = breaks(old, now)
            found += [f"{fault} {wire_type}: {_way_out(wire_type)}" for fault in broken]
        elif not path.exists():
            found.append(f"{wire_type} is gone: its records stay in the log; keep its contract, schema and sample")
        elif msgspec.json.decode(path.read_bytes()) != old:
            found.append(f"{wire_type}: the schema of an old version was changed; it is frozen, restore it")
    for wire_type, sample in sorted(samples.items()):
        path = schemas.file_of(schemas.SAMPLES, wire_type)
        if not path.exists() or path.read_bytes() != sample:
            found.append(f"{wire_type}: the frozen sample was changed or is gone; restore it")
    return found


def _way_out(wire_type: str) -> str:
    number = int(wire_type.rpartition(".v")[2])
    return f"leave v{number} as it was, make v{number + 1} and an upcast (docs/changing-an-event.md)"


def breaks(old: Schema, new: Schema) -> list[str]:
    """What a body written by `old` would lose or fail on when read by `new`: empty when every one still reads."""
    return list(_compare(old, new, (old.get("$defs", {}), new.get("$defs", {})), ""))


def _compare(old: Schema, new: Schema, parts: tuple[Schema, Schema], at: str) -> Iterator[str]:
    old, new = _resolved(old, parts[0]), _resolved(new, parts[1])
    if new == _ANY or (old == new and "$ref" not in str(old)):
        return
    if "properties" in old and "properties" in new:
        yield from _objects(old, new, parts, at)
    elif "anyOf" in old or "anyOf" in new:
        yield from _alternatives(old, new, parts, at)
    elif "enum" in old and "enum" in new:
        gone = [repr(value) for value in old["enum"] if value not in new["enum"]]
        if gone:
            yield f"{_field(at)} no longer allows {', '.join(gone)} in"
    elif _kind(old) != _kind(new):
        yield f"{_field(at)} changed from {_kind(old)} to {_kind(new)} in"
    elif isinstance(old.get("items"), dict):
        yield from _compare(old["items"], new.get("items") or _ANY, parts, f"{at}[]")
    elif isinstance(old.get("additionalProperties"), dict):
        yield from _compare(old["additionalProperties"], new.get("additionalProperties") or _ANY, parts, f"{at}{{}}")


def _objects(old: Schema, new: Schema, parts: tuple[Schema, Schema], at: str) -> Iterator[str]:
    required = set(new.get("required", ()))
    for name, field in old["properties"].items():
        place = f"{at}.{name}" if at else name
        if name not in new["properties"]:
            yield f"{_field(place)} removed from"
            continue
        now = new["properties"][name]
        if name in required and name not in old.get("required", ()):
            yield f"{_field(place)} was optional and is required in"
        elif name not in old.get("required", ()) and field.get("default") != now.get("default"):
            was, is_ = field.get("default"), now.get("default")
            yield f"{_field(place)}: what its absence means changed from {was!r} to {is_!r} in"
        yield from _compare(field, now, parts, place)
    for name in sorted(required - set(old["properties"])):
        yield f"new field {f'{at}.{name}' if at else name} is required in"


def _alternatives(old: Schema, new: Schema, parts: tuple[Schema, Schema], at: str) -> Iterator[str]:
    """Every alternative of the old one must be readable as some alternative of the new one."""
    for option in old.get("anyOf", [old]):
        tried = [list(_compare(option, other, parts, at)) for other in new.get("anyOf", [new])]
        if all(tried):
            yield from min(tried, key=len)


def _resolved(schema: Schema, parts: Schema) -> Schema:
    """Without the reference, and without what is words for people or a default."""
    while "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    return {name: value for name, value in schema.items() if name not in ("title", "description", "default")}


def _kind(schema: Schema) -> str:
    if "enum" in schema:
        return "a choice"
    return " ".join(str(schema[name]) for name in ("type", "format") if name in schema) or "anything"


def _field(at: str) -> str:
    return f"field {at or '(all of it)'}"

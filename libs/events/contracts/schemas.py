"""JSON Schemas, frozen samples and the AsyncAPI document, generated from the contracts and committed."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import yaml

import libs.events.contracts  # noqa: F401 - registers every event
from libs.events.contracts.base import SERVICES, Contract, Event, Personal, contracts
from libs.events.contracts.upcasts import UPCASTS, following

HERE = Path(__file__).parent
SCHEMAS, SAMPLES = HERE / "schemas", HERE / "samples"
ASYNCAPI = Path(__file__).parents[3] / "docs" / "asyncapi.yaml"
_MOMENT = datetime(2024, 9, 2, 1, 30, tzinfo=UTC)


def file_of(folder: Path, wire_type: str) -> Path:
    """`<folder>/<service>/<Event>.v<N>.json`."""
    service, _, rest = wire_type.partition(".")
    return folder / service / f"{rest}.json"


def schema_of(wire_type: str, contract: Contract) -> dict[str, Any]:
    (reference,), components = msgspec.json.schema_components([contract.type], ref_template="#/$defs/{name}")
    name = reference["$ref"].rpartition("/")[2]
    body: dict[str, Any] = components.pop(name)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:tidu:event:{wire_type}"}
    return head | body | ({"$defs": components} if components else {})


def sample_of(type_: Any, name: str = "") -> Any:
    """A value of a type, the same for ever: what a frozen sample is first made from."""
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return _struct(type_)
    origin, arguments = get_origin(type_), get_args(type_)
    if isinstance(origin, type) and issubclass(origin, Personal):
        return Personal(1, "0" * 32, "1" * 32, name or "value", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    if origin in (Union, UnionType):
        return sample_of(next(a for a in arguments if a is not type(None)), name)
    if origin is Literal:
        return arguments[0]
    if origin is tuple:
        return (sample_of(arguments[0], name),)
    if origin is list:
        return [sample_of(arguments[0], name)]
    if origin is dict:
        return {"key": sample_of(arguments[1], name)}
    plain = {str: name or "text", int: 1, bool: True, datetime: _MOMENT, date: _MOMENT.date(), Any: "value"}
    return plain[type_]


def _struct(type_: type[msgspec.Struct]) -> Any:
    hints = get_type_hints(type_)
    return type_(**{field: sample_of(hints[field], field) for field in type_.__struct_fields__})


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0: one channel per service, one message per event, headers as CloudEvents in binary mode."""
    known = contracts()
    channels, messages, operations = {}, {}, {}
    for service in SERVICES:
        types = [name for name in (*known, *UPCASTS) if name.startswith(f"{service}.")]
        channels[f"{service}.events"] = {
            "address": f"{service}.events",
            "description": "One partition per shard; records are dense by ce_sequence and chained by ce_previoushash.",
            "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in types},
        }
        operations[f"read_{service}"] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{service}.events"},
        }
    for name, contract in known.items():
        messages[name] = {
            "name": name,
            "title": (contract.type.__doc__ or contract.name).strip().splitlines()[0],
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/Headers"},
            "payload": _payload(name),
        }
    for name in UPCASTS:
        messages[name] = {
            "name": name,
            "title": f"As {following(name)} was said before; old records stay in the log",
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/Headers"},
            "payload": _payload(name),
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tidu events", "version": "1", "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": {"Headers": _headers()}},
    }


def _payload(wire_type: str) -> dict[str, str]:
    return {"$ref": f"../libs/events/contracts/schemas/{wire_type.replace('.', '/', 1)}.json"}


def _headers() -> dict[str, Any]:
    from libs.events.envelope import HASHED_HEADERS

    names = [*HASHED_HEADERS, "ce_hash"]
    properties = {name: {"type": "string"} for name in [*names, "ce_traceparent"]}
    return {"type": "object", "required": names, "properties": properties}


def write() -> list[Path]:
    """Write what is missing or has changed; a sample that exists is frozen and never written again."""
    written = []
    for name, contract in contracts().items():
        written += _put(file_of(SCHEMAS, name), _json(schema_of(name, contract)))
        sample = file_of(SAMPLES, name)
        if not sample.exists():
            written += _put(
                sample, msgspec.json.format(msgspec.json.encode(sample_of(contract.type)), indent=2).decode() + "\n"
            )
    written += _put(ASYNCAPI, yaml.safe_dump(asyncapi(), allow_unicode=True, sort_keys=False, width=120))
    return written


def differences() -> list[str]:
    """What is not as committed, or what would break a reader: empty when all is well."""
    faults = []
    known = contracts()
    for name, contract in known.items():
        path = file_of(SCHEMAS, name)
        if not path.exists() or path.read_text(encoding="utf-8") != _json(schema_of(name, contract)):
            faults.append(f"{name}: the schema is not the committed one (tidu schemas write)")
    for name in (*known, *UPCASTS):
        faults += [
            f"{name}: no {what}" + (": what was published stays published" if name in UPCASTS else "")
            for what, folder in (("frozen sample", SAMPLES), ("schema", SCHEMAS))
            if not file_of(folder, name).exists()
        ]
    for path in sorted(SAMPLES.glob("*/*.json")):
        faults += _sample_fault(path)
    for name, contract in known.items():
        if file_of(SAMPLES, name).exists():
            faults += _forgotten(name, contract)
    if not ASYNCAPI.exists() or yaml.safe_load(ASYNCAPI.read_text(encoding="utf-8")) != asyncapi():
        faults.append("docs/asyncapi.yaml is not what the contracts say")
    return faults


def _sample_fault(path: Path) -> list[str]:
    from libs.events.codec import decode
    from libs.events.errors import Poison

    name = f"{path.parent.name}.{path.stem}"
    try:
        event: Event | None = decode(name, path.read_bytes())
    except Poison as error:
        return [f"{name}: the frozen sample does not decode any more: {error}"]
    return [] if event is not None else [f"{name}: a frozen sample of an event that is not known any more"]


def _forgotten(name: str, contract: Contract) -> list[str]:
    """What a frozen sample says and the contract does not know any more: readers of the old log would lose it."""
    sample = msgspec.json.decode(file_of(SAMPLES, name).read_bytes())
    schema = schema_of(name, contract)
    return [
        f"{name}: the frozen sample says {field}, which the contract does not know any more"
        for field in _unknown(sample, schema, schema.get("$defs", {}))
    ]


def _unknown(value: Any, schema: dict[str, Any], parts: dict[str, Any], at: str = "") -> list[str]:
    if "$ref" in schema:
        schema = parts[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        found = [_unknown(value, option, parts, at) for option in schema["anyOf"] if option.get("type") != "null"]
        return min(found, key=len)
    if isinstance(value, list):
        items = schema.get("items") or {}
        return [field for item in value for field in _unknown(item, items, parts, at)]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    return [
        field
        for name, inner in value.items()
        for field in (_unknown(inner, known[name], parts, f"{at}{name}.") if name in known else [f"{at}{name}"])
    ]


def _put(path: Path, text: str) -> list[Path]:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [path]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"

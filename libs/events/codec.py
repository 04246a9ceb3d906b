"""Events to exact JSON bodies and back; upcasts lead every old version to the newest."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from libs.events.contracts.base import Event, contract_of, wire_type
from libs.events.contracts.upcasts import UPCASTS
from libs.events.errors import Poison

Upcast = Callable[[dict[str, Any]], dict[str, Any]]


def _millis(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)


def encode(service: str, data: Event) -> tuple[str, str]:
    """(wire type, exact body). The body is UTF-8 JSON without lone surrogates."""
    body = msgspec.json.encode(msgspec.structs.replace(data, received_at=_millis(data.received_at)))
    return wire_type(service, data), body.decode()


def decode(type_: str, body: bytes | str) -> Event | None:
    """The event, brought to its newest version; None for a type unknown here. Raises Poison."""
    try:
        service, name, version = type_.split(".")
        number = int(version.removeprefix("v"))
    except ValueError as error:
        raise Poison(f"not an event type: {type_!r}") from error
    contract = contract_of(service, name)
    if contract is None or number > contract.version:
        return None
    try:
        if number == contract.version:
            return msgspec.json.decode(body, type=contract.type)
        return msgspec.convert(_upcast(name, number, contract.version, msgspec.json.decode(body)), contract.type)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise Poison(f"{type_}: {error}") from error


def _upcast(name: str, version: int, newest: int, body: dict[str, Any], table: Mapping[Any, Upcast] = UPCASTS) -> Any:
    for step in range(version, newest):
        body = table[name, step](body)
    return body

"""Events to exact JSON bodies and back; upcasts lead every old version to the newest."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from libs.events.contracts.base import Event, contract_of, wire_type
from libs.events.contracts.upcasts import UPCASTS, Upcast, following
from libs.events.errors import Poison


def _millis(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)


def encode(service: str, data: Event) -> tuple[str, str]:
    """(wire type, exact body). The body is UTF-8 JSON without lone surrogates."""
    body = msgspec.json.encode(msgspec.structs.replace(data, received_at=_millis(data.received_at)))
    return wire_type(service, data), body.decode()


class Known(NamedTuple):
    """What this code makes of a wire type: the newest version's class, and its decoder if that is this version."""

    type: type[Event]
    decoder: msgspec.json.Decoder[Event] | None


def known(type_: str) -> Known | None:
    """None for a type unknown here. Raises Poison for what is no type or a version newer than this code knows."""
    try:
        return _known(type_)
    except LookupError:
        return None


@lru_cache(maxsize=1024)
def _known(type_: str) -> Known:
    """Raises LookupError, which is not remembered: another type may be registered later."""
    try:
        service, name, version = type_.split(".")
        number = int(version.removeprefix("v"))
    except ValueError as error:
        raise Poison(f"not an event type: {type_!r}") from error
    contract = contract_of(service, name)
    if contract is None:
        raise LookupError(type_)
    if number > contract.version:
        raise Poison(
            f"{type_} is newer than this code, which knows v{contract.version}: deploy the release that says it"
        )
    return Known(contract.type, msgspec.json.Decoder(contract.type) if number == contract.version else None)


def decode(type_: str, body: bytes | str) -> Event | None:
    """The event, brought to its newest version; None for a type unknown here.

    Raises Poison, also for a version newer than this code knows: to ignore it would lose what it says for ever, parked
    it waits for the release that knows it (docs/decisions).
    """
    found = known(type_)
    if found is None:
        return None
    try:
        if found.decoder is not None:
            return found.decoder.decode(body)
        return msgspec.convert(newest(type_, msgspec.json.decode(body)), found.type)
    except (
        msgspec.DecodeError,
        msgspec.ValidationError,
        UnicodeDecodeError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise Poison(f"{type_}: {error}") from error


def newest(type_: str, body: dict[str, Any], table: Mapping[str, Upcast] = UPCASTS) -> dict[str, Any]:
    """An old body as the newest version says it, hop by hop."""
    while type_ in table:
        type_, body = following(type_), table[type_](body)
    return body

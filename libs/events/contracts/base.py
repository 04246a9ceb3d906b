"""What an event is: a frozen struct registered under `<service>.<Name>.v<N>`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import msgspec

SERVICES = ("identity", "applications", "assessment", "review", "notifications")

T = TypeVar("T")
E = TypeVar("E", bound="Event")


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A fact. `received_at` is the business time at which the platform received its cause."""

    received_at: datetime = msgspec.field()


class Personal(msgspec.Struct, Generic[T], frozen=True):
    """A sealed personal value (AES-256-GCM); nonce and ciphertext are base64. Opened only at the edges."""

    v: int
    subject: str
    key: str
    label: str
    nonce: str
    ciphertext: str


class PolicyPin(msgspec.Struct, frozen=True):
    """A policy text as a decision used it: found again in the log by kind, id and SHA-256."""

    kind: str
    id: str
    sha256: str


class Contract(msgspec.Struct, frozen=True):
    """One event of the published language and the services that may say it."""

    name: str
    version: int
    services: tuple[str, ...]
    type: type[Event]


_by_name: dict[tuple[str, str], Contract] = {}
_by_type: dict[type[Event], Contract] = {}


def event(*services: str, version: int = 1) -> Callable[[type[E]], type[E]]:
    """Register an event class as said by `services`; its wire type is `<service>.<Name>.v<version>`."""

    def register(cls: type[E]) -> type[E]:
        contract = Contract(cls.__name__, version, services, cls)
        for service in services:
            if service not in SERVICES or (service, contract.name) in _by_name:
                raise ValueError(f"cannot register {service}.{contract.name}")
            _by_name[service, contract.name] = contract
        _by_type[cls] = contract
        return cls

    return register


def contracts() -> dict[str, Contract]:
    """Every registered contract by its wire type (the newest version of each)."""
    return {f"{service}.{name}.v{c.version}": c for (service, name), c in sorted(_by_name.items())}


def contract_of(service: str, name: str) -> Contract | None:
    return _by_name.get((service, name))


def wire_type(service: str, data: Event) -> str:
    """`review.LevelApproved.v1`; raises ValueError when `service` may not say it."""
    contract = _by_type[type(data)]
    if service not in contract.services:
        raise ValueError(f"{service} does not own {contract.name}")
    return f"{service}.{contract.name}.v{contract.version}"


def personal_values(value: Any) -> list[Personal[Any]]:
    """Every sealed value inside an event or a part of one."""
    if isinstance(value, Personal):
        return [value]
    if isinstance(value, msgspec.Struct):
        return [p for name in value.__struct_fields__ for p in personal_values(getattr(value, name))]
    if isinstance(value, dict):
        return [p for item in value.values() for p in personal_values(item)]
    if isinstance(value, list | tuple):
        return [p for item in value for p in personal_values(item)]
    return []

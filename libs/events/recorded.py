"""An event as projections and reactions meet it: decoded, with its place in the log."""

from datetime import datetime
from typing import Any, Generic, TypedDict, TypeVar

import msgspec

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event

D = TypeVar("D", bound=Event, covariant=True)


class Recorded(msgspec.Struct, Generic[D], frozen=True, gc=False):
    """`time` is wall time of the commit; business time is `data.received_at`."""

    data: D
    id: str
    type: str
    service: str
    stream: str
    version: int
    partition_key: str
    shard: int
    position: int
    hash: str
    time: datetime
    clock: int
    actor: Actor
    correlation_id: str
    causation_id: str
    traceparent: str


class Because(TypedDict):
    id: str
    received_at: datetime
    actor: Actor


def because(event: Recorded[Any]) -> Because:
    """The first fields of a command that a reaction sends; the runner fills in id and actor."""
    return Because(id="", received_at=event.data.received_at, actor=Actor("service", event.service))

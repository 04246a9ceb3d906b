"""Giving up a parked record: an event of the service's own log, with who and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, assert_never

import msgspec

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.platform import ParkedDiscarded
from libs.events.decider import Command, Decider, Facts
from libs.events.ids import make_id
from libs.events.names import stream_name


class DiscardParked(Command, frozen=True):
    """`consumer` is the lot's name, `event` the parked event's id; `by` an operator's login."""

    empty_is_fine = True

    partition_key: str
    consumer: str
    key: str
    event: str
    type: str
    topic: str
    shard: int
    position: int
    error: str
    reason: str
    by: str

    @property
    def stream(self) -> str:
        return stream_name("parking", self.partition_key, self.consumer.replace("|", "."), self.event)


class ParkingState(msgspec.Struct, frozen=True):
    discarded: bool = False


def evolve(state: ParkingState, event: Event) -> ParkingState:
    return ParkingState(True) if isinstance(event, ParkedDiscarded) else state


def decide(command: DiscardParked, state: ParkingState, facts: Facts) -> list[Event]:
    if state.discarded:
        return []
    match command:
        case DiscardParked():
            return [
                ParkedDiscarded(
                    received_at=command.received_at, consumer=command.consumer, key=command.key, event=command.event,
                    type=command.type, topic=command.topic, shard=command.shard, position=command.position,
                    error=command.error, reason=command.reason, by=command.by,
                )
            ]  # fmt: skip
        case _:
            assert_never(command)


parking_decider: Decider[ParkingState] = Decider("parking", (DiscardParked,), ParkingState, evolve, decide)


def discarded(document: Mapping[str, Any], reason: str, by: str, service: str, now: datetime) -> DiscardParked:
    """The command for one parked record; its id follows from the record, so a repeat finds the first."""
    record = document["record"]
    return DiscardParked(
        make_id("discard", service, document["consumer"], document["event"]), now, Actor("service", service),
        document["partition_key"], document["consumer"], document["key"], document["event"], document["type"],
        record["topic"], record["partition"], document["n"], document["error"], reason, by,
    )  # fmt: skip

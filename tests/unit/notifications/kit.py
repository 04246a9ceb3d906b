"""What notifications' tests share: the rules in force, sample events as they arrive, and a run of all reactions."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from libs.events.contracts.actors import Actor, Office
from libs.events.contracts.base import Event, Personal, PolicyPin
from libs.events.contracts.notifications import MessageDeclined, MessagePosted
from libs.events.decider import Command, Facts, Policies, Policy
from libs.events.ids import reaction_id
from libs.events.policies import load_policies
from libs.events.recorded import Recorded
from services.notifications.app import service

NOW = datetime(2024, 5, 6, 1, 0, tzinfo=UTC)
DAY = date(2024, 5, 13)
POLICIES = load_policies(Path(__file__).parents[3] / "services/notifications/policy")
ENTERPRISE, APPLICATION = "e" * 32, "a" * 32
NANJING = ("江苏省", "南京市", "玄武区")
COUNTY = Office("320000", "county", "320102", "reviewer")
PIN = PolicyPin("form", "f", "0" * 64)


def sealed() -> Personal[str]:
    return Personal(1, "s" * 32, "k", "label", "bm9uY2U=", "c2VhbGVk")


def recorded(data: Event, source: str, id_: str = "c1.1") -> Recorded[Any]:
    return Recorded(
        data=data, id=id_, type=f"{source}.{type(data).__name__}.v1", service=source, stream="x-1", version=1,
        partition_key="1", shard=0, position=1, hash="", time=NOW, clock=1, actor=Actor("service", source),
        correlation_id="c1", causation_id="c1", traceparent="-",
    )  # fmt: skip


class Notifications:
    """The service without store and broker: what it would write when events of others arrive."""

    def __init__(self, policies: tuple[Policy, ...] = POLICIES) -> None:
        self._policies = policies
        self.streams: dict[str, list[Event]] = {}
        self._taken: set[str] = set()
        self._n = 0

    def take(self, source: str, data: Event, id_: str = "") -> list[Event]:
        """What this one event leads to; `id_` repeats an earlier event."""
        self._n += 1
        event, written = recorded(data, source, id_ or f"event{self._n}.1"), []
        for reaction in service.reactions:
            if reaction.source == source and type(data) in reaction.handles:
                for command in reaction.react(event):
                    named = msgspec.structs.replace(command, id=reaction_id(event.id, reaction.name, command.stream))
                    written += self.handle(named)
        return written

    def handle(self, command: Command) -> list[Event]:
        if command.id in self._taken:
            return []
        facts = Facts({s: self.state(s) for s in command.reads}, Policies(self._policies, command.received_at))
        decider = service.aggregate(command.stream.split("-")[0])
        events = decider.decide(command, self.state(command.stream), facts)
        self.streams.setdefault(command.stream, []).extend(events)
        self._taken |= {command.id} if events else set()
        return events

    def state(self, stream: str) -> Any:
        return service.aggregate(stream.split("-")[0]).fold(self.streams.get(stream, []))

    @property
    def posted(self) -> list[MessagePosted]:
        return [e for events in self.streams.values() for e in events if isinstance(e, MessagePosted)]

    @property
    def declined(self) -> list[MessageDeclined]:
        return [e for events in self.streams.values() for e in events if isinstance(e, MessageDeclined)]

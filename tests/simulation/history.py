"""What has happened, as the checks know it: events in order, states of streams, effects of causes."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from libs.events.codec import decode
from libs.events.decider import Command, Facts
from libs.events.envelope import Commit
from libs.events.errors import Refused
from tests.simulation.domain import Toy


class Event(msgspec.Struct):
    """An event as the pure functions of projections and reactions need it; `last`: its commit ends with it."""

    data: Any
    id: str
    stream: str
    partition_key: str
    shard: int
    position: int
    hash: str
    clock: int
    service: str
    last: bool


class History:
    """Everything appended, in the order in which it was."""

    def __init__(self, services: Mapping[str, Toy]) -> None:
        self._services = services
        self.events: dict[str, Event] = {}
        self.shards: dict[tuple[str, int], list[Event]] = defaultdict(list)
        self.effects: Counter[tuple[str, str]] = Counter()
        self.states: dict[str, list[tuple[int, Any, str]]] = {}
        """By stream: (version, state, command) after each commit."""

    def add(self, service: str, commit: Commit) -> None:
        decider = self._services[service].aggregate
        states = self.states.get(commit.stream)
        if states is None:
            states = self.states[commit.stream] = [(0, decider.initial(), "")]
        state = states[-1][1]
        shard, clock = self.shards[service, commit.shard], int(commit.clock, 16)
        for n, stored in enumerate(commit.events):
            data = decode(stored.type, stored.body)
            assert data is not None
            state = decider.evolve(state, data)
            event = Event(
                data, stored.id, commit.stream, commit.partition_key, commit.shard, commit.position + n, stored.hash,
                clock, service, n == len(commit.events) - 1,
            )  # fmt: skip
            self.events[stored.id] = event
            shard.append(event)
        states.append((commit.last_version, state, commit.id))
        if commit.causation_id != commit.id:
            self.effects[commit.causation_id, commit.stream] += 1

    def commits_of(self, stream: str) -> int:
        """How many commits a stream has now; what `justified` looks at begins there."""
        return len(self.states.get(stream, ((),))) - 1

    def justified(self, service: str, command: Command, expected: int | None, since: int, answer: str) -> bool:
        """Whether a state that the stream had since then, before the command's own commit, gives this answer."""
        decider = self._services[service].aggregate
        states = self.states.get(command.stream) or [(0, decider.initial(), "")]
        for version, state, id in states[since:]:
            if id == command.id:
                return False
            if self._answer(service, command, expected, version, state) == answer:
                return True
        return False

    def _answer(self, service: str, command: Command, expected: int | None, version: int, state: Any) -> str:
        if expected is not None and expected != version:
            return "VersionMismatch"
        try:
            events = self._services[service].aggregate.decide(command, state, Facts.none())
        except Refused as refusal:
            return type(refusal).__name__
        return "accepted" if events else "unchanged"

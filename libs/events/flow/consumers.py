"""The two kinds of consumer: a projection folds documents, the reactions of a service to one topic send commands."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import contract_of
from libs.events.decider import Command
from libs.events.errors import Conflict, Poison, Transient
from libs.events.flow.parking import ParkingLot
from libs.events.flow.projections import Document, Projection
from libs.events.flow.reactions import Reaction
from libs.events.flow.wire import Arrived, recorded
from libs.events.handling import Handler
from libs.events.ids import reaction_id
from libs.events.points import reach
from libs.events.recorded import Recorded
from libs.events.store.ports import StateStore, Write

Commits = Mapping[int, Sequence[Sequence[Arrived]]]


@dataclass
class Effects:
    """What a fetch does to a consumer: writes for one transaction, whole commits done per shard, and what stopped."""

    writes: list[Write] = field(default_factory=list)
    done: dict[int, int] = field(default_factory=dict)
    stopped: dict[int, Transient] = field(default_factory=dict)
    mattered: bool = False


class Consumer(Protocol):
    name: str
    lot: ParkingLot
    careful: bool
    """Whether each document is tried before it is written: while a fetch holds one that the store cannot take."""

    async def effects(self, commits: Commits) -> Effects:
        """Work out (and, for reactions, carry out) what whole commits of several shards do."""

    async def retry(self, arrived: Arrived) -> list[Write]:
        """Apply one parked record. Raises Poison, Transient."""


def _types(handles: Sequence[type[Any]]) -> set[type[Any]]:
    return set(handles)


def _event(arrived: Arrived, handles: set[type[Any]]) -> Recorded[Any] | None:
    """Decoded only if its type is handled. Raises Poison."""
    service, _, rest = arrived.type.partition(".")
    contract = contract_of(service, rest.partition(".")[0])
    return recorded(arrived) if contract is not None and contract.type in handles else None


class ProjectionConsumer:
    """Folds one read model from one topic; documents are read before the transaction and written in it."""

    def __init__(self, service: str, projection: Projection, source: str, state: StateStore) -> None:
        self.name = projection.consumer(service)
        self._projection, self._state = projection, state
        self._part = source if len(projection.sources) > 1 else None
        self._handles = _types(projection.handles)
        self.careful = False
        self.lot = ParkingLot(f"{self.name}|{source}", state)

    async def effects(self, commits: Commits) -> Effects:
        effects = Effects(done={shard: len(found) for shard, found in commits.items()})
        events: dict[str, list[tuple[Arrived, Recorded[Any]]]] = {}
        for arrived in (a for found in commits.values() for commit in found for a in commit):
            self._sort(arrived, events, effects)
        loaded = await self._load(list(events))
        for key, found in events.items():
            self._fold(key, loaded.get(key), found, effects)
        effects.mattered = bool(effects.writes)
        return effects

    def _sort(self, arrived: Arrived, events: dict[str, list[tuple[Arrived, Recorded[Any]]]], effects: Effects) -> None:
        stream = f"stream:{arrived.stream}"
        try:
            event = _event(arrived, self._handles)
            key = None if event is None else self._key(event)
        except Poison as error:
            effects.writes.append(self.lot.park(stream, arrived, str(error)))
            return
        if event is None or key is None:
            return
        behind = self.lot.holds(stream, key)
        if behind is not None:
            effects.writes.append(self.lot.park(behind, arrived, None))
        else:
            events.setdefault(key, []).append((arrived, event))

    def _key(self, event: Recorded[Any]) -> str | None:
        try:
            return self._projection.key(event)
        except Exception as error:
            raise Poison(f"key of {event.id}: {error!r}") from error

    async def _load(self, keys: list[str]) -> dict[str, Document]:
        found = await self._state.load(self._projection.collection, keys) if keys else {}
        if self._part is None:
            return {key: {k: v for k, v in d.items() if k != "_id"} for key, d in found.items()}
        return {key: d[self._part] for key, d in found.items() if d.get(self._part) is not None}

    def _fold(
        self, key: str, before: Document | None, events: list[tuple[Arrived, Recorded[Any]]], effects: Effects
    ) -> None:
        document, changed = before, False
        for arrived, event in events:
            if self.lot.holds(key):
                effects.writes.append(self.lot.park(key, arrived, None))
                continue
            try:
                document = self._apply(document, event)
            except Poison as error:
                effects.writes.append(self.lot.park(key, arrived, str(error)))
                continue
            self.lot.fine()
            changed = True
        if changed:
            effects.writes.append(Write(self._projection.collection, key, document, self._part))

    def _apply(self, document: Document | None, event: Recorded[Any]) -> Document | None:
        try:
            applied = self._projection.apply(document, event)
            if self.careful and applied is not None:
                self._state.check(applied)
        except Exception as error:
            raise Poison(f"{self._projection.name} cannot apply {event.id}: {error!r}") from error
        return applied

    async def retry(self, arrived: Arrived) -> list[Write]:
        event = _event(arrived, self._handles)
        key = None if event is None else self._key(event)
        if event is None or key is None:
            return []
        before = (await self._load([key])).get(key)
        return [Write(self._projection.collection, key, self._apply(before, event), self._part)]


class ReactionsConsumer:
    """All reactions of a service to one topic, in listed order. The append comes before the checkpoint moves."""

    def __init__(
        self, name: str, service: str, reactions: Sequence[Reaction], handler: Handler, state: StateStore
    ) -> None:
        self.name = name
        self._actor = Actor("service", service)
        self._reactions, self._handler = reactions, handler
        self._handles = _types([type_ for reaction in reactions for type_ in reaction.handles])
        self.careful = False
        self.lot = ParkingLot(self.name, state)

    async def effects(self, commits: Commits) -> Effects:
        effects = Effects()
        for shard, found in commits.items():
            effects.done[shard] = 0
            try:
                for commit in found:
                    whole = len(effects.writes)
                    for arrived in commit:
                        await self._take(arrived, effects)
                    effects.done[shard] += 1
            except (Transient, Conflict) as error:
                # The commit comes again as a whole: what its first events have parked is forgotten.
                del effects.writes[whole:]
                self.lot.doubtful = True
                effects.stopped[shard] = error if isinstance(error, Transient) else Transient(str(error))
        effects.mattered = effects.mattered or bool(effects.writes)
        return effects

    async def _take(self, arrived: Arrived, effects: Effects) -> None:
        key = arrived.partition_key
        try:
            event = _event(arrived, self._handles)
            if event is None:
                return
            if self.lot.holds(key):
                effects.writes.append(self.lot.park(key, arrived, None))
                return
            await self._react(event)
            effects.mattered = True
            self.lot.fine()
        except Poison as error:
            effects.writes.append(self.lot.park(key, arrived, str(error)))

    async def _react(self, event: Recorded[Any]) -> None:
        for reaction in self._reactions:
            if type(event.data) in reaction.handles and reaction.concerns(event):
                # At most one command per stream, so they may share one group commit.
                sent = [self._send(command, event) for command in self._commands(reaction, event)]
                failed = [r for r in await asyncio.gather(*sent, return_exceptions=True) if r is not None]
                if failed:
                    raise min(failed, key=lambda error: isinstance(error, Poison))

    def _commands(self, reaction: Reaction, event: Recorded[Any]) -> list[Command]:
        try:
            commands = reaction.react(event)
            named = [(command, command.stream) for command in commands]
        except Exception as error:
            raise Poison(f"{reaction.name} on {event.id}: {error!r}") from error
        return [
            msgspec.structs.replace(command, id=reaction_id(event.id, reaction.name, stream), actor=self._actor)
            for command, stream in named
        ]

    async def _send(self, command: Command, event: Recorded[Any]) -> None:
        try:
            await self._handler.handle(command, cause=event)
        except (Transient, Conflict, Poison):
            raise
        except Exception as error:
            raise Poison(f"{type(command).__name__} on {event.id}: {error!r}") from error
        reach("runner.reacted")

    async def retry(self, arrived: Arrived) -> list[Write]:
        event = _event(arrived, self._handles)
        if event is not None:
            await self._react(event)
        return []

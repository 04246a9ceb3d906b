"""The two kinds of consumer: a projection folds documents, the reactions of a service to one topic send commands.

Both run code of a domain on events. Whatever error that code makes, of any type, is that event's poison: it waits in
the parking lot with the error's words, and what follows of its key behind it. Only Transient and Conflict come again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import contract_of
from libs.events.decider import Command
from libs.events.errors import Conflict, Poison, Transient
from libs.events.flow.parking import ParkingLot, wall_key
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
    sent: bool = False


class Consumer(Protocol):
    name: str
    lot: ParkingLot
    careful: bool
    """Whether each document is tried before it is written: while a fetch holds one that the store cannot take."""
    sends: bool
    """Whether its effects are commands, which are done when `effects` returns."""

    async def effects(self, commits: Commits) -> Effects:
        """Work out (and, for reactions, carry out) what whole commits of several shards do."""

    async def retry(self, arrived: Arrived) -> list[Write]:
        """Apply one parked record. Raises Poison, Transient."""


def _types(handles: Sequence[type[Any]]) -> set[type[Any]]:
    return set(handles)


def event_of(arrived: Arrived, handles: set[type[Any]]) -> Recorded[Any] | None:
    """Decoded only if its type is handled, whatever its version. Raises Poison."""
    service, name, *_ = *arrived.type.split(".", 2), ""
    contract = contract_of(service, name)
    return recorded(arrived) if contract is not None and contract.type in handles else None


class Read(msgspec.Struct, frozen=True, gc=False):
    """A record as a projection sees it: its event and document, or why it cannot be known; neither: not concerned."""

    arrived: Arrived
    event: Recorded[Any] | None = None
    key: str | None = None
    error: str | None = None


class ProjectionConsumer:
    """Folds one read model from one topic; documents are read before the transaction and written in it."""

    def __init__(self, service: str, projection: Projection, source: str, state: StateStore) -> None:
        self.name = projection.consumer(service)
        self._projection, self._state = projection, state
        self._part = source if len(projection.sources) > 1 else None
        self._handles = _types(projection.handles)
        self.careful, self.sends = False, False
        self.lot = ParkingLot(f"{self.name}|{source}", state)

    async def effects(self, commits: Commits) -> Effects:
        """In the log's order, and no further than the limits of the parking lot."""
        read = {shard: [[self._read(a) for a in commit] for commit in found] for shard, found in commits.items()}
        keys = {one.key for found in read.values() for commit in found for one in commit if one.key is not None}
        documents: dict[str, Document | None] = {**await self._load(sorted(keys))}
        effects, changed = Effects(), set[str]()
        for shard, found in read.items():
            effects.done[shard] = 0
            for commit in found:
                if self.lot.too_much:
                    break
                for one in commit:
                    self._take(one, documents, changed, effects)
                effects.done[shard] += 1
        collection = self._projection.collection
        effects.writes += [Write(collection, key, documents.get(key), self._part) for key in sorted(changed)]
        return effects

    def _read(self, arrived: Arrived) -> "Read":
        try:
            event = event_of(arrived, self._handles)
            return Read(arrived) if event is None else Read(arrived, event, self._key(event))
        except Poison as error:
            return Read(arrived, error=str(error))

    def _take(self, one: "Read", documents: dict[str, Document | None], changed: set[str], effects: Effects) -> None:
        if one.error is not None:
            effects.writes.append(self.lot.park(wall_key(one.arrived), one.arrived, one.error))
            return
        if one.event is None:
            return
        if one.key is not None:
            behind = self.lot.behind(one.arrived, one.key)
            if behind is not None:
                effects.writes.append(self.lot.park(behind, one.arrived, None))
                return
            try:
                documents[one.key] = self._apply(documents.get(one.key), one.event)
            except Poison as error:
                effects.writes.append(self.lot.park(one.key, one.arrived, str(error)))
                return
            changed.add(one.key)
        self.lot.fine()

    def _key(self, event: Recorded[Any]) -> str | None:
        try:
            return self._projection.key(event)
        except Exception as error:
            raise Poison(f"key of {event.id}: {error!r}") from error

    async def _load(self, keys: list[str]) -> dict[str, Document]:
        found = await self._state.load(self._projection.collection, keys) if keys else {}
        if self._part is None:
            return {key: _without_id(d) for key, d in found.items()}
        return {key: d[self._part] for key, d in found.items() if d.get(self._part) is not None}

    def _apply(self, document: Document | None, event: Recorded[Any]) -> Document | None:
        try:
            applied = self._projection.apply(document, event)
            if self.careful and applied is not None:
                self._state.check(applied)
        except Exception as error:
            raise Poison(f"{self._projection.name} cannot apply {event.id}: {error!r}") from error
        return applied

    async def retry(self, arrived: Arrived) -> list[Write]:
        event = event_of(arrived, self._handles)
        key = None if event is None else self._key(event)
        if event is None or key is None:
            return []
        before = (await self._load([key])).get(key)
        return [Write(self._projection.collection, key, self._apply(before, event), self._part)]


def _without_id(document: Document) -> Document:
    """What a fold holds in memory has none."""
    return {name: value for name, value in document.items() if name != "_id"} if "_id" in document else document


class ReactionsConsumer:
    """All reactions of a service to one topic, in listed order. The append comes before the checkpoint moves."""

    def __init__(
        self, name: str, service: str, reactions: Sequence[Reaction], handler: Handler, state: StateStore
    ) -> None:
        self.name = name
        self._actor = Actor("service", service)
        self._reactions, self._handler = reactions, handler
        self._handles = _types([type_ for reaction in reactions for type_ in reaction.handles])
        self.careful, self.sends = False, True
        self.lot = ParkingLot(self.name, state)

    async def effects(self, commits: Commits) -> Effects:
        effects = Effects()
        for shard, found in commits.items():
            effects.done[shard] = 0
            try:
                for commit in found:
                    if self.lot.too_much:
                        break
                    whole, marks = len(effects.writes), self.lot.marks()
                    for arrived in commit:
                        await self._take(arrived, effects)
                    effects.done[shard] += 1
            except (Transient, Conflict) as error:
                # The commit comes again as a whole: what its first events have parked is forgotten.
                del effects.writes[whole:]
                self.lot.unmark(marks)
                self.lot.doubtful = True
                effects.stopped[shard] = error if isinstance(error, Transient) else Transient(str(error))
        return effects

    async def _take(self, arrived: Arrived, effects: Effects) -> None:
        key = arrived.partition_key
        try:
            event = event_of(arrived, self._handles)
            if event is None:
                return
            if self.lot.holds(key) is not None:
                effects.writes.append(self.lot.park(key, arrived, None))
                return
            effects.sent = await self._react(event) or effects.sent
            self.lot.fine()
        except Poison as error:
            effects.writes.append(self.lot.park(key, arrived, str(error)))

    async def _react(self, event: Recorded[Any]) -> bool:
        """Whether there was anything to send."""
        found = False
        for reaction in self._reactions:
            if type(event.data) in reaction.handles and reaction.concerns(event):
                # At most one command per stream, so they may share one group commit.
                sent = [self._send(command, event) for command in self._commands(reaction, event)]
                found = found or bool(sent)
                failed = [r for r in await asyncio.gather(*sent, return_exceptions=True) if r is not None]
                if failed:
                    raise min(failed, key=lambda error: isinstance(error, Poison))
        return found

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
        event = event_of(arrived, self._handles)
        if event is not None:
            await self._react(event)
        return []

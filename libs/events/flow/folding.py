"""Folding from a topic by hand: the runner's own table and consumer, over a store that writes in large portions."""

import asyncio
import gc
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from libs.events.flow.bulk import Bulk
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.cursors import Carry
from libs.events.flow.projections import Projection
from libs.events.flow.runner import Subscription
from libs.events.points import reach
from libs.events.store.ports import (
    Blobs,
    Checkpoint,
    Contended,
    Document,
    Documents,
    Move,
    Page,
    StateStore,
    Unstorable,
    Write,
)

PORTION = 20_000
"""Documents of one transaction."""
EVENTS_A_PORTION = 1_000_000
"""Half a minute of folding is done again by who was killed; a document that many of them change is written once."""
HELD = 50_000
"""Documents kept in memory between portions."""
CONTENDED_SECONDS = 60.0


class NotFoldable(Exception):
    """A shard cannot be read to its end with this code, and why."""


class Untried(Exception):
    """The store cannot take a portion: which document it is shows when each is tried before."""


class Portions:
    """One read model's part of a store: what is folded stays in memory until it makes a transaction.

    `whole`: nothing of these shards is in the store yet, so what is not in memory is nowhere. `careful`: every document
    is tried when it is folded; else a portion is Untried until it is written, which spares a fold a tenth of its time.
    """

    def __init__(
        self, state: StateStore, collection: str, part: str | None, whole: bool, careful: bool = False
    ) -> None:
        self._state, self._collection, self._part, self._whole = state, collection, part, whole
        self._careful = careful
        self._held: dict[str, Document | None] = {}
        self._written: set[str] = set()
        """Keys of the collection that are in the store by now, as long as the whole of it is known."""
        self._writes: dict[tuple[str, str], Write] = {}
        self._moves: dict[tuple[str, str, int], Move] = {}
        self._events = 0

    async def checkpoints(self, consumer: str, topic: str) -> dict[int, Checkpoint]:
        return await self._state.checkpoints(consumer, topic)

    async def load(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        unknown = [] if self._whole else [key for key in keys if key not in self._held]
        found = await self._state.load(collection, unknown) if unknown else {}
        for key in unknown:
            stored = found.get(key, {})
            self._held[key] = stored.get(self._part) if self._part else stored or None
        held = {key: document for key in keys if (document := self._held.get(key)) is not None}
        return {key: {self._part: document} for key, document in held.items()} if self._part else held

    async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        """Raises Unstorable when careful, before anything is changed; Stale and Untried only with the portion."""
        for write in writes if self._careful else ():
            self._state.check(write.document or {})
        for write in writes:
            self._writes[write.collection, write.key] = write
            if write.collection == self._collection:
                self._held[write.key] = write.document
        for move in moves:
            key = (move.consumer, move.topic, move.shard)
            earlier = self._moves.get(key, move)
            self._moves[key] = Move(*key, earlier.before, move.after)
            self._events += move.after.position - (move.before.position if move.before else 0)
        if len(self._writes) >= PORTION or self._events >= EVENTS_A_PORTION:
            await self.flush()

    async def flush(self) -> None:
        """Write what was folded and how far, in one transaction. Raises Stale when another process folds here too, Untried."""
        if not self._moves:
            return
        await self._transact()
        if self._whole:
            self._written |= {key for collection, key in self._writes if collection == self._collection}
        self._writes.clear()
        self._moves.clear()
        self._events = 0
        if len(self._held) > HELD:
            self._held.clear()
            self._written.clear()
            self._whole = False

    async def _transact(self) -> None:
        """Stores lock more than documents: processes of one fold may be in each other's way for the length of a write."""
        until = time.monotonic() + CONTENDED_SECONDS
        while True:
            try:
                await self._state.transact([self._told(w) for w in self._writes.values()], list(self._moves.values()))
                reach("rebuild.written")
                return
            except Unstorable as error:
                raise Untried(str(error)) from error
            except Contended:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(random.uniform(0.05, 0.3))

    def _told(self, write: Write) -> Write:
        """Of a document that was never written the store is told so."""
        if not self._whole or write.collection != self._collection or write.part is not None:
            return write
        if write.document is None or write.key in self._written:
            return write
        return Write(write.collection, write.key, write.document, fresh=True)

    def check(self, document: Mapping[str, Any]) -> None:
        self._state.check(document)

    async def end_abandoned(self) -> None:
        await self._state.end_abandoned()

    async def page(self, collection: str, after: str, limit: int, consumer: str) -> Page:
        return await self._state.page(collection, after, limit, consumer)

    async def ensure_indexes(self, collection: str, indexes: Sequence[Sequence[str]]) -> None:
        await self._state.ensure_indexes(collection, indexes)

    async def forget(self, collection: str, consumer: str) -> None:
        raise NotImplementedError("what is being folded is not forgotten")

    def documents(self, collection: str) -> Documents:
        return self._state.documents(collection)

    def blobs(self) -> Blobs:
        return self._state.blobs()


class Folding:
    """One source of a read model's build, folded to wherever its maker says; goes on from the build's checkpoints."""

    def __init__(
        self, service: str, projection: Projection, source: str, topic: str, state: StateStore,
        folded: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self.topic, self._service, self._projection, self._source = topic, service, projection, source
        self._state, self._folded = state, folded
        self._careful, self._since = False, 0
        self._shards: set[int] = set()
        self._subscription: Subscription
        self._consumer: ProjectionConsumer
        self._portions: Portions

    async def begin(self, shards: Iterable[int]) -> None:
        self._shards, self._since = (shards := set(shards)), 0
        name = self._projection.consumer(self._service)
        whole = not shards & (await self._state.checkpoints(name, self.topic)).keys()
        part = self._source if len(self._projection.sources) > 1 else None
        self._portions = Portions(self._state, self._projection.collection, part, whole, self._careful)
        self._consumer = ProjectionConsumer(self._service, self._projection, self._source, self._portions)
        self._subscription = Subscription(self._service, self.topic, self._portions, [self._consumer])
        await self._subscription.assigned(shards)
        # What is there already stays: to look through it again and again is a fifth of a fold's time.
        gc.freeze()

    @property
    def parked(self) -> int:
        return self._consumer.lot.count

    def at(self, shard: int) -> Checkpoint:
        return self._subscription.cursors[self._consumer.name, shard].at

    async def to(self, bulk: Bulk, ends: Mapping[int, int]) -> None:
        """Fold every record with an offset below its shard's end, and write. Raises NotFoldable, Stale, Unavailable."""
        try:
            await self._to(bulk, ends)
        except Untried:
            # From where the store is, and from now on each document by itself: what cannot be stored is parked.
            self._folded(-self._since)
            self._careful = True
            await self.begin(self._shards)
            await self._to(bulk, ends)

    async def _to(self, bulk: Bulk, ends: Mapping[int, int]) -> None:
        at, carry = {shard: self.at(shard).offset for shard in ends}, Carry()
        async with aclosing(bulk.records(self.topic, at, ends)) as portions:
            async for by_shard in portions:
                async with self._subscription.lock:
                    await self._subscription.advance([self._consumer], by_shard, carry, attached=True)
                self._stop_if_troubled()
                self._since += (folded := sum(map(len, by_shard.values())))
                self._folded(folded)
        async with self._subscription.lock:
            await self._subscription.flush()
            await self._portions.flush()

    def _stop_if_troubled(self) -> None:
        for (_, shard), cursor in self._subscription.cursors.items():
            if not cursor.attached:
                raise NotFoldable(f"{self.topic}/{shard} after position {cursor.at.position}: {cursor.trouble}")

"""A process keeps its consumers in step with the pointers: it feeds what is read, and what is offered beside it."""

import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from libs.events.flow.consumers import Consumer, ProjectionConsumer
from libs.events.flow.cursors import Cursor
from libs.events.flow.live import FEEDING, Live, fed
from libs.events.flow.projections import Projection
from libs.events.flow.runner import Subscription
from libs.events.points import reach
from libs.events.store.ports import Checkpoint, StateStore

log = structlog.get_logger("adoption")

GRACE_SECONDS = 5.0
"""A build that was left is fed this much longer: until every process and every request has gone over."""


async def join(subscription: Subscription, consumer: Consumer) -> None:
    """A consumer more: it reads alone from its checkpoints until it is level, then shares fetch and transaction."""
    async with subscription.lock:
        found = await subscription.state.checkpoints(consumer.name, subscription.topic)
        await consumer.lot.load()
        cursors = {}
        for shard in subscription.shards:
            saved = found.get(shard)
            cursors[consumer.name, shard] = Cursor(saved, saved or Checkpoint(), attached=False, trouble="behind")
        # In one step: readers look at cursors without the lock.
        subscription.cursors = {**subscription.cursors, **cursors}
        subscription.consumers = [*subscription.consumers, consumer]
        subscription.detached.set()


async def leave(subscription: Subscription, consumer: Consumer) -> None:
    async with subscription.lock:
        subscription.consumers = [c for c in subscription.consumers if c is not consumer]
        subscription.cursors = {k: c for k, c in subscription.cursors.items() if k[0] != consumer.name}
        subscription.beside.discard(consumer.name)


class Adoption:
    """The projections' part of a process's subscriptions; `begin` starts a consumer's own reader."""

    def __init__(
        self, service: str, live: Live, state: StateStore, subscriptions: Mapping[str, Subscription],
        begin: Callable[[Subscription, Consumer], None],
    ) -> None:  # fmt: skip
        self._service, self._live, self._state = service, live, state
        self._subscriptions, self._begin = subscriptions, begin
        self._consumers: dict[str, dict[str, ProjectionConsumer]] = {}
        self._unwanted: dict[str, float] = {}
        self._noted: set[str] = set()

    async def consumers(self, source: str) -> Sequence[Consumer]:
        """Those that this process begins with."""
        found: list[Consumer] = []
        pointers = await self._live.fresh()
        for projection in self._live.projections.values():
            if source in projection.sources:
                found += [self._made(build, source) for build in fed(projection, pointers[projection.name])]
        return found

    def _made(self, build: Projection, source: str) -> ProjectionConsumer:
        consumer = ProjectionConsumer(self._service, build, source, self._state)
        self._consumers.setdefault(consumer.name, {})[source] = consumer
        return consumer

    async def look(self) -> None:
        """Adopt what is offered or live by now, say what is fed, leave what is no longer wanted. Raises Unavailable."""
        pointers = await self._live.fresh()
        wanted, beside = set(), set()
        for projection in self._live.projections.values():
            for build in fed(projection, pointers[projection.name]):
                name = build.consumer(self._service)
                wanted.add(name)
                if name not in self._consumers:
                    await self._adopt(build)
                if build.build != pointers[projection.name].build:
                    beside.add(name)
                    await self._note(name)
        for subscription in self._subscriptions.values():
            subscription.beside = beside
        await self._retire(wanted)

    async def _adopt(self, build: Projection) -> None:
        await self._state.ensure_indexes(build.collection, build.indexes)
        for source in build.sources:
            consumer, subscription = self._made(build, source), self._subscriptions[source]
            subscription.beside.add(consumer.name)
            await join(subscription, consumer)
            self._begin(subscription, consumer)
        await log.ainfo("adoption.adopted", read_model=build.collection)

    async def _note(self, name: str) -> None:
        """Say which shards of an offered build this process feeds: the switch waits until that is all of them."""
        for source in self._consumers[name]:
            subscription = self._subscriptions[source]
            for (consumer, shard), cursor in subscription.cursors.items():
                note = f"{name}|{subscription.topic}|{shard}"
                if consumer == name and cursor.attached and note not in self._noted:
                    await self._state.documents(FEEDING).replace({"_id": note, "consumer": name}, upsert=True)
                    reach("rebuild.fed")
                    self._noted.add(note)

    async def _retire(self, wanted: set[str]) -> None:
        for name in list(self._consumers):
            if name in wanted:
                self._unwanted.pop(name, None)
            elif time.monotonic() - self._unwanted.setdefault(name, time.monotonic()) > GRACE_SECONDS:
                for source, consumer in self._consumers.pop(name).items():
                    await leave(self._subscriptions[source], consumer)
                del self._unwanted[name]
                await log.ainfo("adoption.left", consumer=name)

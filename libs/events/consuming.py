"""How a service's process consumes: its read models and reactions on one subscription per topic, and who looks after them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from libs.events.contracts.base import SERVICES
from libs.events.errors import Unavailable
from libs.events.flow import starts
from libs.events.flow.adoption import Adoption
from libs.events.flow.broker import Feed, kafka_broker
from libs.events.flow.consumers import Consumer, ReactionsConsumer
from libs.events.flow.detached import DetachedReader
from libs.events.flow.live import LOOK_SECONDS, fed
from libs.events.flow.runner import Subscription
from libs.events.flow.ticks import Clock
from libs.events.flow.watchdog import Watchdog

if TYPE_CHECKING:
    from libs.events.runtime import Runtime

log = structlog.get_logger("runtime")


class Consuming:
    """`subscriptions` and `feeds` by source; empty until `start`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.subscriptions: dict[str, Subscription] = {}
        self.feeds: dict[str, Feed] = {}
        self.watchdog: Watchdog | None = None
        self.adoption = Adoption(
            runtime.service.name, runtime.live, runtime.state_store, self.subscriptions, self._read_alone
        )
        self.broker = kafka_broker(runtime.settings.kafka, runtime.service.name)
        self._started = False

    async def start(self) -> None:
        await self.subscribe()
        await self.broker.start()
        self._started = True
        runtime = self._runtime
        for source, subscription in self.subscriptions.items():
            runtime.spawn(subscription.run_beside(), f"beside {source}")
            for consumer in subscription.consumers:
                self._read_alone(subscription, consumer)
        clock = Clock(
            runtime.service.name, runtime.view("due_dates"), runtime.documents("leases"), runtime.handler,
            runtime.business.now,
        )  # fmt: skip
        runtime.spawn(clock.run(), "clock")

    async def subscribe(self) -> None:
        """Every source that something reads, once."""
        for source in SERVICES:
            consumers = await self._consumers(source)
            if consumers and source not in self.subscriptions:
                self._subscribe(source, consumers)

    def watch(self) -> None:
        """Begin to look after clients that hang."""
        runtime = self._runtime
        self.watchdog = Watchdog(runtime.settings.kafka, list(self.feeds.values()), runtime.relay)
        runtime.spawn(self.watchdog.run(), "watchdog")

    async def stop(self) -> None:
        if self._started:
            await asyncio.gather(*(subscription.leave() for subscription in self.subscriptions.values()))
            await self.broker.stop()

    def rebuilt(self) -> Counter[str]:
        """Kafka clients of this process that hung or failed and were replaced, by kind."""
        relay = self._runtime.relay
        found = Counter(follower=self._runtime.follower.rebuilt, producer=relay.replaced if relay else 0)
        for subscription in self.subscriptions.values():
            found += subscription.rebuilt
        return found

    async def fit(self) -> None:
        """Raises Unavailable while another version of a read model is live than this release has."""
        runtime = self._runtime
        topics = {source: runtime.topic(source) for source in SERVICES}
        pointers = await runtime.live.pointers.settle(runtime.projections, topics)
        if misfits := await runtime.live.misfits():
            raise Unavailable("; ".join(misfits.values()))
        builds = [build for one in runtime.projections for build in fed(one, pointers[one.name])]
        await asyncio.gather(*(runtime.state_store.ensure_indexes(one.collection, one.indexes) for one in builds))

    async def keep_fitting(self) -> None:
        """A release whose read model is no longer live is not ready, and feeds no longer what nobody reads."""
        missing = self._runtime.missing
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            with suppress(Unavailable):
                misfits = await self._runtime.live.misfits()
                for name in [name for name in missing if name.startswith("read model ") and name not in misfits]:
                    del missing[name]
                missing.update(misfits)
                if misfits and self._started:
                    await self._leave_shards()
                elif self._started:
                    await self.adoption.look()

    async def _leave_shards(self) -> None:
        """Another release's read models are live: its processes need the shards. This one begins anew, and waits."""
        self._started = False
        await self.broker.stop()
        for subscription in self.subscriptions.values():
            async with subscription.lock:
                subscription.shards = set()
        await log.aerror("runtime.read-models-not-live", missing=self._runtime.missing)
        self._runtime.on_defect()

    def _read_alone(self, subscription: Subscription, consumer: Consumer) -> None:
        reader = DetachedReader(subscription, consumer, self._runtime.settings.kafka)
        self._runtime.spawn(reader.run(), f"detached {consumer.name}")

    async def _consumers(self, source: str) -> Sequence[Consumer]:
        """Reactions before read models: what they lead to in other streams waits for no look at a document."""
        runtime, name, state = self._runtime, self._runtime.service.name, self._runtime.state_store
        consumers: list[Consumer] = []
        reactions = [reaction for reaction in runtime.reactions if reaction.source == source]
        if reactions:
            group = f"{name}.reactions.{source}"
            shards, topic = runtime.settings.shards, runtime.topic(source)
            found = await starts.grouped(group, topic, shards, reactions, state, runtime.settings.kafka)
            if found.together:
                consumers.append(ReactionsConsumer(group, name, found.together, runtime.handler, state))
            for late in found.alone:
                lone = starts.lone_consumer(group, late)
                consumers.append(ReactionsConsumer(lone, name, [late], runtime.handler, state))
        return [*consumers, *await self.adoption.consumers(source)]

    def _subscribe(self, source: str, consumers: Sequence[Consumer]) -> None:
        runtime, topic = self._runtime, self._runtime.topic(source)
        shards = runtime.settings.shards
        subscription = Subscription(
            runtime.service.name, topic, runtime.state_store, consumers, shards, runtime.service.gathers
        )
        operator = subscription.operator
        operator.handler, operator.now = runtime.handler, runtime.business.now  # type: ignore[method-assign]
        self.subscriptions[source] = subscription
        group = f"{runtime.settings.prefix}{runtime.service.name}.{topic}"
        self.feeds[source] = Feed(self.broker, subscription, group, runtime.settings.instance)

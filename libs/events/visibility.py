"""Read-After: wait until this process has seen a position of a log, and its read models what came of it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from libs.events.errors import Transient
from libs.events.flow import starts

if TYPE_CHECKING:
    from libs.events.runtime import Runtime

READ_AFTER_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.005


class NotYetVisible(Transient):
    """What the caller wants to read after has not arrived in time."""


class Visibility:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def wait(self, service: str, shard: int, position: int) -> None:
        """Until this service has seen `position` of another's shard (or its own), then until its read models
        have what came of it. Raises NotYetVisible."""
        runtime, deadline = self._runtime, time.monotonic() + READ_AFTER_SECONDS
        while service == "identity" and not runtime.follower.passed(shard, position):
            await self._again(service, shard, position, deadline)
        if service != runtime.service.name and service in self._sources():
            await self._passed(service, shard, position, deadline)
            position = (await runtime.store.head(shard)).position
        elif service != runtime.service.name:
            return
        await self._passed(runtime.service.name, shard, position, deadline)

    def _sources(self) -> set[str]:
        sources = {source for projection in self._runtime.projections for source in projection.sources}
        return sources | {reaction.source for reaction in self._runtime.reactions}

    async def _passed(self, source: str, shard: int, position: int, deadline: float) -> None:
        while not await self._has_passed(source, shard, position):
            await self._again(source, shard, position, deadline)

    @staticmethod
    async def _again(source: str, shard: int, position: int, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise NotYetVisible(f"{source}/{shard}/{position} has not arrived yet", retry_after=1)
        await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _has_passed(self, source: str, shard: int, position: int) -> bool:
        runtime = self._runtime
        subscription = runtime.consuming.subscriptions.get(source)
        known = subscription.passed(shard, position) if subscription is not None else None
        if known is not None:
            return known
        for consumer in await self._consumer_names(source):
            checkpoint = (await runtime.state_store.checkpoints(consumer, runtime.topic(source))).get(shard)
            if checkpoint is None or checkpoint.position < position:
                return position == 0
        return True

    async def _consumer_names(self, source: str) -> set[str]:
        runtime, name = self._runtime, self._runtime.service.name
        reactions = [reaction for reaction in runtime.reactions if reaction.source == source]
        group = f"{name}.reactions.{source}"
        read = [await runtime.live.read(p.name) for p in runtime.projections if source in p.sources]
        projections = {projection.consumer(name) for projection in read}
        return projections | await starts.consumer_names(group, runtime.topic(source), reactions, runtime.state_store)

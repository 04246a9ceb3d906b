"""Read-After: wait until this process has seen a position of a log, and its read models what came of it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from libs.events.errors import Transient
from libs.events.flow import starts

if TYPE_CHECKING:
    from libs.events.runtime import Runtime

READ_AFTER_SECONDS = 5.0
LOOK_AGAIN_SECONDS = 0.02


class NotYetVisible(Transient):
    """What the caller wants to read after has not arrived in time."""


class Visibility:
    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def wait(self, service: str, shard: int, position: int, *, states: bool = False) -> None:
        """Until this service has seen `position` of another's shard (or its own), then until its read models
        have what came of it; `states`: until what came of it is in its own log. Raises NotYetVisible."""
        runtime, deadline = self._runtime, time.monotonic() + READ_AFTER_SECONDS
        while service == "identity" and not runtime.follower.passed(shard, position):
            self._in_time(service, shard, position, deadline)
            await asyncio.sleep(LOOK_AGAIN_SECONDS / 4)
        if service != runtime.service.name and service in self._sources():
            await self._passed(service, shard, position, deadline, states)
            if states:
                return
            position = (await runtime.store.head(shard)).position
        elif states or service != runtime.service.name:
            return
        await self._passed(runtime.service.name, shard, position, deadline, states)

    def _sources(self) -> set[str]:
        sources = {source for projection in self._runtime.projections for source in projection.sources}
        return sources | {reaction.source for reaction in self._runtime.reactions}

    async def _passed(self, source: str, shard: int, position: int, deadline: float, states: bool) -> None:
        while not await self._has_passed(source, shard, position, states):
            await self._again(source, shard, position, deadline)

    async def _again(self, source: str, shard: int, position: int, deadline: float) -> None:
        """Until something has moved, or it is time to look again."""
        self._in_time(source, shard, position, deadline)
        subscription = self._runtime.consuming.subscriptions.get(source)
        if subscription is None:
            await asyncio.sleep(LOOK_AGAIN_SECONDS / 4)
            return
        subscription.hurry.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_SECONDS), subscription.moved:
                await subscription.moved.wait()

    @staticmethod
    def _in_time(source: str, shard: int, position: int, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise NotYetVisible(f"{source}/{shard}/{position} has not arrived yet", retry_after=1)

    async def _has_passed(self, source: str, shard: int, position: int, states: bool) -> bool:
        runtime = self._runtime
        subscription = runtime.consuming.subscriptions.get(source)
        if subscription is not None:
            known = subscription.reacted(shard, position) if states else subscription.passed(shard, position)
            if known is not None:
                return known
        for consumer in await self._consumer_names(source, states):
            checkpoint = (await runtime.state_store.checkpoints(consumer, runtime.topic(source))).get(shard)
            if checkpoint is None or checkpoint.position < position:
                return position == 0
        return True

    async def _consumer_names(self, source: str, states: bool) -> set[str]:
        runtime, name = self._runtime, self._runtime.service.name
        reactions = [reaction for reaction in runtime.reactions if reaction.source == source]
        group = f"{name}.reactions.{source}"
        reacting = await starts.consumer_names(group, runtime.topic(source), reactions, runtime.state_store)
        if states:
            return reacting
        read = [await runtime.live.read(p.name) for p in runtime.projections if source in p.sources]
        return reacting | {projection.consumer(name) for projection in read}

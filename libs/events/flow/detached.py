"""Detached reading: a consumer that is new, behind, retrying or halted reads alone until it is level again."""

import asyncio
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.events.errors import Unavailable
from libs.events.flow.clients import reading
from libs.events.flow.consumers import Consumer
from libs.events.flow.runner import Carry, Subscription
from libs.events.flow.wire import raw_record
from libs.events.store.ports import Stale

log = structlog.get_logger("detached")

FETCH_MS = 200
MOST_PAUSE = 5.0


class DetachedReader:
    """One consumer's own way through the shards in which it is not attached."""

    def __init__(self, subscription: Subscription, consumer: Consumer, bootstrap: str) -> None:
        self._subscription, self._consumer, self._bootstrap = subscription, consumer, bootstrap
        self._read: dict[int, int] = {}
        self._carry: Carry = {}
        self._reloads = 0

    def _shards(self) -> list[int]:
        return [
            shard
            for shard in sorted(self._subscription.shards)
            if not (cursor := self._subscription.cursors[self._consumer.name, shard]).attached
            and cursor.trouble in ("behind", "gap", "retrying")
        ]

    async def run(self) -> None:
        pause = 0.1
        while True:
            if not self._shards():
                pause = 0.1
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._subscription.detached.wait(), 0.5)
                await asyncio.sleep(0.05)
                continue
            try:
                calm = await self._read_until_quiet()
                pause = 0.1 if calm else min(pause * 2, MOST_PAUSE)
            except Stale:
                async with self._subscription.lock:
                    await self._subscription.reload()
            except (KafkaError, Unavailable) as error:
                await log.awarning("detached.waiting", consumer=self._consumer.name, error=type(error).__name__)
                pause = min(pause * 2, MOST_PAUSE)
            await asyncio.sleep(pause)

    async def _read_until_quiet(self) -> bool:
        """From the checkpoints on, until nothing more comes; whether every shard got level."""
        async with reading(self._bootstrap) as kafka:
            shards, self._reloads = self._shards(), self._subscription.reloads
            kafka.assign([TopicPartition(self._subscription.topic, shard) for shard in shards])
            self._carry.clear()
            for shard in shards:
                self._read[shard] = self._subscription.cursors[self._consumer.name, shard].at.offset
                kafka.seek(TopicPartition(self._subscription.topic, shard), self._read[shard])
            while await self._step(kafka):
                if self._retrying():
                    return False
            return not self._shards()

    def _retrying(self) -> bool:
        cursors = self._subscription.cursors
        return any(cursors[self._consumer.name, shard].trouble == "retrying" for shard in self._shards())

    async def _step(self, kafka: AIOKafkaConsumer) -> bool:
        fetched = await kafka.getmany(timeout_ms=FETCH_MS, max_records=2_000)
        records = {tp.partition: [raw_record(r) for r in found] for tp, found in fetched.items()}
        async with self._subscription.lock:
            if self._reloads != self._subscription.reloads:
                return False  # the cursors are somewhere else now: begin again from there
            await self._subscription.advance([self._consumer], records, self._carry, attached=False)
            for shard, found in records.items():
                self._read[shard] = found[-1].offset + 1
            self._attach_level()
        return bool(records) and bool(self._shards())

    def _attach_level(self) -> None:
        """Join the shared fetch where this reader has come as far as it. Under the lock."""
        for shard in self._shards():
            cursor = self._subscription.cursors[self._consumer.name, shard]
            level = self._read.get(shard, -1) >= self._subscription.fetched.get(shard, 0)
            if cursor.trouble == "behind" and level and not self._carry.get(shard):
                cursor.attached, cursor.trouble = True, None
        if not any(not cursor.attached for cursor in self._subscription.cursors.values()):
            self._subscription.detached.clear()

"""Detached reading: a consumer that is new, behind, retrying or halted reads alone until it is level again."""

import asyncio
import time
from contextlib import suppress

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.events.errors import Unavailable
from libs.events.flow.clients import reading, within
from libs.events.flow.consumers import Consumer
from libs.events.flow.cursors import DOUBTED, DOUBTFUL, HEALING, LOST, Carry
from libs.events.flow.runner import Subscription
from libs.events.flow.wire import raw_record
from libs.events.store.ports import Stale

log = structlog.get_logger("detached")

FETCH_MS = 200
IDLE_SECONDS = 0.5
MOST_PAUSE = 5.0
HUNG_SECONDS = 8.0


class DetachedReader:
    """One consumer's own way through the shards in which it is not attached."""

    def __init__(self, subscription: Subscription, consumer: Consumer, bootstrap: str) -> None:
        self._subscription, self._consumer, self._bootstrap = subscription, consumer, bootstrap
        self._read: dict[int, int] = {}
        self._carry: Carry = {}
        self._loads = 0
        self._moved = time.monotonic()

    def _shards(self) -> list[int]:
        if self._gone:
            return []
        return [
            shard
            for shard in sorted(self._subscription.shards)
            if not (cursor := self._subscription.cursors[self._consumer.name, shard]).attached
            and cursor.trouble in HEALING
        ]

    @property
    def _gone(self) -> bool:
        """Whether the consumer has left: its read model is no longer fed."""
        return self._consumer not in self._subscription.consumers

    async def run(self) -> None:
        pause = 0.1
        while not self._gone:
            if not self._shards():
                pause, self._moved = 0.1, time.monotonic()
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE_SECONDS):
                        await self._subscription.detached.wait()
                await asyncio.sleep(0.05)
                continue
            try:
                calm = await self._read_or_reload()
                pause = 0.1 if calm else min(pause * 2, MOST_PAUSE)
            except (KafkaError, Unavailable, TimeoutError) as error:
                self._moved = time.monotonic()  # whoever waits for the broker or the store does not hang
                await log.awarning("detached.waiting", consumer=self._consumer.name, error=type(error).__name__)
                pause = min(pause * 2, MOST_PAUSE)
            await asyncio.sleep(pause)

    async def _read_or_reload(self) -> bool:
        try:
            return await self._read_until_quiet()
        except Stale:
            await log.awarning("detached.stale", consumer=self._consumer.name, topic=self._subscription.topic)
            async with self._subscription.lock:
                await self._subscription.reload()
            return True

    async def _read_until_quiet(self) -> bool:
        """From the checkpoints on, until nothing more comes; whether every shard got level."""
        async with reading(self._bootstrap) as kafka:
            shards, self._loads = self._shards(), self._subscription.loads
            kafka.assign([TopicPartition(self._subscription.topic, shard) for shard in shards])
            self._carry.clear()
            for shard in shards:
                cursor = self._subscription.cursors[self._consumer.name, shard]
                self._read[shard] = 0 if cursor.trouble in DOUBTED else cursor.at.offset
                kafka.seek(TopicPartition(self._subscription.topic, shard), self._read[shard])
            more = True
            while more:
                while await self._step(kafka):
                    self._moved = time.monotonic()
                    if self._retrying():
                        return False
                more = bool(self._shards()) and await self._comes_more(kafka)
            return not self._shards()

    async def _comes_more(self, kafka: AIOKafkaConsumer) -> bool:
        """Nothing came: is it all there is, or only slow? Each pass begins with a new client: one that hangs is replaced."""
        partitions = [TopicPartition(self._subscription.topic, shard) for shard in self._shards()]
        ends = await within(HUNG_SECONDS, kafka.end_offsets(partitions))
        async with self._subscription.lock:
            if self._loads != self._subscription.loads:
                return False
            behind = [tp.partition for tp, end in ends.items() if self._read.get(tp.partition, 0) < end]
            for shard in (shard for shard in self._shards() if shard not in behind):
                await self._read_to_the_end(shard)
        if not behind:
            self._moved = time.monotonic()
        elif time.monotonic() - self._moved > HUNG_SECONDS:
            self._moved = time.monotonic()
            self._subscription.rebuilt["detached"] += 1
            topic = self._subscription.topic
            await log.aerror("detached.rebuilt", consumer=self._consumer.name, topic=topic, shards=behind)
            return False
        return bool(behind) and not self._gone and set(partitions) <= kafka.assignment()

    async def _read_to_the_end(self, shard: int) -> None:
        """What it means for a cursor that is not level although there is no more to read. Under the lock."""
        cursor, topic = self._subscription.cursors[self._consumer.name, shard], self._subscription.topic
        if cursor.trouble == "gap" and cursor.at.position and not cursor.placed:
            cursor.trouble = DOUBTFUL  # perhaps its offset is of a topic that is no more
        elif cursor.trouble == DOUBTFUL:
            cursor.trouble = LOST
            await log.aerror(
                "detached.topic-lost", consumer=self._consumer.name, topic=topic, shard=shard,
                position=cursor.at.position, way_out=f"tidu republish {topic.split('.')[0]}",
            )  # fmt: skip

    def _retrying(self) -> bool:
        cursors = self._subscription.cursors
        return any(cursors[self._consumer.name, shard].trouble == "retrying" for shard in self._shards())

    async def _step(self, kafka: AIOKafkaConsumer) -> bool:
        fetched = await within(HUNG_SECONDS, kafka.getmany(timeout_ms=FETCH_MS, max_records=2_000))
        records = {tp.partition: [raw_record(r) for r in found] for tp, found in fetched.items()}
        async with self._subscription.lock:
            if self._gone or self._loads != self._subscription.loads:
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

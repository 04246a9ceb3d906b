"""A topic read from where one is to an end that is known, as fast as it goes: for folds of long logs, never for live work.

librdkafka fetches and unpacks in threads of its own, and makes a record's 22 headers only when they are asked for: here, a
few hundred records at a time.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from libs.events.errors import Unavailable
from libs.events.flow.clients import START_SECONDS
from libs.events.flow.wire import RawRecord

PORTION = 250
"""Records at a time."""
WAIT_MS = 5
"""How long the broker keeps a fetch that finds nothing: one that reads to a known end does not wait for more."""
ASK_SECONDS = 0.2
SILENT_SECONDS = 60.0
"""Without any record for so long, whoever asked is told."""

Portion = Mapping[int, list[RawRecord]]
"""By shard, in the topic's order."""


class Bulk:
    """One reader, for one fold at a time. It joins no group and commits nothing."""

    def __init__(self, consumer: Consumer) -> None:
        self._consumer = consumer
        self._asking: asyncio.Future[list[Message]] | None = None

    async def records(
        self, topic: str, at: Mapping[int, int], ends: Mapping[int, int]
    ) -> AsyncGenerator[Portion, None]:
        """Every record of these shards from the offset `at` to before the offset of its end.

        Raises Unavailable when Kafka refuses, or says nothing for SILENT_SECONDS.
        """
        left = {shard: offset for shard, offset in at.items() if offset < ends[shard]}
        if not left:
            return
        self._consumer.assign([TopicPartition(topic, shard, offset) for shard, offset in left.items()])
        try:
            heard = time.monotonic()
            while left:
                portion = dict[int, list[RawRecord]]()
                for message in await self._some():
                    self._take(message, topic, left, ends, portion)
                if portion:
                    yield portion
                    heard = time.monotonic()
                elif time.monotonic() - heard > SILENT_SECONDS:
                    raise Unavailable(f"Kafka has sent nothing of {topic} for {SILENT_SECONDS:.0f} s")
        finally:
            self._consumer.unassign()

    @staticmethod
    def _take(
        message: Message, topic: str, left: dict[int, int], ends: Mapping[int, int], portion: dict[int, list[RawRecord]]
    ) -> None:
        """Into the portion; a shard that has come to its end is no longer `left`."""
        shard, offset = message.partition(), message.offset()
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise Unavailable(f"Kafka, {topic}/{shard}: {error.str()}")
        if shard is None or offset is None or shard not in left:
            return
        if error is not None:  # the partition's end: what was between may have been markers of a stranger's transaction
            left[shard] = offset
        elif offset < ends[shard]:
            headers: Any = message.headers()
            record = RawRecord.of(topic, shard, offset, message.key(), message.value(), headers)
            portion.setdefault(shard, []).append(record)
            left[shard] = offset + 1
        else:
            left[shard] = offset
        if left[shard] >= ends[shard]:
            del left[shard]

    async def _some(self) -> list[Message]:
        """What has come already, else what comes soon."""
        found = self._consumer.consume(PORTION, 0)
        if found:
            return found
        asking = asyncio.get_running_loop().run_in_executor(None, self._consumer.consume, PORTION, ASK_SECONDS)
        self._asking = asking
        return await asyncio.shield(asking)

    async def connect(self) -> None:
        """Raises Unavailable."""
        try:
            await asyncio.to_thread(self._consumer.list_topics, timeout=START_SECONDS)
        except KafkaException as error:
            raise Unavailable(f"Kafka: {error.args[0].str()}") from error

    async def close(self) -> None:
        """After whoever asks last: a consumer that is closed under a waiting thread takes the process with it."""
        if self._asking is not None:
            await asyncio.wait([self._asking])
        await asyncio.to_thread(self._consumer.close)


@asynccontextmanager
async def in_bulk(bootstrap: str) -> AsyncIterator[Bulk]:
    """A connected reader for the length of a block. Raises Unavailable."""
    bulk = Bulk(
        Consumer(
            {
                # A group must be named; none is joined, for partitions are assigned here and nothing is committed.
                "bootstrap.servers": bootstrap, "group.id": "tidu-bulk", "enable.auto.commit": False,
                "auto.offset.reset": "earliest", "enable.partition.eof": True, "check.crcs": True,
                "isolation.level": "read_uncommitted", "max.partition.fetch.bytes": 4 * 1024 * 1024,
                "fetch.max.bytes": 16 * 1024 * 1024, "fetch.wait.max.ms": WAIT_MS, "fetch.error.backoff.ms": 100,
                "log_level": 2,
            }
        )
    )  # fmt: skip
    try:
        await bulk.connect()
        yield bulk
    finally:
        await bulk.close()

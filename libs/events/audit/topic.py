"""A topic read plainly for audits: whole partitions or their tails, by the reader's rule of architecture §3.2."""

import asyncio
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.envelope import GENESIS
from libs.events.flow.clients import plain_consumer
from libs.events.flow.wire import Arrived, raw_record, verify

TAIL = 64


async def read_partition(kafka: AIOKafkaConsumer, topic: str, shard: int, start: int = 0) -> AsyncIterator[Arrived]:
    """Every record whose hash verifies, from an offset to the partition's present end, in topic order."""
    tp = TopicPartition(topic, shard)
    kafka.assign([tp])
    end = (await kafka.end_offsets([tp]))[tp]
    kafka.seek(tp, start)
    at = start
    while at < end:
        fetched = await kafka.getmany(tp, timeout_ms=1_000, max_records=5_000)
        for record in fetched.get(tp, []):
            at = record.offset + 1
            found = verify(raw_record(record))
            if isinstance(found, Arrived):
                yield found
        if not fetched:
            at = max(at, await kafka.position(tp))


async def read_shard(kafka: AIOKafkaConsumer, topic: str, shard: int) -> AsyncIterator[Arrived]:
    """The shard: the partition after dropping every record that is not the next one. Raises Forked."""
    position, hash_ = 0, GENESIS
    async for record in read_partition(kafka, topic, shard):
        if record.position == position and record.hash != hash_:
            raise Forked(shard, position)
        if record.position != position + 1:
            continue
        if record.previous_hash != hash_:
            raise Forked(shard, record.position)
        position, hash_ = record.position, record.hash
        yield record


class Forked(Exception):
    """Two histories of one position."""

    def __init__(self, shard: int, position: int) -> None:
        super().__init__(f"shard {shard} forks at position {position}")
        self.shard, self.position = shard, position


async def tail_of(kafka: AIOKafkaConsumer, topic: str, shard: int) -> Arrived | None:
    """The newest true record of a partition: the highest position among the last ones; looks further back if need be."""
    tp = TopicPartition(topic, shard)
    kafka.assign([tp])
    end = (await kafka.end_offsets([tp]))[tp]
    span = TAIL
    while True:
        start = max(0, end - span)
        found = [record async for record in read_partition(kafka, topic, shard, start)]
        if found or start == 0:
            return max(found, key=lambda record: record.position, default=None)
        span *= 8


async def partitions_of(kafka: AIOKafkaConsumer, topic: str) -> int:
    """How many partitions a topic has; waits until the broker knows it."""
    for _ in range(100):
        await kafka._client.force_metadata_update()
        found = kafka.partitions_for_topic(topic)
        if found:
            return len(found)
        await asyncio.sleep(0.1)
    return 0


def audit_consumer(bootstrap: str) -> AIOKafkaConsumer:
    return plain_consumer(bootstrap)

"""A topic read plainly for audits: whole partitions or their tails, by the reader's rule of architecture §3.2."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.envelope import GENESIS
from libs.events.flow.clients import plain_consumer
from libs.events.flow.wire import Arrived, raw_record, verify

TAIL = 64
WAIT_MS = 5
"""An audit goes from partition to partition up to ends that it knows: what the broker keeps waiting at the end of one
delays the first answer of the next."""


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


async def tails_of(kafka: AIOKafkaConsumer, topic: str, shards: Iterable[int]) -> dict[int, Arrived | None]:
    """The newest true record of each partition, read side by side: the highest position among the last ones; looks
    further back where need be."""
    newest: dict[int, Arrived | None] = {}
    span, left = TAIL, [TopicPartition(topic, shard) for shard in shards]
    while left:
        kafka.assign(left)
        ends = await kafka.end_offsets(left)
        starts = {tp: max(0, ends[tp] - span) for tp in left}
        for tp, start in starts.items():
            kafka.seek(tp, start)
        found = await _between(kafka, starts, ends)
        for tp in left:
            if found[tp] or starts[tp] == 0:
                newest[tp.partition] = max(found[tp], key=lambda record: record.position, default=None)
        left = [tp for tp in left if tp.partition not in newest]
        span *= 8
    return newest


async def _between(
    kafka: AIOKafkaConsumer, starts: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, list[Arrived]]:
    """What verifies in each partition from one offset to another."""
    at, found = dict(starts), {tp: list[Arrived]() for tp in starts}
    while behind := [tp for tp in at if at[tp] < ends[tp]]:
        fetched = await kafka.getmany(*behind, timeout_ms=1_000, max_records=5_000)
        for tp, records in fetched.items():
            at[tp] = max([at[tp], *(record.offset + 1 for record in records)])
            found[tp] += [one for one in map(verify, map(raw_record, records)) if isinstance(one, Arrived)]
        if not fetched:
            for tp in behind:  # markers of transactions are passed without being seen
                at[tp] = max(at[tp], await kafka.position(tp))
    return found


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
    return plain_consumer(bootstrap, WAIT_MS)

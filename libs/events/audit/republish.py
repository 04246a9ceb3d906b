"""Republish a log: the relay is moved back to what the topic verifiably holds, and sends the rest again in order.

Nothing is written here: the relay of the running service does it, the one way that anything comes into a topic. What
lies out of place and what comes twice is dropped by the reader's rule.
"""

import asyncio
import time
from collections.abc import Callable

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.events.audit.topic import Forked, audit_consumer, partitions_of, read_partition
from libs.events.errors import Unavailable
from libs.events.flow.clients import put_away, start
from libs.events.flow.places import Place, Places
from libs.events.flow.wire import UnknownEnvelope
from libs.events.points import reach
from libs.events.store.ports import Checkpoint, CommitStore

PATIENCE_SECONDS = 60.0


class NotRepublishable(Exception):
    """The topic says something else than the store, or nobody sends: nothing was changed that matters."""


class Republished(msgspec.Struct, frozen=True):
    """Positions that the topic held by the reader's rule before, and holds now; one pair per shard."""

    before: tuple[int, ...]
    after: tuple[int, ...]


async def republish(
    store: CommitStore, places: Places, bootstrap: str, topic: str, progress: Callable[[int, int], None]
) -> Republished:
    """`progress` is called with (positions the topic holds, positions the store holds). Raises NotRepublishable,
    Unavailable."""
    shards = (await store.meta()).shards
    kafka = audit_consumer(bootstrap)
    try:
        await start(kafka)
        partitions = await partitions_of(kafka, topic)
        if partitions != shards:
            raise NotRepublishable(f"{topic} has {partitions} partitions, the store has {shards} shards")
        read = [await _held(kafka, store, topic, shard, Checkpoint()) for shard in range(shards)]
        before = tuple(at.position for at in read)
        # All are looked at before the first is moved: a topic that forks leaves everything as it was.
        for shard in range(shards):
            await _move_back(kafka, places, topic, shard, before[shard])
        heads = [(await store.head(shard)).position for shard in range(shards)]
        await _until_level(kafka, store, topic, read, heads, progress)
        return Republished(before, tuple(at.position for at in read))
    except KafkaError as error:
        raise Unavailable(f"the broker does not answer: {type(error).__name__}") from error
    except (Forked, UnknownEnvelope) as error:
        raise NotRepublishable(f"{topic} cannot be followed: {error}; delete the topic and run this again") from error
    finally:
        await put_away(kafka)


async def _held(kafka: AIOKafkaConsumer, store: CommitStore, topic: str, shard: int, at: Checkpoint) -> Checkpoint:
    """How far the topic holds the shard, read on from `at` by the reader's rule; the store must say the same."""
    position, hash_, whole = at.position, at.hash, at
    async for record in read_partition(kafka, topic, shard, at.offset):
        if record.position != position + 1:
            continue
        if record.previous_hash != hash_:
            raise Forked(shard, record.position)
        position, hash_ = record.position, record.hash
        if record.number == record.size:
            whole = Checkpoint(position, hash_, record.raw.offset + 1)
    if whole.position > at.position:
        commit = await store.commit_at(shard, whole.position)
        if commit is None or commit.hash != whole.hash:
            raise NotRepublishable(
                f"{topic}, shard {shard}: the topic has another event at position {whole.position} than the store; "
                "if the store is behind: tidu restore"
            )
    return whole


async def _move_back(kafka: AIOKafkaConsumer, places: Places, topic: str, shard: int, held: int) -> None:
    """The relay goes on after `held`; one that has not come so far yet is left alone."""
    while True:
        place = (await places.read([shard])).get(shard)
        if place is None or (place.position <= held and not place.lost):
            return
        tp = TopicPartition(topic, shard)
        end = (await kafka.end_offsets([tp]))[tp]
        if await places.move(shard, place, Place(held, end - 1 if end else None)):
            reach("republish.moved")
            return


async def _until_level(
    kafka: AIOKafkaConsumer, store: CommitStore, topic: str, read: list[Checkpoint], heads: list[int],
    progress: Callable[[int, int], None],
) -> None:  # fmt: skip
    moved = time.monotonic()
    while True:
        progress(sum(at.position for at in read), sum(heads))
        behind = [shard for shard, head in enumerate(heads) if read[shard].position < head]
        if not behind:
            return
        if time.monotonic() - moved > PATIENCE_SECONDS:
            raise NotRepublishable(
                f"{topic} has not grown for {PATIENCE_SECONDS:.0f} s: is the service up? Its relay does the sending"
            )
        for shard in behind:
            on = await _held(kafka, store, topic, shard, read[shard])
            if on.position > read[shard].position:
                read[shard], moved = on, time.monotonic()
        await asyncio.sleep(0.1)

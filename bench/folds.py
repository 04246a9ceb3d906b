"""The product's own fold of a topic, with nowhere to write to and with the store; one process, as a rebuild does it."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.frame import check_count, check_same
from bench.logs import SERVICE, TOPIC, Log
from bench.models import case_status, hashed, stored
from libs.events.flow.bulk import in_bulk
from libs.events.flow.clients import reading
from libs.events.flow.folding import Folding
from libs.events.flow.parity import Sum
from libs.events.flow.projections import Document, Projection
from libs.events.store.memory import MemoryState
from libs.events.store.mongo_state import MongoState
from libs.events.store.ports import Move, StateStore, Write


class Kept(MemoryState):
    """Takes what is written to it and does nothing with it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, Document] = {}

    async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        for write in writes:
            if write.document is not None:
                self.kept[write.key] = write.document


async def in_memory(bootstrap: str, log: Log, wanted: Sum) -> float:
    """Events/s of fetch, hash, chain, decode and fold; the documents must be those of the oracle."""
    state = Kept()
    events_per_second = await _folded(bootstrap, log, state, case_status, TOPIC)
    check_sum(wanted, hashed(case_status, state.kept))
    return events_per_second


async def into_store(bootstrap: str, log: Log, state: MongoState, build: int, wanted: Sum, topic: str = TOPIC) -> float:
    """The same, and written with its checkpoints, portion by portion; into a build of its own that is empty."""
    projection = msgspec.structs.replace(case_status, build=build)
    await state.ensure_indexes(projection.collection, projection.indexes)
    events_per_second = await _folded(bootstrap, log, state, projection, topic)
    check_sum(wanted, await stored(state, projection))
    await state.forget(projection.collection, projection.consumer(SERVICE))
    return events_per_second


async def _folded(bootstrap: str, log: Log, state: StateStore, projection: Projection, topic: str) -> float:
    counted = 0

    def count(events: int) -> None:
        nonlocal counted
        counted += events

    fold = Folding(SERVICE, projection, SERVICE, topic, state, count)
    async with reading(bootstrap) as kafka, in_bulk(bootstrap) as bulk:
        await fold.begin(range(log.shards))
        ends = await ends_of(kafka, log, topic)
        began = time.perf_counter()
        await fold.to(bulk, ends)
        seconds = time.perf_counter() - began
    check_count(log.events, counted, "events folded")
    check_count(0, fold.parked, "events parked")
    return log.events / seconds


async def ends_of(kafka: AIOKafkaConsumer, log: Log, topic: str = TOPIC) -> dict[int, int]:
    """The offset after the last record of each shard."""
    partitions = [TopicPartition(topic, shard) for shard in range(log.shards)]
    return {tp.partition: end for tp, end in (await kafka.end_offsets(partitions)).items()}


def check_sum(wanted: Sum, found: Sum) -> None:
    check_count(wanted.count, found.count, "documents")
    check_same(wanted.hash, found.hash, "documents")

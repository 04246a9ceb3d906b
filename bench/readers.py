"""Bare readers of the topic: what a fetch costs when nobody looks at what was fetched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from aiokafka import TopicPartition

from bench.frame import Absent, check_count
from libs.events.flow.clients import reading

FETCH = 5_000
"""Records of one `getmany`."""


async def aiokafka(bootstrap: str, topic: str, shards: Sequence[int], events: int) -> float:
    """Events/s of `getmany` by the product's own client, with its settings and portions."""
    partitions = [TopicPartition(topic, shard) for shard in shards]
    async with reading(bootstrap) as kafka:
        kafka.assign(partitions)
        await kafka.end_offsets(partitions)
        began, seen = time.perf_counter(), 0
        while seen < events:
            fetched = await kafka.getmany(timeout_ms=1_000, max_records=FETCH)
            seen += sum(len(found) for found in fetched.values())
        seconds = time.perf_counter() - began
    check_count(events, seen, "records fetched by aiokafka")
    return events / seconds


async def confluent(bootstrap: str, topic: str, shards: Sequence[int], events: int) -> float:
    """Events/s of `consume` (librdkafka) with fetch sizes like ours and its own portions of 1,000. Raises Absent."""
    return await asyncio.to_thread(_confluent, bootstrap, topic, shards, events)


def _confluent(bootstrap: str, topic: str, shards: Sequence[int], events: int) -> float:
    try:
        from confluent_kafka import Consumer
        from confluent_kafka import TopicPartition as Place
    except ImportError as error:
        raise Absent(f"confluent-kafka is not installed: {error}") from error
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap, "group.id": "bench", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "max.partition.fetch.bytes": 4 * 1024 * 1024,
            "fetch.max.bytes": 16 * 1024 * 1024, "fetch.wait.max.ms": 100, "queued.max.messages.kbytes": 64 * 1024,
            "queued.min.messages": 100_000,
        }
    )  # fmt: skip
    try:
        consumer.list_topics(topic, 10)
        began, seen = time.perf_counter(), 0
        consumer.assign([Place(topic, shard, 0) for shard in shards])
        while seen < events:
            found = consumer.consume(1_000, 1.0)
            if broken := [message.error() for message in found if message.error()]:
                raise Absent(f"confluent-kafka: {broken[0]}")
            seen += len(found)
        seconds = time.perf_counter() - began
    finally:
        consumer.close()
    check_count(events, seen, "records fetched by confluent-kafka")
    return events / seconds

"""Facts 4, 7 and 8 of the design: batches, defaults, and an idempotent producer after a refusal."""

import asyncio
import inspect
import os
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError
from faststream.kafka import KafkaBroker

from libs.events.flow.relay import producer
from tests.backends import Backends
from tests.integration.facts.plain import new_topic, partitions

pytestmark = pytest.mark.integration


async def lying(backends: Backends, topic: str, count: int, expected: int) -> list[Any]:
    """The records of a topic once `expected` are there."""
    kafka = AIOKafkaConsumer(bootstrap_servers=backends.kafka, enable_auto_commit=False, auto_offset_reset="earliest")
    await kafka.start()
    try:
        kafka.assign(partitions(topic, count))
        found: list[Any] = []
        async with asyncio.timeout(20):
            while len(found) < expected:
                for some in (await kafka.getmany(timeout_ms=200)).values():
                    found += some
        return found
    finally:
        await kafka.stop()


async def test_publish_batch_sends_all_to_one_partition_chosen_at_random(backends: Backends) -> None:
    """In 0.7.8 the headers do arrive (docs/decisions)."""
    topic = await new_topic(backends, 4)
    async with KafkaBroker(backends.kafka, logger=None) as broker:
        for n in range(12):
            await broker.publish_batch(f"{n}", f"{n}", f"{n}", topic=topic, headers={"ce_id": "x"})
    found = await lying(backends, topic, 4, 36)
    where: dict[bytes, set[int]] = {}
    for record in found:
        where.setdefault(record.value, set()).add(record.partition)
    assert all(len(used) == 1 for used in where.values())
    assert len({used.pop() for used in where.values()}) > 1
    assert all(dict(record.headers).get("ce_id") == b"x" for record in found)


def default(callable_: Any, name: str) -> Any:
    return inspect.signature(callable_).parameters[name].default


def test_the_defaults_that_we_change() -> None:
    assert default(AIOKafkaConsumer, "auto_offset_reset") == "latest"
    assert default(AIOKafkaConsumer, "enable_auto_commit") is True
    assert default(AIOKafkaProducer, "enable_idempotence") is False
    assert default(AIOKafkaProducer, "max_batch_size") == 16_384
    assert default(KafkaBroker("127.0.0.1:1").subscriber, "batch_timeout_ms") == 200
    assert default(KafkaBroker("127.0.0.1:1").subscriber, "auto_offset_reset") == "latest"


async def test_an_idempotent_producer_goes_on_after_a_refusal_and_leaves_a_hole(backends: Backends) -> None:
    topic = await new_topic(backends, 1, max_message_bytes="2000")
    kafka = producer(backends.kafka)
    await kafka.start()
    try:
        refused, *others = [await batch_of(kafka, topic, size) for size in (5_000, 10, 10)]
        with pytest.raises(MessageSizeTooLargeError):
            await refused
        for sent in others:
            await sent
        await (await batch_of(kafka, topic, 11))
    finally:
        await kafka.stop()
    assert [len(record.value) for record in await lying(backends, topic, 1, 3)] == [10, 10, 11]


async def batch_of(kafka: AIOKafkaProducer, topic: str, size: int) -> Any:
    batch = kafka.create_batch()
    assert batch.append(key=b"k", value=os.urandom(size), timestamp=None) is not None
    return await kafka.send_batch(batch, topic, partition=0)

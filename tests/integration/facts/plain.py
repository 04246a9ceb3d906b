"""A topic of one's own, a FastStream consumer as its manual makes it, and what the group has committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from faststream.kafka import KafkaBroker

from tests.backends import Backends

GROUP = "facts"
Handler = Callable[[Any], Awaitable[None]]


@asynccontextmanager
async def admin_of(backends: Backends) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=backends.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def new_topic(backends: Backends, partitions: int = 1, **config: str) -> str:
    """A topic nobody else uses; its leaders are there."""
    name = f"facts-{token_hex(4)}"
    async with admin_of(backends) as admin:
        settings = {key.replace("_", "."): value for key, value in config.items()}
        await admin.create_topics([NewTopic(name, partitions, 1, topic_configs=settings)])
        for _ in range(100):
            (found,) = await admin.describe_topics([name])
            if found["error_code"] == 0 and len(found["partitions"]) == partitions:
                return name
            await asyncio.sleep(0.05)
    raise AssertionError(f"{name} has no leaders")


async def committed(backends: Backends, topic: str) -> dict[int, int]:
    """Partition → the offset that the group would go on from after a restart."""
    async with admin_of(backends) as admin:
        found = await admin.list_consumer_group_offsets(f"{GROUP}-{topic}")
    return {tp.partition: at.offset for tp, at in found.items() if tp.topic == topic and at.offset >= 0}


@asynccontextmanager
async def consuming(backends: Backends, topic: str, handler: Handler, **options: Any) -> AsyncIterator[KafkaBroker]:
    """A broker whose one subscriber is made with `options` and reads from the beginning."""
    broker = KafkaBroker(backends.kafka, logger=None, apply_types=False, graceful_timeout=0.5)
    given = {"group_id": f"{GROUP}-{topic}", "auto_offset_reset": "earliest"} | options
    broker.subscriber(topic, **given)(handler)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def places(message: Any) -> list[tuple[int, int]]:
    """(partition, offset) of every record of a fetch."""
    raw = message if isinstance(message, tuple) else (message,)
    return [(record.partition, record.offset) for record in raw]


def partitions(topic: str, count: int) -> list[TopicPartition]:
    return [TopicPartition(topic, n) for n in range(count)]

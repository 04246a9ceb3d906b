"""Kafka clients of our own: how a plain reader is made, and how any client is put away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer

STOP_SECONDS = 10.0


def plain_consumer(bootstrap: str) -> AIOKafkaConsumer:
    """No group, no commits: assign and seek."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024, fetch_max_bytes=16 * 1024 * 1024, fetch_max_wait_ms=100,
    )  # fmt: skip


@asynccontextmanager
async def reading(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A plain consumer for the length of a block."""
    kafka = plain_consumer(bootstrap)
    try:
        await kafka.start()
        yield kafka
    finally:
        await put_away(kafka)


async def put_away(client: Any) -> None:
    """Stop a client, whatever comes of it.

    In a task of its own: while the broker is away aiokafka lets the cancellation of its inner tasks escape from
    `stop()`, and whoever awaits that ends as if cancelled, without a word.
    """
    stopping = asyncio.ensure_future(client.stop())
    stopping.add_done_callback(lambda task: task.cancelled() or task.exception())
    await asyncio.wait([stopping], timeout=STOP_SECONDS)

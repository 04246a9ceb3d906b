"""Kafka clients of our own: how a plain reader is made, and how any client is put away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaTimeoutError

T = TypeVar("T")
START_SECONDS = 10.0
STOP_SECONDS = 10.0
FETCH_WAIT_MS = 500
"""The broker answers a fetch at once when there is something; this long it keeps one that finds nothing."""
METADATA_MS = 10_000
"""A topic that was deleted and made anew is found again after this; the default is five minutes."""


def plain_consumer(bootstrap: str, wait_ms: int = FETCH_WAIT_MS) -> AIOKafkaConsumer:
    """No group, no commits: assign and seek. `wait_ms`: how long the broker keeps a fetch that finds nothing."""
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024, fetch_max_bytes=16 * 1024 * 1024, fetch_max_wait_ms=wait_ms,
        metadata_max_age_ms=METADATA_MS,
    )  # fmt: skip


@asynccontextmanager
async def reading(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """A plain consumer for the length of a block."""
    kafka = plain_consumer(bootstrap)
    try:
        await start(kafka)
        yield kafka
    finally:
        await put_away(kafka)


async def start(client: Any) -> None:
    """Start a client; a connection that swallows what is said to it would keep it waiting. Raises KafkaError."""
    try:
        async with asyncio.timeout(START_SECONDS):
            await client.start()
    except TimeoutError as error:
        raise KafkaTimeoutError(f"no answer within {START_SECONDS:.0f} s") from error


async def within(seconds: float, work: "Awaitable[T]") -> T:
    """Raises TimeoutError. Not `wait_for`: before Python 3.12 it swallows a cancellation that comes together with the
    answer, and whoever stops the task waits for ever."""
    async with asyncio.timeout(seconds):
        return await work


async def put_away(client: Any) -> None:
    """Stop a client, whatever comes of it.

    In a task of its own: while the broker is away aiokafka lets the cancellation of its inner tasks escape from
    `stop()`, and whoever awaits that ends as if cancelled, without a word.
    """
    stopping = asyncio.ensure_future(client.stop())
    stopping.add_done_callback(lambda task: task.cancelled() or task.exception())
    await asyncio.wait([stopping], timeout=STOP_SECONDS)

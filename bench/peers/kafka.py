"""Raw Kafka: a record sent by one client and read by another, one topic of the same broker, the product's client library.

The producer is idempotent and waits for all replicas, without lingering; the consumer's fetch waits as the product's does.
Records have the size of an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.frame import check_count

TOPIC, PARTITIONS, SIZE = "bench.raw", 6, 1_500


class RawKafka:
    """`one(n)` ends when the record that it sent has been read."""

    def __init__(self, producer: AIOKafkaProducer, consumer: AIOKafkaConsumer) -> None:
        self._producer, self._consumer = producer, consumer
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._n = self._seen = 0

    async def one(self, _: int = 0) -> str:
        self._n += 1
        n = self._n
        seen = self._waiting[n] = asyncio.get_running_loop().create_future()
        value = str(n).encode().ljust(SIZE)
        await self._producer.send(TOPIC, value, partition=n % PARTITIONS)
        async with asyncio.timeout(30):
            await seen
        return ""

    async def read(self) -> None:
        while True:
            for records in (await self._consumer.getmany(timeout_ms=1_000)).values():
                for record in records:
                    self._seen += 1
                    if waiting := self._waiting.pop(int(record.value), None):
                        waiting.set_result(None)

    def check(self) -> None:
        check_count(self._n, self._seen, "raw records read")


@asynccontextmanager
async def raw_kafka(bootstrap: str) -> AsyncIterator[RawKafka]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])
            await asyncio.sleep(1)
        await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    finally:
        await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, fetch_max_wait_ms=100, enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    partitions = [TopicPartition(TOPIC, n) for n in range(PARTITIONS)]
    consumer.assign(partitions)
    await consumer.seek_to_end(*partitions)
    made = RawKafka(producer, consumer)
    reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await producer.stop()
        await consumer.stop()

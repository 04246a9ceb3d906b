"""`review.events` read to its end with a plain Kafka client. Exit 0 only if it is dense and every hash verifies."""

import asyncio
import sys
from collections import Counter

from aiokafka import AIOKafkaConsumer, TopicPartition

from examples.address import kafka_address
from examples.reader import Shards

WATCHED = ("ApplicationSubmitted", "ApplicationReturned", "CertificationExpiring")


async def read(topic: str, bootstrap: str) -> tuple[Shards, Counter[str]]:
    kafka = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    shards, seen = Shards(), Counter[str]()
    await kafka.start()
    try:
        ends = await kafka.end_offsets([TopicPartition(topic, p) for p in kafka.partitions_for_topic(topic) or ()])
        while [tp for tp, end in ends.items() if await kafka.position(tp) < end]:
            for tp, records in (await kafka.getmany(timeout_ms=500)).items():
                for record in records:
                    headers = dict(record.headers)
                    if shards.accept(tp.partition, headers, record.value or b""):
                        seen[headers["ce_type"].decode().split(".")[1]] += 1
    finally:
        await kafka.stop()
    return shards, seen


async def main() -> int:
    total, gaps = 0, 0
    for topic in ("applications.events", "review.events"):
        shards, seen = await read(topic, kafka_address())
        total, gaps = total + seen.total(), gaps + shards.gaps
        watched = ", ".join(f"{name} {seen[name]}" for name in WATCHED if seen[name])
        print(f"{topic}: {seen.total()} events, {shards.foreign} foreign, {shards.gaps} gaps; {watched}")
    print(f"{total} events dense and verified" if not gaps else f"{gaps} gaps")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

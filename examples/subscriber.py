"""Ten lines of FastStream that follow three events, notice gaps and check every hash."""

import asyncio

from faststream import FastStream
from faststream.kafka import KafkaBroker, KafkaMessage

from examples.address import kafka_address
from examples.reader import Shards

WATCHED = {"ApplicationSubmitted", "ApplicationReturned", "CertificationExpiring"}
broker = KafkaBroker(kafka_address())
shards = {"applications.events": Shards(), "review.events": Shards()}


@broker.subscriber(*shards, auto_offset_reset="earliest")
async def follow(message: KafkaMessage) -> None:
    record = message.raw_message
    headers = {name: bytes(value) for name, value in record.headers}  # type: ignore[union-attr]
    if not shards[record.topic].accept(record.partition, headers, record.value):  # type: ignore[union-attr]
        print("not the next record: a repetition, a gap or a stranger", headers.get("ce_id"))
    elif (name := headers["ce_type"].decode().split(".")[1]) in WATCHED:
        print(name, headers["ce_subject"].decode(), headers["ce_sequence"].decode())


if __name__ == "__main__":
    asyncio.run(FastStream(broker).run())

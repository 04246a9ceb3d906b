"""Verified replay: fetch, hash, chain, decode, fold; against the same fetch that looks at nothing."""

import time
from collections import Counter

from aiokafka import TopicPartition

from bench.figures import Figure
from bench.frame import Given, alternate, bench, check_count
from libs.events.codec import encode
from libs.events.contracts.actors import Actor
from libs.events.contracts.review import ReviewStarted
from libs.events.contracts.times import instant, time_text
from libs.events.envelope import GENESIS, Commit, StoredEvent, chained, records_of
from libs.events.flow.clients import plain_consumer
from libs.events.flow.relay import producer
from libs.events.flow.runner import Cursor, plan
from libs.events.flow.wire import Arrived, raw_record, recorded, verify
from libs.events.ids import make_id
from libs.events.store.ports import Checkpoint

TOPIC, SHARD, WINDOW = "review.events", 0, 200
FETCH = 2_000


def _commit(n: int, previous: str) -> Commit:
    enterprise, application = make_id("enterprise", str(n % 1_000)), make_id("entity", str(n % 1_000), "1")
    event = ReviewStarted(
        received_at=instant(1_725_240_600_000 + n), application=application, enterprise=enterprise,
        enterprise_name="南京梯度示例精密科技有限公司", authority="320000", region="320102", level="county", round=1,
        officer=make_id("official", "1"),
    )  # fmt: skip
    type_, body = encode("review", event)
    id_ = make_id("command", str(n))
    return chained(
        Commit(
            id=id_, fingerprint="-", envelope=1, source="/tidu/bench/1/review", partition_key=enterprise, shard=SHARD,
            position=n, last_position=n, stream=f"case-{enterprise}-{application}", version=1 + n // 1_000,
            last_version=1 + n // 1_000, reads=[], recorded_at=time_text(instant(1_725_240_600_000 + n)),
            clock=f"{n:016x}", actor=Actor("service", "review").ref, correlation_id=id_, causation_id=id_,
            traceparent="", events=[StoredEvent(f"{id_}.1", type_, body, "")], previous_hash=previous, hash="",
        )
    )  # fmt: skip


async def fill(bootstrap: str, events: int) -> None:
    """A topic as the relay writes it: windows of whole commits, each one record batch."""
    sending, previous = producer(bootstrap), GENESIS
    await sending.start()
    try:
        for start in range(1, events + 1, WINDOW):
            batch = sending.create_batch()
            for n in range(start, min(start + WINDOW, events + 1)):
                commit = _commit(n, previous)
                previous = commit.hash
                for record in records_of(commit):
                    batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers)
            batch.close()
            await (await sending.send_batch(batch, TOPIC, partition=SHARD))
    finally:
        await sending.stop()


async def raw_events_per_second(bootstrap: str, events: int) -> float:
    """The bare peer: `getmany` and nothing else."""
    kafka = plain_consumer(bootstrap)
    await kafka.start()
    try:
        kafka.assign([TopicPartition(TOPIC, SHARD)])
        began, seen = time.perf_counter(), 0
        while seen < events:
            seen += sum(len(found) for found in (await kafka.getmany(timeout_ms=1_000, max_records=FETCH)).values())
        return seen / (time.perf_counter() - began)
    finally:
        await kafka.stop()


async def verified_events_per_second(bootstrap: str, events: int) -> float:
    """Ours: every hash recomputed, the chain followed, bodies decoded, counted per case. Exact or it does not count."""
    kafka, cursor, folded = plain_consumer(bootstrap), Cursor(None, Checkpoint()), Counter[str]()
    await kafka.start()
    try:
        kafka.assign([TopicPartition(TOPIC, SHARD)])
        began = time.perf_counter()
        while cursor.at.position < events:
            for found in (await kafka.getmany(timeout_ms=1_000, max_records=FETCH)).values():
                arrived = [a for record in found if isinstance(a := verify(raw_record(record)), Arrived)]
                for commit in plan(cursor, arrived).commits:
                    for record in commit:
                        event = recorded(record)
                        assert event is not None
                        folded[event.stream] += 1
                    cursor.at = Checkpoint(commit[-1].position, commit[-1].hash, commit[-1].raw.offset + 1)
        seconds = time.perf_counter() - began
    finally:
        await kafka.stop()
    check_count(events, folded.total(), "events folded")
    return events / seconds


@bench("replay", ids=("P1",), words="verified replay against the bare fetch")
async def run(given: Given) -> list[Figure]:
    events = given.size("events", 60_000, 4_000)
    async with given.stack(services=()) as stack:
        await fill(stack.kafka, events)
        pairs = await alternate(
            given,
            lambda: verified_events_per_second(stack.kafka, events),
            lambda: raw_events_per_second(stack.kafka, events),
        )
    return [
        Figure(
            "P1", "verified replay: fetch, hash, chain, decode, fold", pairs.ours, "aiokafka getmany", pairs.peer,
            pairs.ratio, "≥ 0.45", pairs.ratio.median >= 0.45, unit="events/s",
        )
    ]  # fmt: skip

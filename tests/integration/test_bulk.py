"""A topic in bulk holds what a plain client finds in it, to just the ends that were asked for; trouble has words."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from contextlib import aclosing

import pytest
from confluent_kafka import Producer

from libs.events.errors import Unavailable
from libs.events.flow import bulk
from libs.events.flow.bulk import Bulk, in_bulk
from libs.events.flow.wire import RawRecord, raw_record
from tests.backends import Backends
from tests.integration.facts.plain import new_topic
from tests.integration.facts.test_producing import lying
from tests.integration.lab import produce

pytestmark = pytest.mark.integration
HEADERS = [("ce_id", b"1"), ("empty", b""), ("nothing", None), ("ce_id", b"2")]


async def read(reader: Bulk, topic: str, at: Mapping[int, int], ends: Mapping[int, int]) -> dict[int, list[RawRecord]]:
    found: dict[int, list[RawRecord]] = defaultdict(list)
    async with aclosing(reader.records(topic, at, ends)) as portions, asyncio.timeout(20):
        async for portion in portions:
            for shard, records in portion.items():
                assert records and len(records) <= bulk.PORTION
                found[shard] += records
    return dict(found)


async def filled(backends: Backends, shards: int = 3, records: int = 7) -> str:
    topic = await new_topic(backends, shards)
    for shard in range(shards):
        await produce(backends, topic, shard, [(b"k", b"%d" % n, HEADERS) for n in range(records)])
    await produce(backends, topic, 0, [(None, None, [])])
    return topic


async def test_it_holds_what_a_plain_client_finds(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PORTION", 2)
    topic = await filled(backends)
    plain = [raw_record(record) for record in await lying(backends, topic, 3, 22)]
    async with in_bulk(backends.kafka) as reader:
        found = await read(reader, topic, {0: 0, 1: 0, 2: 0}, {0: 8, 1: 7, 2: 7})
    by_shard = {shard: [record for record in plain if record.partition == shard] for shard in range(3)}
    assert found == {shard: sorted(records, key=lambda r: r.offset) for shard, records in by_shard.items()}
    assert found[0][0].headers == tuple(HEADERS) and found[0][-1].headers == ()


async def test_it_begins_and_ends_where_it_is_told_and_can_be_asked_again(backends: Backends) -> None:
    topic = await filled(backends)
    async with in_bulk(backends.kafka) as reader:
        found = await read(reader, topic, {0: 2, 1: 7, 2: 0}, {0: 5, 1: 7, 2: 1})
        again = await read(reader, topic, {0: 5, 1: 0}, {0: 6, 1: 3})
        nothing = await read(reader, topic, {0: 8}, {0: 8})
    assert {shard: [record.offset for record in records] for shard, records in found.items()} == {0: [2, 3, 4], 2: [0]}
    assert {shard: [record.offset for record in records] for shard, records in again.items()} == {0: [5], 1: [0, 1, 2]}
    assert nothing == {}


async def test_markers_of_a_strangers_transaction_at_the_end_are_passed(backends: Backends) -> None:
    topic = await new_topic(backends, 1)
    producer = Producer({"bootstrap.servers": backends.kafka, "transactional.id": topic})
    await asyncio.to_thread(producer.init_transactions, 30)
    producer.begin_transaction()
    producer.produce(topic, b"body", partition=0)
    await asyncio.to_thread(producer.commit_transaction, 30)
    async with in_bulk(backends.kafka) as reader:
        found = await read(reader, topic, {0: 0}, {0: 2})
    assert [record.offset for record in found[0]] == [0]


async def test_who_stops_in_the_middle_leaves_nothing_for_the_next(
    backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PORTION", 2)
    topic = await filled(backends)
    async with in_bulk(backends.kafka) as reader:
        async with aclosing(reader.records(topic, {0: 0}, {0: 8})) as portions:
            first = await anext(portions)
        assert [record.offset for record in first[0]] == [0, 1]
        found = await read(reader, topic, {1: 0}, {1: 7})
    assert set(found) == {1} and len(found[1]) == 7


async def test_whom_nobody_answers_is_told(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "SILENT_SECONDS", 0.5)
    topic = await filled(backends)
    async with in_bulk(backends.kafka) as reader:
        with pytest.raises(Unavailable, match="has sent nothing"):
            await read(reader, topic, {0: 8}, {0: 9})
        with pytest.raises(Unavailable, match="no-such-topic"):
            await read(reader, "no-such-topic", {0: 0}, {0: 1})
    monkeypatch.setattr(bulk, "START_SECONDS", 0.5)
    with pytest.raises(Unavailable, match="Kafka"):
        async with in_bulk("127.0.0.1:1"):
            pass


async def test_whoever_is_cancelled_while_it_waits_can_close_it(backends: Backends) -> None:
    topic = await filled(backends)
    async with in_bulk(backends.kafka) as reader:
        waiting = asyncio.ensure_future(read(reader, topic, {0: 8}, {0: 9}))
        await asyncio.sleep(0.5)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

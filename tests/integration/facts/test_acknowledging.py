"""Facts 1, 2, 3 and 6 of the design: who acknowledges what, and what takes a batch with it."""

import asyncio
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaRouter

from libs.events.flow.broker import _decode, _parse
from tests.backends import Backends
from tests.integration.facts.plain import committed, consuming, new_topic
from tests.integration.lab import produce
from tests.integration.running import eventually

pytestmark = pytest.mark.integration
ONE = (None, b"1", [])
LATER = (None, b"9", [])


class Broken(Exception):
    """A handler that cannot do its work."""


async def test_the_default_acknowledges_before_the_handler_has_done_anything(backends: Backends) -> None:
    topic = await new_topic(backends)
    await produce(backends, topic, 0, [ONE])
    still_working = asyncio.Event()

    async def handle(_: Any) -> None:
        await still_working.wait()

    async with consuming(backends, topic, handle, auto_commit_interval_ms=100) as broker:
        assert next(iter(broker.subscribers)).ack_policy is AckPolicy.ACK_FIRST

        async def is_committed() -> bool:
            return await committed(backends, topic) == {0: 1}

        await eventually(is_committed, "for the offset to be committed while the handler still works")
        assert not still_working.is_set()
        still_working.set()


async def test_ack_acknowledges_failures_too(backends: Backends) -> None:
    topic = await new_topic(backends)
    await produce(backends, topic, 0, [ONE] * 3)
    calls = []

    async def handle(body: Any) -> None:
        calls.append(body)
        raise Broken

    async def all_committed() -> bool:
        return await committed(backends, topic) == {0: 3}

    async with consuming(backends, topic, handle, ack_policy=AckPolicy.ACK):
        await eventually(all_committed, "for three failures to be acknowledged")
    assert len(calls) == 3, "each was tried once and is lost"


async def test_nack_on_error_tries_again_at_once_and_for_ever(backends: Backends) -> None:
    topic = await new_topic(backends)
    await produce(backends, topic, 0, [(None, b"1", []), (None, b"2", [])])
    calls = []

    async def handle(body: Any) -> None:
        calls.append(body)
        raise Broken

    async with consuming(backends, topic, handle, ack_policy=AckPolicy.NACK_ON_ERROR):

        async def many() -> bool:
            return len(calls) > 100

        await eventually(many, "for a hundred calls")
        assert set(map(str, calls)) == {"1"}, "the second record never has its turn"
        assert await committed(backends, topic) == {}


def test_a_policy_on_the_broker_does_not_reach_a_router_declared_before() -> None:
    router = KafkaRouter()
    early = router.subscriber("early")
    broker = KafkaBroker("127.0.0.1:1", ack_policy=AckPolicy.MANUAL, logger=None)
    broker.include_router(router)
    late = broker.subscriber("late")
    assert (early.ack_policy, late.ack_policy) == (AckPolicy.ACK_FIRST, AckPolicy.MANUAL)


async def test_a_refused_batch_is_given_again_for_every_partition(backends: Backends) -> None:
    """The design says that only the first record's partition is rewound: no longer so in 0.7.8 (docs/decisions)."""
    topic = await new_topic(backends, 2)
    for partition in (0, 1):
        await produce(backends, topic, partition, [ONE, ONE])
    fetches = []

    async def parse(records: tuple[Any, ...]) -> Any:
        fetches.append(sorted((r.partition, r.offset) for r in records))
        return await subscriber.parser.parse_batch(records)

    async def handle(_: Any) -> None:
        raise Broken

    options = {"batch": True, "batch_timeout_ms": 200, "ack_policy": AckPolicy.NACK_ON_ERROR, "parser": parse}
    async with consuming(backends, topic, handle, **options) as broker:
        subscriber = next(iter(broker.subscribers))

        async def several() -> bool:
            return len(fetches) > 20

        await eventually(several, "for the batch to come again")
    assert [(0, 0), (0, 1), (1, 0), (1, 1)] in fetches, "one batch spans both partitions"
    again = {place for fetch in fetches[3:] for place in fetch}
    assert again == {(0, 0), (0, 1), (1, 0), (1, 1)}


async def test_ack_commits_every_partition_not_only_its_own(backends: Backends) -> None:
    topic = await new_topic(backends, 2)
    await produce(backends, topic, 0, [ONE])
    handled = []

    async def handle(_: Any) -> None:
        message = broker.context.get_local("message")
        handled.append(message.raw_message[0].partition)
        if handled[-1] == 1:
            await message.ack()

    options = {"batch": True, "batch_timeout_ms": 50, "ack_policy": AckPolicy.MANUAL}
    async with consuming(backends, topic, handle, **options) as broker:

        async def has_come(count: int) -> bool:
            return len(handled) == count

        await eventually(lambda: has_come(1), "for partition 0")
        assert await committed(backends, topic) == {}
        await produce(backends, topic, 1, [ONE])
        await eventually(lambda: has_come(2), "for partition 1")

        async def is_committed() -> bool:
            return bool(await committed(backends, topic))

        await eventually(is_committed, "for the acknowledgement")
    assert await committed(backends, topic) == {0: 1, 1: 1}, "partition 0 was never acknowledged by anybody"


BAD = [(None, b"1", [("x", b"ok")])] * 3 + [(None, b"2", [("x", b"\xff\xfe")])] + [(None, b"3", [("x", b"ok")])] * 2


async def test_a_header_that_is_not_utf_8_takes_its_batch_with_it(backends: Backends) -> None:
    topic = await new_topic(backends)
    await produce(backends, topic, 0, BAD)
    calls = []

    async def handle(body: Any) -> None:
        calls.append(body)

    options = {"batch": True, "batch_timeout_ms": 50, "ack_policy": AckPolicy.ACK}
    async with consuming(backends, topic, handle, **options):
        # One alone might be fetched together with the six, and be lost with them.
        async def the_next_came() -> bool:
            await produce(backends, topic, 0, [LATER])
            return bool(calls)

        await eventually(the_next_came, "for what came after")
    assert {body for call in calls for body in call} == {9}, "six records were never delivered"


async def test_with_our_parser_and_decoder_every_record_arrives(backends: Backends) -> None:
    topic = await new_topic(backends)
    await produce(backends, topic, 0, BAD)
    offsets: list[int] = []

    async def handle(records: Any) -> None:
        offsets.extend(record.offset for record in records)

    options = {"batch": True, "batch_timeout_ms": 50, "ack_policy": AckPolicy.MANUAL}
    async with consuming(backends, topic, handle, parser=_parse, decoder=_decode, **options):

        async def all_came() -> bool:
            return len(offsets) == 6

        await eventually(all_came, "for six records")
    assert offsets == [0, 1, 2, 3, 4, 5]

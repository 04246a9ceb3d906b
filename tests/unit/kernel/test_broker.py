"""Every subscriber is made by the one helper: a policy set elsewhere would be ignored without a word."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord
from faststream import AckPolicy

from libs.events.flow import broker
from libs.events.flow.broker import Feed, kafka_broker
from libs.events.flow.runner import Subscription
from libs.events.store.memory import MemoryState


def feeds() -> tuple[Any, list[Feed]]:
    kafka = kafka_broker("127.0.0.1:1", "review")
    topics = ("applications.events", "review.events")
    subscriptions = [Subscription("review", topic, MemoryState(), []) for topic in topics]
    return kafka, [Feed(kafka, subscription, f"review.{subscription.topic}") for subscription in subscriptions]


def test_all_subscribers_acknowledge_by_hand_from_the_beginning_with_our_parser() -> None:
    kafka, made = feeds()
    found = list(kafka.subscribers)
    assert len(found) == len(made) == 2
    for subscriber in found:
        assert subscriber.ack_policy is AckPolicy.MANUAL
        arguments = subscriber._connection_args
        assert arguments["enable_auto_commit"] is False
        assert arguments["auto_offset_reset"] == "earliest"
        options = subscriber._call_options
        assert options.parser is broker._parse and options.decoder is broker._decode


async def test_no_header_takes_a_batch_with_it() -> None:
    records = tuple(
        cast(
            ConsumerRecord[Any, Any], SimpleNamespace(topic="t", partition=0, offset=n, key=None, value=None, headers=h)
        )
        for n, h in enumerate([(("ce_id", b"\xff\xfe"),), (("x", None),), None, ()])
    )
    message = await broker._parse(records)
    assert [record.offset for record in await broker._decode(message)] == [0, 1, 2, 3]


class Silent:
    """A client whose first fetches find nothing."""

    def __init__(self, silent: int) -> None:
        self.silent, self.asked = silent, 0

    async def getmany(self, timeout_ms: int, max_records: int) -> dict[str, list[str]]:
        assert timeout_ms > 0 < max_records
        self.asked += 1
        await asyncio.sleep(0)
        return {"shard 0": ["a", "b"], "shard 1": ["c"]} if self.asked > self.silent else {}


async def test_after_a_fetch_that_found_nothing_the_next_is_asked_for_at_once() -> None:
    """FastStream's own subscriber would sleep, and return nothing."""
    _, (feed, _) = feeds()
    subscriber, client = cast(Any, feed.subscriber), Silent(3)
    subscriber.running = True
    async with asyncio.timeout(broker.FETCH_MS / 1_000):
        assert await subscriber.get_msg(client) == ("a", "b", "c")
    assert client.asked == 4


async def test_a_subscriber_that_is_stopped_asks_no_more() -> None:
    _, (feed, _) = feeds()
    subscriber = cast(Any, feed.subscriber)
    subscriber.running = False
    assert await subscriber.get_msg(Silent(0)) == ()


def gathering(seconds: float) -> Subscription:
    return Subscription("assessment", "applications.events", MemoryState(), [], gathers=seconds)


async def test_events_gather_until_somebody_waits_to_read_them() -> None:
    subscription = gathering(60.0)
    pause = asyncio.create_task(subscription.gather(1))
    await asyncio.sleep(0.05)
    assert not pause.done()
    subscription.hurry.set()
    async with asyncio.timeout(5):
        await pause
    again = asyncio.create_task(subscription.gather(1))
    await asyncio.sleep(0.05)
    assert not again.done(), "who waited once has been served"
    again.cancel()


async def test_who_began_to_wait_during_the_fetch_is_not_kept_waiting_after_it() -> None:
    subscription = gathering(60.0)
    subscription.hurry.set()
    async with asyncio.timeout(5):
        await subscription.gather(1)


@pytest.mark.parametrize(("seconds", "fetched"), [(0.0, 1), (60.0, 100), (0.01, 1)])
async def test_no_pause_where_none_is_wanted_or_much_waits_and_else_it_ends(seconds: float, fetched: int) -> None:
    async with asyncio.timeout(5):
        await gathering(seconds).gather(fetched)

"""Every subscriber is made by the one helper: a policy set elsewhere would be ignored without a word."""

from types import SimpleNamespace
from typing import Any, cast

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

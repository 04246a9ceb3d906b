"""A consumer that reads alone gets level, however slowly its client comes to the first record."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from libs.events.flow import detached
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.cursors import Cursor
from libs.events.flow.detached import DetachedReader
from libs.events.flow.runner import Subscription
from libs.events.flow.wire import RawRecord
from libs.events.store.memory import MemoryState
from libs.events.store.ports import Checkpoint
from tests.unit.kernel.test_interleavings import JOINED, TOPICS

TOPIC = "notifications.events"
PLACE = TopicPartition(TOPIC, 0)
RECORDS = TOPICS["notifications"]
EMPTY_POLLS = 3


class SlowClient:
    """Answers its first polls with nothing: connecting and the first fetch take longer than a poll."""

    opened = 0

    def __init__(self) -> None:
        SlowClient.opened += 1
        self.polls, self.at = 0, 0

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        assert list(partitions) == [PLACE]

    def seek(self, _: TopicPartition, offset: int) -> None:
        self.at = offset

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset([PLACE])

    async def end_offsets(self, _: object) -> dict[TopicPartition, int]:
        return {PLACE: len(RECORDS)}

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, list[RawRecord]]:
        await asyncio.sleep(0)
        self.polls += 1
        found, self.at = (RECORDS[self.at :], len(RECORDS)) if self.polls > EMPTY_POLLS else ([], self.at)
        return {PLACE: found} if found else {}


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    @asynccontextmanager
    async def reading(_: str) -> AsyncIterator[SlowClient]:
        yield SlowClient()

    monkeypatch.setattr(SlowClient, "opened", 0)
    monkeypatch.setattr(detached, "reading", reading)


@pytest.mark.usefixtures("slow")
async def test_it_keeps_its_client_while_there_is_more_to_read() -> None:
    state = MemoryState()
    subscription = Subscription("x", TOPIC, state, [ProjectionConsumer("x", JOINED, "notifications", state)])
    await subscription.assigned({0})
    subscription.fetched[0] = len(RECORDS)
    consumer = subscription.consumers[0]
    cursor = subscription.cursors[consumer.name, 0] = Cursor(None, Checkpoint(), attached=False, trouble="behind")
    reading = asyncio.create_task(DetachedReader(subscription, consumer, "nowhere").run())
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            while not cursor.attached:
                await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert (cursor.attached, cursor.at.position, SlowClient.opened) == (True, len(RECORDS), 1)


async def test_who_is_given_a_shard_anew_while_reading_alone_is_not_level_for_what_it_read_before() -> None:
    state = MemoryState()
    consumer = ProjectionConsumer("notifications", JOINED, "notifications", state)
    subscription = Subscription("notifications", TOPIC, state, [consumer])
    await subscription.assigned({0})
    subscription._detach(subscription.cursors[consumer.name, 0], "behind")
    reader = DetachedReader(subscription, consumer, "")
    reader._loads, reader._read = subscription.loads, {0: len(RECORDS)}
    await subscription.assigned({0})
    fresh = subscription.cursors[consumer.name, 0]
    subscription._detach(fresh, "behind")
    subscription.fetched[0] = len(RECORDS)
    assert not await reader._step(cast(Any, SlowClient()))
    assert not fresh.attached and fresh.at.position == 0

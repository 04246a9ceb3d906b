"""A follower that is not told where the log ends asks again on the same connection before it begins anew."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from libs.events.clock import BusinessClock
from libs.events.flow import follower as following
from libs.events.flow.follower import Follower


class Kafka:
    """Answers nothing to the first `silent` questions after the end of the log."""

    def __init__(self, silent: int) -> None:
        self.silent, self.asked = silent, 0
        self._client = self

    async def force_metadata_update(self) -> None:
        return

    def partitions_for_topic(self, _: str) -> set[int]:
        return {0}

    def assign(self, _: Any) -> None:
        return

    def seek(self, *_: Any) -> None:
        return

    async def getmany(self, **_: Any) -> dict[Any, Any]:
        await asyncio.sleep(0.001)
        return {}

    async def end_offsets(self, partitions: list[Any]) -> dict[Any, int]:
        self.asked += 1
        if self.asked <= self.silent:
            await asyncio.sleep(60)
        return dict.fromkeys(partitions, 0)


async def followed(monkeypatch: pytest.MonkeyPatch, kafka: Kafka, hung: float) -> tuple[Follower, int]:
    """The follower once it is level, and how many connections that took."""
    opened = 0

    @asynccontextmanager
    async def reading(_: str) -> AsyncIterator[Kafka]:
        nonlocal opened
        opened += 1
        yield kafka

    monkeypatch.setattr(following, "reading", reading)
    monkeypatch.setattr(following, "ENDS_SECONDS", 0.02)
    monkeypatch.setattr(following, "HUNG_SECONDS", hung)
    follower = Follower("nowhere", "identity.events", BusinessClock(), lambda _: None)
    task = asyncio.create_task(follower.run())
    try:
        async with asyncio.timeout(5):
            while not follower.level():
                await asyncio.sleep(0.005)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return follower, opened


async def test_an_unanswered_question_is_asked_again_on_the_same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    kafka = Kafka(silent=2)
    follower, opened = await followed(monkeypatch, kafka, hung=30)
    assert (opened, kafka.asked) == (1, 3)
    assert follower.rebuilt == 0


async def test_one_that_stays_silent_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    _, opened = await followed(monkeypatch, Kafka(silent=1), hung=0.015)
    assert opened > 1

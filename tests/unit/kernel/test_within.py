"""Waiting with a limit must not swallow a cancellation: a task that should stop would go on for ever."""

import asyncio

import pytest

from libs.events.flow.clients import within


async def test_what_came_in_time_is_the_answer() -> None:
    answer = asyncio.get_running_loop().create_future()
    answer.set_result(7)
    assert await within(1, answer) == 7


async def test_too_late_is_said() -> None:
    with pytest.raises(TimeoutError):
        await within(0.01, asyncio.Event().wait())


async def test_a_cancellation_together_with_the_answer_is_heard() -> None:
    answer = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(within(1, answer))
    await asyncio.sleep(0)
    answer.set_result(7)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

"""The load counts what users wait, whatever the system does, and sends the same for the same seed."""

import asyncio
from itertools import pairwise
from random import Random

import pytest

from bench.load import EVENING_PEAK, Latencies, Loop, closed_loop, evening, poisson

STALL = 0.2


async def test_a_request_that_could_not_even_be_sent_in_time_is_late_from_its_intended_moment() -> None:
    """The first holds everything up, as a slow system does; the others were to begin meanwhile."""
    loop = Loop([0.0, 0.01, 0.02])

    async def act(n: int) -> str:
        if n == 0:
            while loop.now() < STALL:  # without an await: nobody else may run
                pass
        return ""

    await loop.run(act)
    waited = dict(loop.all.moments)
    assert waited[0.01] >= STALL - 0.011
    assert waited[0.02] >= STALL - 0.021
    assert loop.late.ms(100) >= (STALL - 0.021) * 1_000


async def test_nobody_waits_for_the_one_before() -> None:
    loop, running, most = Loop([0.0, 0.0, 0.0, 0.0]), 0, 0

    async def act(n: int) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return ""

    await loop.run(act)
    assert most == 4
    assert max(count for _, count in loop.in_flight) == 4
    assert loop.in_flight[-1][1] == 0


async def test_what_fails_is_counted_by_its_code_and_not_as_latency() -> None:
    loop = Loop([0.0, 0.0, 0.0])

    async def act(n: int) -> str:
        if n == 0:
            raise ConnectionResetError
        return "review.not-your-level" if n == 1 else ""

    await loop.run(act)
    assert loop.all.errors == {"ConnectionResetError": 1, "review.not-your-level": 1}
    assert loop.all.n == 1
    assert len(loop.all.moments) == 3


async def test_a_defect_of_the_load_itself_ends_it() -> None:
    async def act(n: int) -> str:
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        await Loop([0.0]).run(act)


async def test_a_moment_is_marked_from_the_intended_one() -> None:
    loop = Loop([0.0])

    async def act(n: int) -> str:
        await asyncio.sleep(0.02)
        loop.mark(n, "visible")
        await asyncio.sleep(0.05)
        return ""

    await loop.run(act)
    assert 20 <= loop.named["visible"].ms(50) < loop.all.ms(50)


async def test_a_closed_loop_keeps_as_many_going_as_it_has_workers() -> None:
    seen = set[int]()

    async def act(n: int) -> str:
        seen.add(n)
        await asyncio.sleep(0.01)
        return ""

    done = await closed_loop(3, 0.05, act)
    assert done.all.n == len(seen) >= 6
    assert seen == set(range(len(seen)))


def test_percentiles_are_those_of_all_rounds_together() -> None:
    one, other = Latencies(), Latencies()
    for n in range(1, 51):
        one.add(0, n / 1_000)
        other.add(0, (n + 50) / 1_000)
    other.add(0, 9, "late")
    one.merge(other)
    assert one.n == 100
    assert one.ms(50) == pytest.approx(50)
    assert one.ms(99) == pytest.approx(99)
    assert one.ms(100) == pytest.approx(100)
    assert one.errors == {"late": 1}


def test_arrivals_are_the_same_for_the_same_seed_and_of_the_rate_that_was_asked_for() -> None:
    first = poisson(100, 60, Random(1))
    assert first == poisson(100, 60, Random(1)) != poisson(100, 60, Random(2))
    assert len(first) == pytest.approx(6_000, rel=0.05)
    assert all(a < b for a, b in pairwise(first))
    assert first[0] > 0 and first[-1] < 60


def test_the_evening_has_the_published_shape() -> None:
    """The record hour has twice the last one's half; the whole has the mean that was asked for, and its bursts."""
    found = evening(100, 600, Random(1))
    per_minute = [sum(1 for at in found if 60 * n <= at < 60 * (n + 1)) for n in range(10)]
    assert len(found) == pytest.approx(60_000 * (1 + 0.6 * 5 / 60), rel=0.02)
    assert per_minute.index(max(per_minute)) in (2, 3, 9)
    assert max(per_minute) / 60 == pytest.approx(100 * EVENING_PEAK, rel=0.1)
    bursts = [sum(1 for at in found if 60 * n + 55 <= at < 60 * (n + 1)) for n in range(10)]
    assert sum(bursts) / 50 > 1.3 * len(found) / 600


def test_who_was_not_answered_waited_longest() -> None:
    found = Latencies()
    for n, error in enumerate(("", "", "platform.unavailable", "")):
        found.add(0.0, 0.001 * (n + 1), error)
    assert (found.ms(100), found.ms_of_all(50), found.ms_of_all(75)) == (4.0, 2.0, 4.0)
    assert found.ms_of_all(76) == float("inf")

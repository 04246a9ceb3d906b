"""The lease of the clock is taken by wall time, and wall time may be wrong: nobody waits an hour for that."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from libs.events.clock import BusinessClock, step_wall
from libs.events.flow.ticks import LEASE_SECONDS, Clock
from libs.events.store.memory import MemoryState

HOUR = 3_600_000


@pytest.fixture
def off() -> Iterator[list[int]]:
    """The wall is off by what the list says."""
    by = [0]
    step_wall(lambda: by[0])
    yield by
    step_wall(None)


def clocks(count: int) -> list[Clock]:
    state = MemoryState()
    due, leases = state.documents("due"), state.documents("leases")
    return [Clock("review", due, leases, cast(Any, None), BusinessClock().now) for _ in range(count)]


async def test_one_holds_it_and_another_takes_over_when_it_is_over(off: list[int]) -> None:
    one, other = clocks(2)
    assert await one._leased()
    assert not await other._leased()
    off[0] = int(LEASE_SECONDS * 1_000) + 1
    assert await other._leased()
    assert not await one._leased()


async def test_what_a_clock_an_hour_ahead_took_does_not_bind_the_next_for_an_hour(off: list[int]) -> None:
    wrong, right = clocks(2)
    off[0] = HOUR
    assert await wrong._leased()
    off[0] = 0
    assert await right._leased()


async def test_a_holder_whose_clock_went_back_takes_its_lease_anew(off: list[int]) -> None:
    one, other = clocks(2)
    off[0] = HOUR
    assert await one._leased()
    off[0] = 0
    assert await one._leased()
    assert not await other._leased(), "the first holds it, by the right time"
    off[0] = int(LEASE_SECONDS * 1_000) + 1
    assert await other._leased()

"""The hybrid clock never runs backwards and never follows a caller from the future."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.clock import (
    TOLERATED_LEAD_MS,
    clock_millis,
    clock_value,
    next_clock,
    off_by,
    step_wall,
    system_wall,
    told_by,
    wall_seconds,
)

_WALL = st.integers(min_value=1_700_000_000_000, max_value=1_900_000_000_000)
_CLOCK = _WALL.map(clock_value)


@given(_WALL, st.lists(_CLOCK, max_size=4))
def test_it_is_after_everything_it_knows(wall: int, before: list[int]) -> None:
    found = next_clock(wall, *before)
    assert all(found > value for value in before)
    assert found >= clock_value(wall)


@given(_WALL)
def test_it_counts_within_one_millisecond(wall: int) -> None:
    first = next_clock(wall)
    assert next_clock(wall, first) == first + 1
    assert clock_millis(next_clock(wall, first)) == wall


@given(_WALL, st.integers(min_value=-10_000, max_value=10_000))
def test_a_caller_far_ahead_is_ignored(wall: int, lead: int) -> None:
    caller = clock_value(wall + lead)
    found = next_clock(wall, caller=caller)
    assert (found > caller) == (lead <= TOLERATED_LEAD_MS)


def test_a_stepped_wall_is_off_by_what_the_file_says_now_and_right_without_it(tmp_path: Path) -> None:
    file, hour = tmp_path / "review.clock", 3_600_000
    true = system_wall()
    step_wall(told_by(file))
    try:
        assert 0 <= system_wall() - true < 60_000
        file.write_text(str(hour))
        assert 0 <= system_wall() - true - hour < 60_000
        file.write_text(str(-hour))
        assert -hour <= system_wall() - true < -hour + 60_000
        assert abs(wall_seconds() * 1_000 - system_wall()) < 60_000
    finally:
        step_wall(None)
    assert 0 <= system_wall() - true < 60_000


@pytest.mark.parametrize(
    ("told", "expected"),
    [(99.5, 0.0), (100.0, 0.0), (104.0, 0.0), (98.0, 1.5), (104.5, -0.5), (3_704.0, -3_600.0), (-3_501.0, 3_600.5)],
)
def test_a_slow_answer_is_no_wrong_clock(told: float, expected: float) -> None:
    """Asked at 99.5, answered at 104: only what lies outside is certain."""
    assert off_by(99.5, told, 104.0) == expected


def test_it_is_the_very_next_value() -> None:
    wall = 1_700_000_000_000
    head = clock_value(wall) + 5
    assert next_clock(wall, head) == head + 1
    assert next_clock(wall, caller=head) == head + 1
    assert next_clock(wall) == clock_value(wall)


def test_the_wall_counts_milliseconds() -> None:
    before, found, after = time.time_ns(), system_wall(), time.time_ns()
    assert before // 1_000_000 <= found <= after // 1_000_000

"""Time: the wall as a port, business time, and the hybrid logical clock. The only kernel module that reads a clock."""

import time
from datetime import datetime
from typing import Protocol

from libs.events.contracts.times import instant

TOLERATED_LEAD_MS = 2_000


class Wall(Protocol):
    """Wall time in milliseconds since the epoch; rules stamps and everything about security."""

    def __call__(self) -> int: ...


def system_wall() -> int:
    return time.time_ns() // 1_000_000


class BusinessClock:
    """Wall time plus the deployment's offset (ms), which follows `identity`'s `BusinessClockMoved`."""

    def __init__(self, wall: Wall = system_wall) -> None:
        self._wall = wall
        self.offset_ms = 0

    def now(self) -> datetime:
        return instant(self._wall() + self.offset_ms)


def clock_value(millis: int) -> int:
    """A hybrid clock reading at the start of a millisecond: 48 bits of it, 16 of counter."""
    return millis << 16


def clock_millis(value: int) -> int:
    return value >> 16


def next_clock(wall_ms: int, *before: int, caller: int = 0) -> int:
    """`max(wall, each before + 1, caller + 1)`; a caller more than two seconds ahead of the wall is ignored."""
    if clock_millis(caller) > wall_ms + TOLERATED_LEAD_MS:
        caller = 0
    return max(clock_value(wall_ms), caller + 1, *(value + 1 for value in before))

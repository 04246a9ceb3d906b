"""Time: the wall as a port, business time, and the hybrid logical clock. The only kernel module that reads a clock."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from libs.events.contracts.times import instant

TOLERATED_LEAD_MS = 2_000


class Wall(Protocol):
    """Wall time in milliseconds since the epoch; rules stamps and everything about security."""

    def __call__(self) -> int: ...


_step: Callable[[], int] | None = None


def system_wall() -> int:
    now = time.time_ns() // 1_000_000
    return now if _step is None else now + _step()


def wall_seconds() -> float:
    """`system_wall` in seconds: leases, tokens, whatever is compared with another process's time."""
    return system_wall() / 1_000


def step_wall(by: Callable[[], int] | None) -> None:
    """From now on this process's wall clock is off by so many milliseconds; None puts it right. For trials."""
    global _step
    _step = by


def told_by(file: Path) -> Callable[[], int]:
    """The milliseconds that a file says, read anew each time; 0 while there is none."""

    def by() -> int:
        try:
            return int(file.read_text(encoding="ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    return by


def off_by(asked: float, told: float, answered: float) -> float:
    """Seconds by which one's own clock is at least ahead (behind: negative) of the one that told `told` at some moment
    between asking and the answer, both on one's own clock. 0 when it may be right: a slow answer proves nothing."""
    return max(asked - told, 0.0) + min(answered - told, 0.0)


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

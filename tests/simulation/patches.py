"""The kernel's clients, clocks and loggers are the simulated ones within a block; its code is as it is."""

import asyncio
import random
from asyncio import tasks
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from libs.events import codec, handling, points, trace
from libs.events.flow import broker, detached, parking, relay, runner, ticks, wire
from tests.simulation.broker import Member, PlainReader, Producer

MODULES = (broker, detached, parking, relay, runner, ticks)


class SimulatedTime:
    """The module `time`, as each process has it: its wall may be wrong, its monotonic clock is the world's."""

    @staticmethod
    def time() -> float:
        return asyncio.get_running_loop().process.wall() / 1000  # type: ignore[attr-defined,no-any-return]

    @staticmethod
    def monotonic() -> float:
        return asyncio.get_running_loop().time()


class Silent:
    """A logger."""

    async def _say(self, *_: object, **__: object) -> None:
        return

    ainfo = awarning = aerror = _say

    def error(self, *_: object, **__: object) -> None:
        return

    info = warning = error


CLOCKS = (("log", Silent()), ("time", SimulatedTime), ("wall_seconds", SimulatedTime.time))


def _process() -> Any:
    return asyncio.get_running_loop().process  # type: ignore[attr-defined]


def _subscriber(process: Any, topic: str, group: str, *rest: Any) -> Member:
    return Member(process, topic, group, rest[-1])


class _Id:
    def __init__(self) -> None:
        self.hex = f"{_process().world.random.getrandbits(64):016x}"


# What is drawn from it is outside every hash and decides nothing.
_spans = random.Random(0)


@contextmanager
def simulated() -> Iterator[None]:
    """Everything that runs on a simulated loop inside this block meets the simulated world."""
    # Pure functions of immutable values: several readers of one record compute the same.
    verify, decode = lru_cache(1_000)(wire.verify), lru_cache(1_000)(codec.decode)
    swaps: list[tuple[Any, str, Any]] = [
        (runner, "verify", verify),
        (wire, "decode", decode),
        (handling, "decode", decode),
        # Nobody asks for all tasks, and to keep a list of them costs.
        (tasks._all_tasks, "add", lambda _: None),  # type: ignore[attr-defined]
        (detached, "IDLE_SECONDS", 2.0),
        (relay, "producer", lambda _: Producer(_process())),
        (detached, "reading", lambda _: PlainReader(_process())),
        (broker, "_subscriber", _subscriber),
        (trace, "getrandbits", _spans.getrandbits),
        (ticks, "uuid4", _Id),
        (runner, "QUIET_SECONDS", 0.5),
        (runner, "ANSWER_SECONDS", 0.5),
        (ticks, "POLL_SECONDS", 0.4),
        (ticks, "LEASE_SECONDS", 2.0),
        (ticks, "NOT_YET_SECONDS", 2.0),
        (relay, "SEND_TIMEOUT", 3.0),
    ]
    for module in MODULES:
        swaps += [(module, name, value) for name, value in CLOCKS if hasattr(module, name)]
    before = [(module, name, getattr(module, name)) for module, name, _ in swaps]
    for module, name, value in swaps:
        setattr(module, name, value)
    try:
        with points.armed(lambda point: _process().reach(point)):
            yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)

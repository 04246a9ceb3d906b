"""How a bench is written: a function in `bench/suites/<name>.py` that gets `Given` and returns its figures.

    @bench("replay", ids=("P1",), words="verified replay against the bare fetch")
    async def run(given: Given) -> list[Figure]:
        async with given.stack(services=()) as stack:
            pairs = await alternate(given, ours, peer)

`ours` and `peer` measure once and return one number. What a bench lost or doubled is `Lost`: it has no figure then.
"""

from __future__ import annotations

import pkgutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition

from bench import suites
from bench.figures import Figure, Spread, order, short
from deploy.local.stack import Stack, running_stack
from libs.events.flow.clients import reading

PAIRS, QUICK_PAIRS = 5, 2
SEED = 20240909

Measure = Callable[[], Awaitable[float]]
Draw = Callable[[list[Figure], Any], None]
"""Draws figures into a matplotlib `Figure`."""


class Lost(Exception):
    """Something was lost, doubled or folded wrongly: this run does not count."""


class Absent(Exception):
    """A peer cannot be measured here; the words say why, and they stand in the table."""


@dataclass
class Given:
    """What a bench is given. `quick` is for trying it: small sizes, figures that say nothing. `long`: as large as can be,
    for a machine that has the time."""

    pairs: int = PAIRS
    seed: int = SEED
    quick: bool = False
    long: bool = field(default=False, kw_only=True)
    say: Callable[[str], None] = print
    sizes: dict[str, int] = field(default_factory=dict)
    """Sizes of its data that a bench wants in the record; it fills them in itself."""
    together: Together | None = field(default=None, kw_only=True)
    """The stack of all benches of a run that want the whole of one; None: each has its own."""
    first: int = field(default=1, kw_only=True)
    """The number of a bench's first made-up firm: on a stack that several share, no firm is registered twice."""

    @asynccontextmanager
    async def stack(self, *, services: Sequence[str] | None = None, **more: Any) -> AsyncIterator[Stack]:
        """A stack in a folder of its own, as `tidu up` starts it; `services=()` for Kafka and store alone, always fresh."""
        if self.together is not None and services is None and not more:
            yield await self.together.stack(self.say)
            return
        began = time.perf_counter()
        with tempfile.TemporaryDirectory(prefix="tidu-bench-") as folder:
            async with running_stack(Path(folder), services=services, **more) as stack:
                self.say(f"stack ready after {time.perf_counter() - began:.0f} s")
                await _until_led(stack.kafka)
                yield stack

    def size(self, name: str, full: int, quick: int, long: int = 0) -> int:
        """How much of something: `full`, `quick` when only trying, `long` when time does not count; noted for the record."""
        self.sizes[name] = quick if self.quick else long if self.long and long else full
        return self.sizes[name]


class Together:
    """One stack for the benches of a run that want the whole of one: starting it anew for each took a tenth of the time."""

    def __init__(self) -> None:
        self._stack: Stack | None = None
        self._held = AsyncExitStack()

    async def __aenter__(self) -> Together:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._held.aclose()

    async def stack(self, say: Callable[[str], None]) -> Stack:
        if self._stack is None:
            self._stack = await self._held.enter_async_context(Given(say=say).stack())
        return self._stack


Run = Callable[[Given], Coroutine[Any, Any, list[Figure]]]


@dataclass(frozen=True)
class Bench:
    name: str
    ids: tuple[str, ...]
    words: str
    run: Run
    draw: Draw | None


_BENCHES: dict[str, Bench] = {}


def bench(name: str, ids: Sequence[str], words: str, draw: Draw | None = None) -> Callable[[Run], Run]:
    """Enter a bench under its name; without `draw` its plot shows the values of ours and the peers."""

    def enter(run: Run) -> Run:
        _BENCHES[name] = Bench(name, tuple(ids), words, run, draw)
        return run

    return enter


def benches() -> dict[str, Bench]:
    """All benches by name, those with the lowest ids first."""
    for module in pkgutil.iter_modules(suites.__path__):
        if not module.name.startswith("_"):
            import_module(f"{suites.__name__}.{module.name}")
    return dict(sorted(_BENCHES.items(), key=lambda item: (order(item[1].ids[0]), item[0])))


@dataclass(frozen=True)
class Pairs:
    """Ours and the peer's values in the order of measuring, and the ratio of each pair."""

    ours: Spread
    peer: Spread

    @property
    def ratio(self) -> Spread:
        return Spread.of(ours / peer for ours, peer in zip(self.ours.values, self.peer.values, strict=True))


async def alternate(given: Given, ours: Measure, peer: Measure, unit: str = "/s") -> Pairs:
    """Ours, peer, ours, peer …: whatever else the machine does meets both."""
    found = await rounds(given, {"ours": ours, "peer": peer}, unit)
    return Pairs(found["ours"], found["peer"])


async def rounds(given: Given, runs: Mapping[str, Measure], unit: str = "/s") -> dict[str, Spread]:
    """Each in turn, as many rounds as there are to be pairs; `Pairs(found["a"], found["b"])` compares any two."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for n in range(1, given.pairs + 1):
        for name, run in runs.items():
            found[name].append(await run())
        given.say(f"round {n}: " + ", ".join(f"{name} {short(values[-1])}{unit}" for name, values in found.items()))
    return {name: Spread.of(values) for name, values in found.items()}


async def _until_led(bootstrap: str) -> None:
    """A broker that has just started tells of partitions before it leads them; not in a figure's time."""
    async with reading(bootstrap) as kafka:
        topics = [TopicPartition(t, p) for t in await kafka.topics() for p in kafka.partitions_for_topic(t) or ()]
        await kafka.end_offsets(topics)


def check_count(wanted: int, found: int, what: str) -> None:
    """Raises Lost unless there are exactly as many."""
    if wanted != found:
        raise Lost(f"{found:,} {what} instead of {wanted:,}")


def check_same(wanted: str, found: str, what: str) -> None:
    """Raises Lost unless two hashes are the same."""
    if wanted != found:
        raise Lost(f"{what}: {found[:16]} instead of {wanted[:16]}")

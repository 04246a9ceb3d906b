"""Tidu's queues in SimPy: cores that are shared, processes of one thread, one insert in flight per shard, relay, consumers.

A reaction's own command is not followed as a command: what it costs is part of what its cause's record costs to consume.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict, deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bench.scale.parts import CLIENT, GATEWAY, GATHERS, KAFKA, READERS, SERVICES, STORE, Cost, Parts

if TYPE_CHECKING:
    import simpy

LARGEST_BATCH, LARGEST_WINDOW = 50, 200
SLICE_MS = 2.0
"""A process goes on to something else after so much CPU: a handler of asyncio runs that long between two awaits."""
IDLE_BURST_MS = 1.0
VISIBLE_OF, VISIBLE_AT = "applications", "review"
AS_MANY_AS_COME = 0
THREADS = {GATEWAY: AS_MANY_AS_COME, KAFKA: AS_MANY_AS_COME}

Steps = Generator[Any, Any, None]


class Cores:
    """Processor sharing: all bursts under way go on equally fast, none faster than one core."""

    def __init__(self, env: simpy.Environment, cores: int) -> None:
        self._env, self._cores = env, cores
        self._bursts: list[tuple[float, int, simpy.Event]] = []
        self._attained = self._since = 0.0
        self._n = self._plan = 0

    def work(self, seconds: float) -> simpy.Event:
        """Happens when this burst has had so many seconds of a core."""
        self._advance()
        self._n += 1
        done = self._env.event()
        heappush(self._bursts, (self._attained + seconds, self._n, done))
        self._wake()
        return done

    @property
    def _speed(self) -> float:
        return min(1.0, self._cores / len(self._bursts))

    def _advance(self) -> None:
        if self._bursts:
            self._attained += (self._env.now - self._since) * self._speed
        self._since = self._env.now

    def _wake(self) -> None:
        self._plan += 1
        if not self._bursts:
            return
        plan, left = self._plan, max(0.0, self._bursts[0][0] - self._attained)
        self._env.timeout(left / self._speed).callbacks.append(lambda _: self._end(plan))

    def _end(self, plan: int) -> None:
        if plan != self._plan:
            return
        self._advance()
        first = self._bursts[0][0]
        self._attained = max(self._attained, first)
        while self._bursts and self._bursts[0][0] <= first:
            heappop(self._bursts)[2].succeed()
        self._wake()


class Inbox:
    """Orders that wait for one reader."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._waiting = deque[Order]()
        self._bell: simpy.Event | None = None

    def put(self, orders: Iterable[Order]) -> None:
        self._waiting.extend(orders)
        bell, self._bell = self._bell, None
        if bell is not None:
            bell.succeed()

    def take(self, most: int) -> Generator[simpy.Event, Any, list[Order]]:
        """As soon as there is one: it, and what has come with it."""
        if not self._waiting:
            self._bell = self._env.event()
            yield self._bell
        return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]


class Process:
    """Works off its bursts one slice after another in the order they came, on cores that others use too."""

    def __init__(
        self, env: simpy.Environment, cores: Cores, random: Random, *,
        threads: int = 1, spread: float = 0.0, slice_ms: float = SLICE_MS,
    ) -> None:  # fmt: skip
        import simpy  # comes with the group bench; benches can be listed without it

        self._thread = simpy.Resource(env, threads) if threads else None
        self._cores, self._random, self._spread, self._slice = cores, random, spread, slice_ms
        self.cpu_ms = 0.0

    def burst(self, ms: float) -> Steps:
        """A burst of so many milliseconds of CPU on average."""
        left = drawn(ms, self._spread, self._random)
        self.cpu_ms += left
        yield from self.run(left)

    def run(self, ms: float) -> Steps:
        while ms > 0:
            part = min(ms, self._slice)
            if self._thread is None:
                yield self._cores.work(part / 1_000)
            else:
                with self._thread.request() as turn:
                    yield turn
                    yield self._cores.work(part / 1_000)
            ms -= part


def drawn(ms: float, spread: float, random: Random) -> float:
    """So many milliseconds on average, with this deviation as part of them."""
    if ms <= 0 or not spread:
        return max(0.0, ms)
    shape = spread**-2
    return random.gammavariate(shape, ms / shape)


@dataclass
class Order:
    """One command on its way; seconds of the run."""

    service: str
    shard: int
    intended: float
    stored: simpy.Event


@dataclass
class Outcome:
    """What came of a run. CPU is in seconds and leaves out what processes do when idle."""

    latencies: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Seconds by service."""
    visible: list[float] = field(default_factory=list)
    """Seconds from the intended moment until `VISIBLE_AT` has consumed it."""
    cpu: dict[str, float] = field(default_factory=dict)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(what, process): commits, inserts, sent, windows, consumed, fetches."""
    seconds: float = 0.0

    @property
    def all(self) -> list[float]:
        return [one for found in self.latencies.values() for one in found]

    @property
    def mean_ms(self) -> float:
        return fmean(self.all) * 1_000 if self.all else math.nan

    def ms(self, percentile: float) -> float:
        ordered = sorted(self.all)
        return ordered[max(1, math.ceil(percentile / 100 * len(ordered))) - 1] * 1_000 if ordered else math.nan

    def total(self, what: str) -> int:
        return sum(count for (name, _), count in self.counts.items() if name == what)


class Model:
    """One machine with everything on it, or as much of it as the parts have a cost for."""

    def __init__(
        self, parts: Parts, *, cores: int = 2, shards: int = 6, seed: str = "", slice_ms: float = SLICE_MS
    ) -> None:
        import simpy

        self.parts, self.shards, self.env = parts, shards, simpy.Environment()
        self.random, self.outcome = Random(seed), Outcome()
        shared = Cores(self.env, cores)
        self.processes = {
            name: Process(
                self.env, shared, self.random, threads=THREADS.get(name, 1), spread=parts.spread, slice_ms=slice_ms
            )
            for name in dict.fromkeys((CLIENT, GATEWAY, STORE, KAFKA, *SERVICES, *parts.idle))
        }
        self._journal = simpy.Resource(self.env, 1)
        self._writing: dict[tuple[str, int], Inbox] = {}
        self._relaying: dict[tuple[str, int], Inbox] = {}
        self._fetched: dict[tuple[str, str], Inbox] = {}

    def run(self, arrivals: Sequence[float], services: Sequence[str] = ()) -> Outcome:
        """Commands at these seconds, to these services or, without, to services drawn by their shares; to the last end."""
        names, weights = list(self.parts.shares), list(self.parts.shares.values())
        homes = list(services) or self.random.choices(names, weights, k=len(arrivals))
        commands = [self.env.process(self._command(at, home)) for at, home in zip(arrivals, homes, strict=True)]
        for name, ms in self.parts.idle.items():
            if ms > 0:
                self.env.process(self._idle(name, ms, arrivals[-1] if arrivals else 0.0))
        self.env.run(self.env.all_of(commands))
        self.outcome.seconds = self.env.now
        self.env.run()
        self.outcome.cpu = {name: process.cpu_ms / 1_000 for name, process in self.processes.items()}
        return self.outcome

    def _idle(self, name: str, ms: float, until: float) -> Steps:
        """Bursts at moments of their own while commands come; not counted."""
        while self.env.now < until:
            yield self.env.timeout(self.random.expovariate(ms / IDLE_BURST_MS))
            self.env.process(self.processes[name].run(IDLE_BURST_MS))

    def _command(self, intended: float, service: str) -> Steps:
        parts, there = self.parts, self.processes
        yield self.env.timeout(intended)
        order = Order(service, self.random.randrange(self.shards), intended, self.env.event())
        yield from there[CLIENT].burst(parts.client / 2)
        yield from there[GATEWAY].burst(parts.gateway / 2)
        yield from there[service].burst(parts.handling.get(service, 0.0))
        yield self.env.timeout(drawn(parts.waits, parts.spread, self.random) / 1_000)
        self._to_writer(order)
        yield order.stored
        yield from there[GATEWAY].burst(parts.gateway / 2)
        yield from there[CLIENT].burst(parts.client / 2)
        self.outcome.latencies[service].append(self.env.now - intended)

    def _to_writer(self, order: Order) -> None:
        place = order.service, order.shard
        if place not in self._writing:
            self._writing[place], self._relaying[place] = Inbox(self.env), Inbox(self.env)
            self.env.process(self._writer(*place))
            self.env.process(self._relay(*place))
        self._writing[place].put([order])

    def _writer(self, service: str, shard: int) -> Steps:
        """One insert in flight, of all that waited for it."""
        while True:
            orders = yield from self._writing[service, shard].take(LARGEST_BATCH)
            self._count(service, commits=len(orders), inserts=1)
            yield from self.processes[STORE].burst(self.parts.insert.of(len(orders)))
            with self._journal.request() as turn:
                yield turn
                yield self.env.timeout(self.parts.journal / 1_000)
            for order in orders:
                order.stored.succeed()
            self._relaying[service, shard].put(orders)

    def _relay(self, service: str, shard: int) -> Steps:
        """One window on its way, of all that was stored meanwhile."""
        while True:
            orders = yield from self._relaying[service, shard].take(LARGEST_WINDOW)
            self._count(service, sent=len(orders), windows=1)
            yield from self.processes[KAFKA].burst(self.parts.kafka.of(len(orders)))
            yield self.env.timeout(self.parts.hop / 1_000)
            for reader in READERS[service]:
                self._to_consumer(reader, service, orders)

    def _to_consumer(self, reader: str, topic: str, orders: Iterable[Order]) -> None:
        if (reader, topic) not in self._fetched:
            self._fetched[reader, topic] = Inbox(self.env)
            self.env.process(self._consumer(reader, topic))
        self._fetched[reader, topic].put(orders)

    def _consumer(self, reader: str, topic: str) -> Steps:
        """One fetch after another: fold, then one transaction. That a reader who waits ends the pause after it is left out."""
        while True:
            orders = yield from self._fetched[reader, topic].take(LARGEST_WINDOW)
            self._count(reader, consumed=len(orders), fetches=1)
            yield from self.processes[reader].burst(self.parts.following.get(reader, Cost()).of(len(orders)))
            yield from self.processes[STORE].burst(self.parts.copying.of(len(orders)))
            if (topic, reader) == (VISIBLE_OF, VISIBLE_AT):
                self.outcome.visible += [self.env.now - order.intended for order in orders]
            yield self.env.timeout(GATHERS.get(reader, 0.0))

    def _count(self, process: str, **counts: int) -> None:
        self.outcome.counts.update({(what, process): count for what, count in counts.items()})

"""Open-loop load: when requests come is fixed beforehand, and latency counts from then, whatever came before was slow.

A loop that waits for each answer stops asking while the system is slow, and so leaves out the very moments that count.
"""

from __future__ import annotations

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

LONGEST_US = 120_000_000
DIGITS = 3
SOON = 0.0005
"""Below this a timer is not worth it: uvloop's are exact to a millisecond."""


class Latencies:
    """Seconds of what was answered, errors by their code, and when each was to come."""

    def __init__(self) -> None:
        self._answered: list[float] = []
        self.errors: Counter[str] = Counter()
        self.moments: list[tuple[float, float]] = []
        """(intended second of the run, latency in seconds), errors too."""

    def add(self, intended: float, seconds: float, error: str = "") -> None:
        self.moments.append((intended, seconds))
        if error:
            self.errors[error] += 1
        else:
            self._answered.append(seconds)

    def merge(self, other: Latencies) -> None:
        self._answered += other._answered
        self.errors += other.errors
        self.moments += other.moments

    @property
    def n(self) -> int:
        return len(self._answered)

    def ms(self, percentile: float) -> float:
        """Milliseconds within which so many percent were answered, exactly; NaN without any."""
        if not self._answered:
            return math.nan
        rank = max(1, math.ceil(percentile / 100 * self.n))
        return sorted(self._answered)[rank - 1] * 1_000

    def ms_of_all(self, percentile: float) -> float:
        """As `ms`, where what failed took longer than whatever was answered: infinity if it is among those."""
        rank = max(1, math.ceil(percentile / 100 * (self.n + self.errors.total())))
        return sorted(self._answered)[rank - 1] * 1_000 if rank <= self.n else math.inf

    def record(self) -> dict[str, Any]:
        """`hdr` is an HdrHistogram of them in microseconds, to be put together with others'."""
        shown = {f"p{p:g}": round(self.ms(p), 3) for p in (50, 90, 95, 99, 99.9, 100)} if self.n else {}
        return {"n": self.n, "errors": dict(self.errors), "ms": shown, "hdr": _hdr(self._answered)}

    def __str__(self) -> str:
        wrong = f", {self.errors.total()} errors {dict(self.errors)}" if self.errors else ""
        return f"p50 {self.ms(50):.1f} ms, p99 {self.ms(99):.1f} ms of {self.n:,}{wrong}"


def _hdr(seconds: Sequence[float]) -> str:
    try:
        from hdrh.histogram import HdrHistogram  # type: ignore[import-untyped]
    except ImportError:  # tests run without what only benches bring
        return ""
    histogram = HdrHistogram(1, LONGEST_US, DIGITS)
    for one in seconds:
        histogram.record_value(max(1, int(one * 1_000_000)))
    return str(histogram.encode().decode())


Act = Callable[[int], Awaitable[str]]
"""One request, by its number; an error's code, or nothing."""


@dataclass
class Loop:
    """One run. `all` counts each act to its end, `named` to the moments that an act marks; `late` is by how much the
    generator itself began too late: its own fault, and to be small."""

    arrivals: Sequence[float] = ()
    all: Latencies = field(default_factory=Latencies)
    late: Latencies = field(default_factory=Latencies)
    named: dict[str, Latencies] = field(default_factory=lambda: defaultdict(Latencies))
    in_flight: list[tuple[float, int]] = field(default_factory=list)
    """(second of the run, how many had begun and not ended)."""
    seconds: float = 0.0
    began: float = 0.0
    _running: int = 0

    def now(self) -> float:
        """Seconds since the run began."""
        return asyncio.get_running_loop().time() - self.began

    def mark(self, n: int, name: str, error: str = "") -> None:
        """The n-th request has got so far."""
        self.named[name].add(self.arrivals[n], self.now() - self.arrivals[n], error)

    async def run(self, act: Act) -> Loop:
        """Call `act` at each of these seconds from now, never waiting for the one before; ends when all have."""
        self.began = asyncio.get_running_loop().time()
        tasks = set[asyncio.Task[None]]()
        for n, intended in enumerate(self.arrivals):
            wait = intended - self.now()
            if wait > SOON:
                await asyncio.sleep(wait)
            task = asyncio.create_task(self._one(n, intended, act))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        while tasks:
            await asyncio.gather(*tasks)
        self.seconds = self.now()
        return self

    async def _one(self, n: int, intended: float, act: Act) -> None:
        self._running += 1
        self.late.add(intended, self.now() - intended)
        self.in_flight.append((self.now(), self._running))
        try:
            error = await act(n)
        except (OSError, TimeoutError) as failure:
            error = type(failure).__name__
        finally:
            self._running -= 1
        self.all.add(intended, self.now() - intended, error)
        self.in_flight.append((self.now(), self._running))


async def closed_loop(workers: int, seconds: float, act: Act) -> Loop:
    """So many at a time, each as soon as the one before has ended: for what can be done at most, never for latency."""
    loop, done, numbers = asyncio.get_running_loop(), Loop(), iter(range(1_000_000_000))
    began = loop.time()

    async def worker() -> None:
        while (now := loop.time() - began) < seconds:
            error = await act(next(numbers))
            done.all.add(now, loop.time() - began - now, error)

    await asyncio.gather(*(worker() for _ in range(workers)))
    done.seconds = loop.time() - began
    return done


# When requests come.


def poisson(rate: float, seconds: float, random: Random) -> list[float]:
    """`rate` a second on average, each independent of the others."""
    return varying(lambda _: rate, rate, seconds, random)


def varying(rate_at: Callable[[float], float], most: float, seconds: float, random: Random) -> list[float]:
    """A Poisson process whose rate changes (by thinning); `most` is at least the highest rate."""
    found, now = list[float](), random.expovariate(most)
    while now < seconds:
        if random.random() * most < rate_at(now):
            found.append(now)
        now += random.expovariate(most)
    return found


# The last day of HMRC's Self Assessment in its record year: 60,596 returns in the hour from 16 h, 30,348 in the last one
# before midnight. Between and around these two published hours the curve is ours: a rise through the afternoon, a dip
# at dinner, a last rise to the deadline. Values are multiples of the slice's mean, at tenths of it.
EVENING = (0.70, 0.92, 1.20, 1.45, 1.30, 1.00, 0.78, 0.66, 0.72, 0.95, 1.32)
EVENING_MEAN = sum((a + b) / 2 for a, b in pairwise(EVENING)) / (len(EVENING) - 1)
EVENING_PEAK = max(EVENING) / EVENING_MEAN
"""The busiest part without its bursts, as a multiple of the mean."""
BURST_EVERY, BURST_LASTS, BURST = 60.0, 5.0, 1.6
"""Once a minute for five seconds more come at once, as when a page says that the deadline is near."""


def evening(mean: float, seconds: float, random: Random) -> list[float]:
    """A deadline evening squeezed into `seconds`; `mean` arrivals a second on average, and the bursts on top."""

    def rate(now: float) -> float:
        place = now / seconds * (len(EVENING) - 1)
        step = min(int(place), len(EVENING) - 2)
        level = EVENING[step] + (EVENING[step + 1] - EVENING[step]) * (place - step)
        burst = BURST if now % BURST_EVERY >= BURST_EVERY - BURST_LASTS else 1.0
        return mean * level * burst / EVENING_MEAN

    return varying(rate, mean * EVENING_PEAK * BURST, seconds, random)

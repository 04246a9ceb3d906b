"""S1: whether a model of the queues, calibrated at a low rate, says how the running stack does at higher ones.

The stack runs as for the evening, with its mix of commands. First what the processes use when idle and what the store needs
for an insert; then, both at the low rate, commands that come by chance and commands that come in bursts: from these alone
the costs are taken (`bench.scale.calibrate`), in portions before, between and after the rates that are checked: a machine
that others share is not as fast from one minute to the next. The model is given the same moments and the same services,
not the same answers. CPU is of the stack and of the client, which share the machine.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from random import Random
from statistics import fmean
from typing import Any

import msgspec

from bench.changing import admin_of
from bench.cycling import Cycling
from bench.drawing import draw_model
from bench.evening import COMMANDS, VISIBLE, Evening
from bench.figures import Figure, Spread
from bench.frame import Given, Lost, bench
from bench.load import Loop, poisson
from bench.people import renewing
from bench.proof import prove, until_level
from bench.scale.calibrate import (
    Calibration,
    Low,
    Meter,
    agreement,
    busy,
    bytes_of,
    events_of,
    fit,
    idle_of,
    inserts_of,
)
from bench.scale.model import Model
from bench.scale.parts import Cost, Parts
from bench.town import Town, town_of
from deploy.local.stack import Stack

LOW, QUICK_LOW = 10.0, 4.0
RATES, QUICK_RATES = (15, 20, 30), (5, 8, 10)
BURST_EVERY = 4.0
WITHIN = 0.2
SEEDS = 3
PORTION = 1 / 3
"""Each portion of the low rate, of a run's seconds; one more of them than rates that are checked."""
GAP = 2.0
AFTER = 1.0
"""Seconds in which what the last commands set off comes to its end; CPU is read then."""
HOMES = {
    "submit": "applications", "withdraw": "applications", "profile": "applications", "digital": "assessment",
    "start": "review", "return": "review", "message": "notifications",
}  # fmt: skip
CHECKED = ("mean ms", "cores used")


class Ran(msgspec.Struct):
    """One run of the real stack: what a calibration needs of it, and what is compared."""

    low: Low
    seconds: float
    cores: float
    p50: float


class Stage:
    """The town and the load it is given, one run after another."""

    def __init__(self, given: Given, stack: Stack, town: Town) -> None:
        self._given, self._stack, self._town = given, stack, town
        self._cycling = Cycling(town)
        self.idle: dict[str, float] = {}

    async def run(self, name: str, arrivals: list[float]) -> Ran:
        """Raises Lost when a command failed."""
        loop, made = Loop(arrivals), Evening(self._town, self._cycling)
        kinds = made.kinds(len(arrivals), Random(f"{self._given.seed}/{name}"))
        meter = Meter(self._stack)
        await loop.run(lambda n: made.act(n, kinds[n], loop))
        await made.close()
        await self._cycling.settled()
        await asyncio.sleep(AFTER)
        used, seconds = meter.read()
        if loop.all.errors:
            raise Lost(f"{loop.all.errors.total()} errors in {name}: {dict(loop.all.errors)}")
        cores = sum(used.values()) / seconds
        self._given.say(f"{name}: {loop.named[COMMANDS]}; {cores:.2f} cores used")
        return Ran(self._low(loop, kinds, busy(used, self.idle, seconds)), seconds, cores, loop.named[COMMANDS].ms(50))

    def _low(self, loop: Loop, kinds: list[str], cpu: dict[str, float]) -> Low:
        homes = [HOMES[kind] for kind in kinds]
        home_of = dict(zip(loop.arrivals, homes, strict=True))
        latencies: dict[str, list[float]] = defaultdict(list)
        for intended, seconds in loop.named[COMMANDS].moments:
            latencies[home_of[intended]].append(seconds * 1_000)
        visible = [seconds * 1_000 for _, seconds in loop.named[VISIBLE].moments]
        return Low(list(loop.arrivals), homes, cpu, dict(latencies), visible)

    async def level(self) -> None:
        await until_level(self._stack)

    async def prove(self) -> int:
        return await prove(self._stack, self._town.people, self._cycling.submissions)


@bench("model", ids=("S1",), words="a model of the queues against the running stack", draw=draw_model)
async def run(given: Given) -> list[Figure]:
    firms, drafting = given.size("firms", 56, 6), given.size("firms that file", 32, 6)
    seconds = given.size("seconds of a run", 12, 4, 30)
    low, rates = (QUICK_LOW, QUICK_RATES) if given.quick else (LOW, RATES)
    async with given.stack() as stack:
        town = town_of(stack.gateway, admin_of(stack), given.seed, given.say, given.first, most=512)
        await town.prepare(firms, 1, drafting)
        async with renewing(town.people):
            stage = Stage(given, stack, town)
            # At the highest rate: what a process or the broker's compiler does for the first time is no property of 15/s.
            await stage.run("warm-up", poisson(rates[-1], seconds, Random(f"{given.seed}/warm-up")))
            await stage.level()
            stage.idle = await idle_of(stack, given.size("seconds idle", 15, 3))
            given.say(f"idle: {sum(stage.idle.values()):.0f} ms of CPU a second")
            insert, journal = await inserts_of(stack)
            random, part = Random(f"{given.seed}/low"), seconds * PORTION
            portions, runs = [await _portion(stack, stage, low, part, random)], {}
            for rate in rates:
                await stage.level()
                runs[rate] = await stage.run(f"{rate}/s", poisson(rate, seconds, Random(f"{given.seed}/{rate}")))
                portions.append(await _portion(stack, stage, low, part, random))
            calibration = _calibration(stage, insert, journal, portions, part)
        given.say(f"{await stage.prove()} commands stand in the logs as acknowledged")
        await town.client.close()
    parts = fit(calibration)
    given.say(f"calibrated: {agreement(calibration, parts)}")
    return _figures(given, calibration, parts, {rate: _compared(given, parts, rate, ran) for rate, ran in runs.items()})


class Portion(msgspec.Struct):
    """Commands apart and commands in bursts; `events` that came of them, and bytes by where they lie."""

    apart: Low
    together: Low
    events: int
    grown: dict[str, int]


async def _portion(stack: Stack, stage: Stage, rate: float, seconds: float, random: Random) -> Portion:
    await stage.level()
    events, sizes = await events_of(stack), bytes_of(stack)
    apart = await stage.run("apart", poisson(rate, seconds, random))
    await stage.level()
    together = await stage.run("together", bursts(rate, seconds, random))
    await stage.level()
    grown = {name: max(0, size - sizes[name]) for name, size in bytes_of(stack).items()}
    return Portion(apart.low, together.low, await events_of(stack) - events, grown)


def _calibration(
    stage: Stage, insert: Cost, journal: float, portions: Sequence[Portion], seconds: float
) -> Calibration:
    """Of all portions, so that it is of the same minutes as what is checked by it."""
    later = seconds + BURST_EVERY + GAP
    apart, together = (
        _one_after_another([p.apart for p in portions], later),
        _one_after_another([p.together for p in portions], later),
    )
    made, commands = max(1, sum(p.events for p in portions)), len(apart.arrivals) + len(together.arrivals)
    grown = {name: sum(p.grown[name] for p in portions) / made for name in portions[0].grown}
    return Calibration(apart, together, stage.idle, insert, journal, made / commands, grown["topic"], grown["store"])


def _one_after_another(lows: Sequence[Low], later: float) -> Low:
    whole = lows[0]
    for n, low in enumerate(lows[1:], 1):
        whole = whole.and_later(low, n * later)
    return whole


def bursts(rate: float, seconds: float, random: Random) -> list[float]:
    """As many in all, but many at a time; no two at the very same moment."""
    each = round(rate * BURST_EVERY)
    starts = (n * BURST_EVERY for n in range(max(1, round(seconds / BURST_EVERY))))
    return sorted(start + random.random() * WITHIN for start in starts for _ in range(each))


def _compared(given: Given, parts: Parts, rate: float, ran: Ran) -> dict[str, Any]:
    """The model's mean of a few seeds beside the run."""
    shown = [Model(parts, seed=f"{given.seed}/{n}").run(ran.low.arrivals, ran.low.homes) for n in range(SEEDS)]
    cpu = fmean(sum(one.cpu.values()) for one in shown) / ran.seconds + sum(parts.idle.values()) / 1_000
    visible = [one for outcome in shown for one in outcome.visible]
    predicted = {
        "mean ms": fmean(one.mean_ms for one in shown), "p50 ms": fmean(one.ms(50) for one in shown),
        "cores used": cpu, "visible mean ms": fmean(visible) * 1_000 if visible else None,
    }  # fmt: skip
    measured = {
        "mean ms": ran.low.mean, "p50 ms": ran.p50, "cores used": ran.cores,
        "visible mean ms": fmean(ran.low.visible) if ran.low.visible else None,
    }  # fmt: skip
    given.say(f"{rate}/s: predicted {predicted}, measured {measured}")
    return {"rate": rate, "n": len(ran.low.arrivals), "measured": measured, "predicted": predicted}


def _figures(given: Given, calibration: Calibration, parts: Parts, runs: dict[int, dict[str, Any]]) -> list[Figure]:
    ratios = [run["predicted"][name] / run["measured"][name] for run in runs.values() for name in CHECKED]
    data = {
        "parts": msgspec.to_builtins(parts), "calibration": agreement(calibration, parts), "runs": list(runs.values()),
    }  # fmt: skip
    whole = Figure(
        "S1", f"predicted / measured, mean latency and CPU in turn, at {', '.join(map(str, runs))} commands/s",
        Spread.of(ratios), reach="all within ±20 %", met=all(0.8 <= ratio <= 1.2 for ratio in ratios), data=data,
    )  # fmt: skip
    return [whole, *(_figure(letter, run) for letter, run in zip("abc", runs.values(), strict=True))]


def _figure(letter: str, run: dict[str, Any]) -> Figure:
    measured, predicted = run["measured"], run["predicted"]
    beside = "; ".join(f"{name} {predicted[name]:.3g} for {measured[name]:.3g}" for name in ("p50 ms", "cores used"))
    return Figure(
        f"S1{letter}", f"mean latency at {run['rate']} commands/s as predicted; {beside}",
        Spread.of([predicted["mean ms"]]), "the running stack", Spread.of([measured["mean ms"]]),
        Spread.of([predicted["mean ms"] / measured["mean ms"]]), unit="ms",
    )  # fmt: skip

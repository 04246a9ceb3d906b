"""P9: the deadline evening of HMRC's record year on this machine: the highest rate it holds, then a slice of the evening.

First a curve: commands arrive by chance (Poisson) at one rate after another, each for some seconds, until the 99th percentile
leaves 250 ms or anything fails. Then a slice in the shape of the published evening (60,596 returns in the hour from 16 h,
30,348 in the last one), with a burst in every minute, its busiest part at the rate that was held. What is done is
`bench.evening.MIX`; every submission is followed to review; renewing tokens and looking whether a filing has come to rest
are part of the load and not counted. At last a curve with two saves of a draft beside each command.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import psutil

from bench.changing import admin_of
from bench.cycling import Cycling
from bench.drawing import draw_evening, per_second
from bench.evening import COMMANDS, MIX, SAVE, VISIBLE, evening
from bench.figures import Figure, Spread
from bench.frame import Given, Lost, bench
from bench.load import EVENING_PEAK, Loop, poisson
from bench.load import evening as evening_arrivals
from bench.people import renewing
from bench.proof import prove, until_level
from bench.town import Filing, Town, town_of
from deploy.local.stack import Stack

RATES, SAVING_RATES = (20, 40, 60, 80, 100, 120, 150), (10, 20, 40)
QUICK_RATES = (1, 2)
MOST_MS, AIM = 250.0, 100.0
SAVES = 2.0
WARM_RATE, WARM_SECONDS = 8.0, 4.0
HMRC_PER_SECOND = 60_596 / 3_600


@dataclass
class Step:
    """One rate held for some seconds."""

    rate: float
    loop: Loop
    instead: dict[str, int]

    @property
    def held(self) -> bool:
        """Nobody waited too long and nothing failed."""
        return not self.loop.all.errors and self.p99 <= MOST_MS

    @property
    def p99(self) -> float:
        return max(self.loop.named[name].ms(99) for name in (COMMANDS, SAVE) if self.loop.named[name].n)

    def record(self) -> dict[str, Any]:
        named = {name: found.record() for name, found in self.loop.named.items()}
        return {
            "rate": self.rate, "held": self.held, "errors": dict(self.loop.all.errors), "instead": self.instead,
            "late": self.loop.late.record(), **named,
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.rate:.0f}/s: {self.loop.named[COMMANDS]}; visible at review {self.loop.named[VISIBLE]}"


@bench("evening", ids=("P9",), words="the deadline evening on this machine", draw=draw_evening)
async def run(given: Given) -> list[Figure]:
    firms, drafting = given.size("firms", 56, 6), given.size("firms that file", 32, 6)
    step_seconds, slice_seconds = (
        given.size("seconds of a step", 10, 4),
        given.size("seconds of the slice", 40, 15, 600),
    )
    async with given.stack() as stack:
        town = town_of(stack.gateway, admin_of(stack), given.seed, given.say, given.first, most=512)
        await town.prepare(firms, 1, drafting)
        await until_level(stack)  # registering is not the evening's load
        cycling = Cycling(town)
        drafts = cycling.aside()
        async with renewing(town.people):
            await _warm(given, stack, town, cycling)
            curve = await _curve(given, stack, town, cycling, step_seconds)
            held = max((step.rate for step in curve if step.held), default=0.0)
            mean = (held or curve[0].rate) / EVENING_PEAK
            before = _cpu_seconds(stack)
            slice_ = await _slice(given, town, cycling, mean, slice_seconds)
            level = await until_level(stack)
            cpu = {name: round(seconds - before.get(name, 0.0), 2) for name, seconds in _cpu_seconds(stack).items()}
            given.say(f"level again {level:.1f} s after the deadline; CPU seconds {cpu}")
            saving = await _curve(given, stack, town, cycling, step_seconds, SAVES, drafts)
            await cycling.settled()
        given.say(f"{await prove(stack, town.people, cycling.submissions)} commands stand in the logs as acknowledged")
        await town.client.close()
    return _figures(curve, slice_, saving, held, level, cpu, slice_seconds, cycling)


async def _warm(given: Given, stack: Stack, town: Town, cycling: Cycling) -> None:
    """Not counted: what each process does for the first time, it does here."""
    random = Random(f"{given.seed}/warm-up")
    await evening(town, cycling, poisson(WARM_RATE, WARM_SECONDS, random), random)
    await cycling.settled()
    await until_level(stack)


async def _curve(
    given: Given, stack: Stack, town: Town, cycling: Cycling, seconds: float, saves: float = 0.0,
    drafts: Sequence[Filing] = (),
) -> list[Step]:  # fmt: skip
    """One rate after another until two in a row are not held: a p99 of ten seconds is one command's moment. Then once
    between the highest that was held and the next."""
    steps = list[Step]()

    async def hold(rate: float) -> bool:
        random = Random(f"{given.seed}/{rate}/{saves}")
        loop, done = await evening(town, cycling, poisson(rate * (1 + saves), seconds, random), random, saves, drafts)
        steps.append(Step(rate, loop, dict(done.instead)))
        given.say(f"{'with saves ' if saves else ''}{steps[-1]}")
        await cycling.settled()
        await until_level(stack)
        return steps[-1].held

    for rate in QUICK_RATES if given.quick else SAVING_RATES if saves else RATES:
        await hold(rate)
        if len(steps) > 1 and not (steps[-2].held or steps[-1].held):
            break
    held = max((n for n, step in enumerate(steps) if step.held), default=-1)
    if -1 < held < len(steps) - 1:
        await hold((steps[held].rate + steps[held + 1].rate) / 2)
    return steps


async def _slice(given: Given, town: Town, cycling: Cycling, mean: float, seconds: float) -> Step:
    random = Random(f"{given.seed}/slice")
    cycling.outstanding.clear()
    loop, done = await evening(town, cycling, evening_arrivals(mean, seconds, random), random)
    step = Step(mean, loop, dict(done.instead))
    given.say(f"the evening at {mean:.0f}/s on average, {step}")
    return step


def _figures(
    curve: list[Step], slice_: Step, saving: list[Step], held: float, level: float, cpu: dict[str, float],
    slice_seconds: float, cycling: Cycling,
) -> list[Figure]:  # fmt: skip
    submissions = sum(MIX[name] for name in ("submit",)) / sum(MIX.values())
    data = {
        "mix": MIX, "curve": [step.record() for step in curve], "with saves": [step.record() for step in saving],
        "submissions/s": held * submissions, "of HMRC's record hour": held * submissions / HMRC_PER_SECOND,
    }  # fmt: skip
    shown = {
        **slice_.record(), "level again after s": level, "cpu seconds": cpu, "per second": per_second(slice_.loop),
        "cpu ms per command": round(1_000 * sum(cpu.values()) / max(1, slice_.loop.named[COMMANDS].n), 2),
        "not yet visible": _thinned(cycling.outstanding),
    }  # fmt: skip
    p99, errors = slice_.loop.named[COMMANDS].ms(99), slice_.loop.all.errors.total()
    with_saves = max((step.rate for step in saving if step.held), default=0.0)
    if math.isnan(p99):
        raise Lost("no command was answered in the slice")
    return [
        Figure(
            "P9", f"highest rate of commands with p99 ≤ {MOST_MS:.0f} ms and no error", Spread.of([held]),
            reach=f"≥ {AIM:.0f}", met=held >= AIM, data=data, unit="commands/s",
        ),
        Figure(
            "P9b", f"p99 in {slice_seconds:.0f} s of the evening, {slice_.rate:.0f} commands/s on average, {errors} errors, "
            f"level again after {level:.1f} s", Spread.of([p99]), reach=f"≤ {MOST_MS:.0f} ms, 0 errors",
            met=slice_.held, data=shown, unit="ms",
        ),
        Figure(
            "P9c", f"highest rate of commands with {SAVES:g} saved drafts beside each", Spread.of([with_saves]),
            unit="commands/s",
        ),
    ]  # fmt: skip


def _thinned(samples: list[tuple[float, int]], most: int = 600) -> list[tuple[float, int]]:
    every = max(1, len(samples) // most)
    return [(round(at, 2), count) for at, count in samples[::every]]


def _cpu_seconds(stack: Stack) -> dict[str, float]:
    """Of every part since it started, with its children."""
    found = {}
    for name, pid in stack.pids.items():
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[name] = times.user + times.system
    return found

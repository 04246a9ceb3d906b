"""The deadline evening rehearsed on a deployment that runs somewhere: its users' latency, its backlog, and the plots."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from bench.cycling import Cycling
from bench.drawing import draw_run, per_second
from bench.evening import COMMANDS, MIX, SAVE, VISIBLE, evening
from bench.frame import Lost
from bench.load import EVENING_PEAK, Loop
from bench.load import evening as arrivals_of
from bench.people import Receipt, renewing
from bench.town import Town, town_of

LIMIT_MS = 250.0
MOST_FIRMS = 500
"""An address may register six hundred in a quarter of an hour."""


@dataclass(frozen=True)
class Plan:
    """`rate` is commands a second in the evening's mean; its busiest part is at `rate` × EVENING_PEAK, its bursts above."""

    rate: float
    minutes: float
    firms: int
    saves: float
    seed: int
    first: int

    @property
    def peak(self) -> float:
        return self.rate * EVENING_PEAK


@dataclass
class Rehearsal:
    plan: Plan
    town: Town
    loop: Loop
    submissions: list[Receipt]
    outstanding: list[tuple[float, int]]
    instead: dict[str, int]
    rested: float
    """Seconds after the deadline until the last filing had come to rest."""

    @property
    def held(self) -> bool:
        return not self.loop.all.errors and self.loop.named[COMMANDS].ms(99) <= LIMIT_MS

    def rows(self) -> list[tuple[str, str]]:
        """What a person wants to know, in words."""
        commands, visible, late = self.loop.named[COMMANDS], self.loop.named[VISIBLE], self.loop.late
        rows = [
            ("commands", f"{commands.n:,} in {self.loop.seconds:.0f} s, {self.plan.peak:.0f}/s in the busiest part"),
            ("answered", f"p50 {commands.ms(50):.1f}, p99 {commands.ms(99):.1f}, p99.9 {commands.ms(99.9):.1f} ms"),
            ("visible at review", f"{visible.n:,} submissions, p50 {visible.ms(50):.1f}, p99 {visible.ms(99):.1f} ms"),
            ("errors", f"{self.loop.all.errors.total()} {dict(self.loop.all.errors) or ''}".strip()),
            ("most not yet visible", str(max((count for _, count in self.outstanding), default=0))),
            ("at rest after the deadline", f"{self.rested:.1f} s"),
            ("the generator was late by", f"p99 {late.ms(99):.1f} ms"),
        ]
        if saves := self.loop.named.get(SAVE):
            rows.insert(2, ("drafts saved", str(saves)))
        return rows

    def record(self) -> dict[str, Any]:
        return {
            "plan": vars(self.plan) | {"peak": self.plan.peak}, "mix": MIX, "held": self.held, "instead": self.instead,
            "errors": dict(self.loop.all.errors), "rested": self.rested, "late": self.loop.late.record(),
            "latencies": {name: found.record() for name, found in self.loop.named.items()},
            "per second": per_second(self.loop), "not yet visible": self.outstanding,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        }  # fmt: skip


async def rehearse(gateway: str, admin: tuple[str, str], plan: Plan, say: Callable[[str], None]) -> Rehearsal:
    """Officials, windows and firms are made for it and stay. Raises Lost when a receipt was given twice."""
    town = town_of(gateway, admin, plan.seed, say, plan.first, most=512)
    try:
        filing = max(4, plan.firms // 2)
        await town.prepare(plan.firms, 1, drafting=filing)
        cycling, random = Cycling(town), Random(f"{plan.seed}/rehearsal")
        drafts = cycling.aside() if plan.saves else []
        arrivals = arrivals_of(plan.rate * (1 + plan.saves), plan.minutes * 60, random)
        say(f"{len(arrivals):,} requests within {plan.minutes:g} minutes begin")
        async with renewing(town.people):
            loop, done = await evening(town, cycling, arrivals, random, plan.saves, drafts)
            began = time.perf_counter()
            await cycling.settled()
            rested = time.perf_counter() - began
        _each_once(town)
        return Rehearsal(plan, town, loop, cycling.submissions, cycling.outstanding, dict(done.instead), rested)
    finally:
        await town.client.close()


def _each_once(town: Town) -> None:
    """No two commands were told the same place of a log."""
    places = Counter(receipt.place for person in town.people for receipt in person.receipts)
    if twice := [place for place, times in places.items() if times > 1]:
        raise Lost(f"{len(twice)} places were given to more than one command, the first: {twice[0]}")


def write(made: Rehearsal, folder: Path) -> list[Path]:
    """The record and the plot of latency, arrivals and backlog."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    record, plot = folder / "rehearsal.json", folder / "rehearsal.png"
    record.write_text(json.dumps(made.record(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    canvas = pyplot.figure(figsize=(9, 6), layout="constrained")
    draw_run(canvas, canvas.add_gridspec(1, 1)[0], per_second(made.loop), made.outstanding)
    canvas.suptitle(f"the deadline evening, {made.plan.rate:g} commands/s on average")
    canvas.savefig(plot, dpi=110)
    pyplot.close(canvas)
    return [record, plot]

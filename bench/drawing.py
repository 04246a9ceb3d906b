"""Plots of a load: latency and backlog over time, and latency against the rate."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bench.evening import COMMANDS
from bench.figures import Figure
from bench.load import Loop

LIMIT_MS = 250.0


def per_second(loop: Loop, name: str = COMMANDS) -> list[dict[str, float]]:
    """For each second of a run: how many were to come, their median and worst latency in ms, how many were in flight."""
    moments: dict[int, list[float]] = defaultdict(list)
    for intended, seconds in loop.named[name].moments:
        moments[int(intended)].append(seconds * 1_000)
    flying: dict[int, int] = defaultdict(int)
    for at, count in loop.in_flight:
        flying[int(at)] = max(flying[int(at)], count)
    return [
        {
            "s": second, "n": len(found), "p50": round(_at(found, 0.5), 2), "p99": round(_at(found, 0.99), 2),
            "in flight": flying[second],
        }
        for second, found in sorted(moments.items())
    ]  # fmt: skip


def _at(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def draw_evening(figures: list[Figure], canvas: Any) -> None:
    """Curve, latency over the slice, arrivals and backlog over the slice."""
    first, second = (figure.data for figure in figures[:2])
    left, right = canvas.add_gridspec(1, 2, width_ratios=(2, 3))
    axes = canvas.add_subplot(left)
    for name, style in (("curve", "o-"), ("with saves", "s--")):
        steps = sorted((step for step in first.get(name, ()) if step[COMMANDS]["ms"]), key=lambda step: step["rate"])
        rates = [step["rate"] for step in steps]
        axes.plot(rates, [step[COMMANDS]["ms"]["p50"] for step in steps], style, label=f"p50, {name}")
        axes.plot(rates, [step[COMMANDS]["ms"]["p99"] for step in steps], style, label=f"p99, {name}")
    axes.axhline(LIMIT_MS, color="grey", linewidth=0.8)
    axes.set(yscale="log", xlabel="commands/s", ylabel="ms")
    axes.legend(fontsize=7)
    draw_run(canvas, right, second.get("per second", []), second.get("not yet visible", []))


def draw_run(canvas: Any, place: Any, seconds: list[dict[str, float]], unseen: list[tuple[float, int]]) -> None:
    """Latency above, arrivals and backlog below, over the seconds of one run."""
    upper, lower = place.subgridspec(2, 1)
    above, below = canvas.add_subplot(upper), canvas.add_subplot(lower)
    at = [one["s"] for one in seconds]
    for name in ("p50", "p99"):
        above.plot(at, [one[name] for one in seconds], linewidth=0.8, label=f"{name} of each second")
    above.axhline(LIMIT_MS, color="grey", linewidth=0.8)
    above.set(yscale="log", ylabel="ms")
    above.legend(fontsize=7)
    below.plot(at, [one["n"] for one in seconds], linewidth=0.8, label="commands/s")
    below.plot(at, [one["in flight"] for one in seconds], linewidth=0.8, label="requests in flight")
    if unseen:
        below.step(
            [one[0] for one in unseen], [one[1] for one in unseen], linewidth=0.8, label="submitted, not yet visible"
        )
    below.set(xlabel="s")
    below.legend(fontsize=7)

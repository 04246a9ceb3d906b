"""Plots of a load: latency and backlog over time, latency against the rate; of growth; of a model beside the machine."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from bench.evening import COMMANDS
from bench.figures import Figure
from bench.load import Loop

LIMIT_MS = 250.0
SIZES = {
    "P8a": ("commits in the store", "an append"), "P8b": ("events of its stream", "a command"),
    "P8c": ("events of the topic", "a rebuild"),
}  # fmt: skip
BESIDE = {"beside": "a bare insert in turn", "first": "the first command on it"}
COMPARED = {"mean ms": "mean latency, ms", "cores used": "cores used", "visible mean ms": "visible at review, mean ms"}


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


def draw_growth(figures: list[Figure], canvas: Any) -> None:
    """Median against size, both as logarithms, with what was measured beside it."""
    for n, figure in enumerate(figures, 1):
        axes = canvas.add_subplot(1, len(figures), n)
        size, ours = SIZES[figure.id]
        for name in ("median s", *BESIDE):
            points = sorted((int(at), seconds * 1_000) for at, seconds in figure.data.get(name, {}).items())
            if points:
                axes.plot(
                    *zip(*points, strict=True), "o-" if name == "median s" else "s--", label=BESIDE.get(name, ours)
                )
        axes.set(xscale="log", yscale="log", xlabel=size, title=f"{figure.id}: exponent {figure.ours.median:.3g}")
        lowest, highest = axes.get_ylim()
        axes.set_ylim(lowest / 3, highest * 3)  # a flat line shall look flat
        axes.set_ylabel("ms")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_minor_formatter(lambda value, place: "")
        axes.legend(fontsize=7)


def draw_model(figures: list[Figure], canvas: Any) -> None:
    """What the model says and what the machine does, by rate; the band is a fifth to either side of the machine."""
    runs = figures[0].data["runs"]
    for n, (name, words) in enumerate(COMPARED.items(), 1):
        axes = canvas.add_subplot(1, len(COMPARED), n)
        shown = [run for run in runs if run["measured"][name] is not None and run["predicted"][name] is not None]
        rates, measured = [run["rate"] for run in shown], [run["measured"][name] for run in shown]
        axes.fill_between(rates, [0.8 * one for one in measured], [1.2 * one for one in measured], alpha=0.15)
        axes.plot(rates, measured, "o-", label="measured")
        axes.plot(rates, [run["predicted"][name] for run in shown], "s--", label="predicted")
        axes.set(xlabel="commands/s", title=words)
        axes.set_ylim(bottom=0)
        axes.legend(fontsize=7)

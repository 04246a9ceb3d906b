"""`python -m bench [NAME…] [--pairs N] [--seed N] [--quick | --long]`: figures beside bare peers, measured in turn."""

from __future__ import annotations

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog
import uvloop
from rich.console import Console
from rich.table import Table

from bench import record
from bench.figures import Figure, order
from bench.frame import PAIRS, QUICK_PAIRS, SEED, Bench, Given, Lost, Together, benches

FIRMS_APART = 1_000
"""More than any bench registers."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="all when none is named")
    parser.add_argument("--pairs", type=int, help=f"rounds of ours and peers in turn ({PAIRS}; {QUICK_PAIRS} if quick)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it: such figures say nothing")
    parser.add_argument("--long", action="store_true", help="the largest sizes; half an hour more for all")
    parser.add_argument("--list", action="store_true", help="name the benches and what they measure")
    asked = parser.parse_args()
    known = benches()
    if asked.list:
        print("\n".join(f"{', '.join(one.ids):8} {name:12} {one.words}" for name, one in known.items()))
        return 0
    if unknown := [name for name in asked.names if name not in known]:
        print(f"no such bench: {', '.join(unknown)}\nthere are: {', '.join(known)}", file=sys.stderr)
        return 2
    pairs = asked.pairs or (QUICK_PAIRS if asked.quick else PAIRS)
    if pairs < PAIRS and not asked.quick:
        print(f"at least {PAIRS} pairs, or --quick", file=sys.stderr)
        return 2
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chosen = [one for name, one in known.items() if name in asked.names or not asked.names]
    # The loop that the services run on.
    return uvloop.run(_all(chosen, pairs, asked.seed, asked.quick, asked.long))


async def _all(chosen: Sequence[Bench], pairs: int, seed: int, quick: bool, long: bool) -> int:
    began, figures = time.perf_counter(), list[Figure]()
    async with Together() as together:
        for n, one in enumerate(chosen):
            _say(began, one.name, one.words)
            given = Given(
                pairs,
                seed,
                quick,
                partial(_say, began, one.name),
                long=long,
                together=together,
                first=1 + FIRMS_APART * n,
            )
            figures += await _one(one, given)
    _show(figures)
    print(
        f"{time.perf_counter() - began:.0f} s; written to {record.folder(quick)}{'; QUICK: says nothing' if quick else ''}"
    )
    if len(chosen) == 1 and (last := next((figure for figure in figures if figure.ratio), None)) is not None:
        print(f"ratio {last.ratio} {last.words} / {last.peer_name}")
    return int(any(figure.why for figure in figures if figure.ours is None))


async def _one(one: Bench, given: Given) -> list[Figure]:
    """A bench's figures, written down; where it failed, why."""
    started = time.perf_counter()
    try:
        found = await one.run(given)
    except Lost as lost:
        found = [Figure(id_, one.words, None, why=f"does not count: {lost}") for id_ in one.ids]
    except Exception as error:
        logging.getLogger("bench").exception(one.name)
        found = [Figure(id_, one.words, None, why=f"{type(error).__name__}: {error}") for id_ in one.ids]
    if given.quick:  # such figures reach nothing
        found = [replace(figure, met=None) for figure in found]
    for words in record.write(one, given, found, time.perf_counter() - started):
        given.say(words)
    return found


def _show(figures: Sequence[Figure]) -> None:
    table = Table(show_lines=True)
    for name in ("id", "figure", "ours", "peer", "ratio", "reach", ""):
        table.add_column(name, overflow="fold")
    for figure in sorted(figures, key=lambda one: order(one.id)):
        unit = f" {figure.unit}"
        peer = f"{figure.peer_name} {figure.peer}{unit}" if figure.peer else figure.peer_name
        ours, ratio = f"{figure.ours}{unit}" if figure.ours else "", str(figure.ratio or "")
        table.add_row(figure.id, figure.words, ours, peer, ratio, figure.reach, figure.verdict)
    console = Console()
    (console if console.is_terminal else Console(width=160)).print(table)


def _say(began: float, name: str, words: str) -> None:
    print(f"{time.perf_counter() - began:6.1f} s  {name}: {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

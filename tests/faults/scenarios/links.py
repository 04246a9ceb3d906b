"""Slow, cut and silently dead links between the services and broker or store."""

from __future__ import annotations

import asyncio
import time

from tests.faults.harness import NotProven, Trial
from tests.faults.proxy import Proxy
from tests.faults.scenario import scenario

LATENCY_SECONDS = 0.04
BYTES_PER_SECOND = 400_000


@scenario("links-slow", "links to broker and store have 40 ms latency and 400 kB/s", site="hindered")
async def slow(trial: Trial) -> None:
    wires = _wires(trial)
    before, acknowledged = sum(w.passed for w in wires.values()), trial.ledger.acknowledged
    for wire in wires.values():
        wire.latency, wire.rate = LATENCY_SECONDS, BYTES_PER_SECOND
        trial.injected("slow link")
    await asyncio.sleep(120 if trial.long else 8)
    passed = sum(w.passed for w in wires.values()) - before
    told = f"{passed // 1_000} kB and {trial.ledger.acknowledged - acknowledged} commands came through"
    for wire in wires.values():
        wire.mend()
    if not passed or trial.ledger.acknowledged == acknowledged:
        raise NotProven(f"nothing went over the slow links: {told}")
    trial.note(told)
    await trial.flowing()


@scenario("links-cut", "links to broker and store are reset and refused, by turns and together", site="hindered")
async def cut(trial: Trial) -> None:
    wires = _wires(trial)
    turns = [["kafka"], ["store"], ["kafka", "store"]]
    for names in turns * (10 if trial.long else 1):
        for name in names:
            wires[name].cut()
            trial.injected(f"link to {name} cut")
        await asyncio.sleep(trial.random.uniform(1, 3))
        await _mended(trial, names)


@scenario("links-deaf", "links to broker and store swallow every byte and tell nobody", site="hindered")
async def deaf(trial: Trial) -> None:
    wires = _wires(trial)
    for seconds in (8.0, 60.0, 5.0, 30.0) if trial.long else (5.0,):
        for name in ("kafka", "store"):
            swallowed = wires[name].swallowed
            wires[name].deafen()
            trial.injected(f"link to {name} deaf")
            await asyncio.sleep(seconds)
            if wires[name].swallowed == swallowed:
                raise NotProven(f"nothing was swallowed on the way to {name}")
            await _mended(trial, [name])


def _wires(trial: Trial) -> dict[str, Proxy]:
    assert trial.site is not None
    return trial.site.wires


async def _mended(trial: Trial, names: list[str]) -> None:
    began = time.monotonic()
    for name in names:
        _wires(trial)[name].mend()
    await trial.flowing()
    seconds = time.monotonic() - began
    trial.ready_seconds.setdefault(f"link to {' and '.join(names)}", []).append(seconds)
    trial.say(f"{' and '.join(names)}: everything flows {seconds:.1f} s after the link is whole")

"""SIGKILL: of any process at random, of the only broker, of the store."""

from __future__ import annotations

import asyncio
import time

from libs.events.contracts.base import SERVICES
from tests.faults.harness import Trial
from tests.faults.scenario import scenario

BETWEEN_SECONDS = 6.0
"""The supervisor starts a part at once that has been ready for five."""


@scenario("broker-kill", "the only broker is killed under load")
async def broker_kill(trial: Trial) -> None:
    await _again_and_again(trial, "kafka", 20 if trial.long else 1)


@scenario("store-kill", "the store is killed under load and started again")
async def store_kill(trial: Trial) -> None:
    await _again_and_again(trial, "store", 10 if trial.long else 1)


async def _again_and_again(trial: Trial, part: str, times: int) -> None:
    for n in range(times):
        await asyncio.sleep(trial.random.uniform(1, 3) if n == 0 else BETWEEN_SECONDS + trial.random.uniform(0, 2))
        await trial.kill(part)
        trial.say(f"{n + 1} of {times}: everything flows again after {await trial.until_ready(part):.1f} s")


@scenario("random-kill", "any process is killed at any moment: services, gateway, store, broker")
async def random_kill(trial: Trial) -> None:
    """Services most often. A part that is not ready again is let be; its seconds count apart when others were down."""
    until = time.monotonic() + (1_800 if trial.long else 15)
    outages, waiting = Outages(), dict[str, asyncio.Task[None]]()
    try:
        while time.monotonic() < until:
            await asyncio.sleep(trial.random.uniform(2, 10) if trial.long else trial.random.uniform(1.5, 4))
            part = trial.random.choice((*SERVICES, *SERVICES, "gateway", "store", "kafka"))
            if part not in waiting or waiting[part].done():
                await trial.kill(part)
                waiting[part] = asyncio.create_task(_until_ready(trial, part, outages))
            for task in [one for one in waiting.values() if one.done()]:
                task.result()
        await asyncio.gather(*waiting.values())
    finally:
        for task in waiting.values():
            task.cancel()


class Outages:
    """Which parts are down, and whether another one was meanwhile."""

    def __init__(self) -> None:
        self._down: set[str] = set()
        self._mixed: set[str] = set()

    def begins(self, part: str) -> None:
        self._down.add(part)
        if len(self._down) > 1:
            self._mixed |= self._down

    def ends(self, part: str) -> bool:
        """Whether it was the only one down all the time."""
        self._down.discard(part)
        alone = part not in self._mixed
        self._mixed.discard(part)
        return alone


async def _until_ready(trial: Trial, part: str, outages: Outages) -> None:
    outages.begins(part)
    seconds = await trial.until_ready(part)
    if not outages.ends(part):
        trial.ready_seconds[part].remove(seconds)
        if not trial.ready_seconds[part]:
            del trial.ready_seconds[part]
        trial.ready_seconds.setdefault("several at once", []).append(seconds)
    trial.say(f"{part} is ready again after {seconds:.1f} s")

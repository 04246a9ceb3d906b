"""Disks full: the store's and the broker's."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from libs.events.contracts.base import SERVICES
from tests.faults.harness import NotProven, Trial, answers
from tests.faults.registering import register
from tests.faults.scenario import scenario

SELF_HEALING_SECONDS = 5.0
FLOWING_AGAIN_SECONDS = 8.0
"""What has not found back by itself within these is killed."""


@scenario("store-full", "the store's disk is full, then has room again", site="hindered")
async def store_full(trial: Trial) -> None:
    for _ in range(5 if trial.long else 1):
        async with _counted(trial) as statuses:
            waiting = [asyncio.create_task(register(trial)) for _ in range(5)]
            await _full(trial, "store")
            waiting += [asyncio.create_task(register(trial)) for _ in range(5)]
            await trial.until(lambda: _some(statuses[503]), "commands to be answered 503", 60)
            await trial.until(
                lambda: _some(statuses[503] > (150 if trial.long else 10)), "more of them to be refused", 60
            )
            unready = [service for service in SERVICES if not await answers(trial.stack, service)]
            await _freed(trial, "store")
            await asyncio.gather(*waiting)
            trial.note(f"answers while full: {dict(statuses)}; not ready meanwhile: {unready or 'nobody'}")
            if statuses[500]:
                raise NotProven(f"{statuses[500]} answers were 500")


@scenario("broker-full", "the broker's disk is full, then has room again", site="hindered")
async def broker_full(trial: Trial) -> None:
    for _ in range(5 if trial.long else 1):
        async with _counted(trial) as statuses:
            before = trial.stack.restarts["kafka"]
            await _full(trial, "kafka")
            await trial.until(lambda: _some(trial.stack.restarts["kafka"] > before), "the broker to give up", 60)  # noqa: B023
            accepted = [await register(trial) for _ in range(50 if trial.long else 10)]
            await _freed(trial, "kafka")
            trial.note(f"answers while full: {dict(statuses)}; {len(accepted)} registrations accepted without a broker")
            if statuses[500]:
                raise NotProven(f"{statuses[500]} answers were 500")


async def _some(value: Any) -> bool:
    return bool(value)


@asynccontextmanager
async def _counted(trial: Trial) -> AsyncIterator[Counter[int]]:
    """How often each status is answered to the load, while this lasts."""
    statuses, hooks = Counter[int](), trial.workload.world.http.event_hooks

    async def count(response: Any) -> None:
        statuses[response.status_code] += 1

    trial.workload.world.http.event_hooks = {**hooks, "response": [*hooks["response"], count]}
    try:
        yield statuses
    finally:
        trial.workload.world.http.event_hooks = hooks


async def _full(trial: Trial, part: str) -> None:
    assert trial.site is not None
    disk = trial.site.disks[part]
    disk.fill(await trial.pid_of(part))
    trial.injected(f"{part}: {disk.how}")
    trial.say(f"{part}: {disk.how}")


async def _freed(trial: Trial, part: str) -> None:
    """Room again; a part that does not find back by itself is killed, which is told."""
    assert trial.site is not None
    began = time.monotonic()
    trial.site.disks[part].free(trial.stack.pids.get(part))
    try:
        await trial.until(lambda: answers(trial.stack, part), f"{part} to answer", SELF_HEALING_SECONDS)
        await asyncio.wait_for(trial.flowing(), FLOWING_AGAIN_SECONDS)
        told = "by itself"
    except (NotProven, TimeoutError):
        await trial.kill(part)
        await trial.until_ready(part)
        told = "after a restart"
    seconds = time.monotonic() - began
    trial.ready_seconds.setdefault(f"{part} with room", []).append(seconds)
    trial.note(f"{part} works again {told}, {seconds:.1f} s after there was room")

"""Wall clocks stepped by an hour, forwards and backwards, under running services."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import httpx

from libs.events.contracts.base import SERVICES
from tests.faults.harness import NotProven, Trial
from tests.faults.registering import register
from tests.faults.scenario import scenario

HOUR_MS = 3_600_000


@scenario("clock-stepped", "clocks step by an hour, forwards and back, of all services and of one", site="hindered")
async def clock_stepped(trial: Trial) -> None:
    """All together forwards under load: tokens stay good. Back there is no load: the deployment's keys and appointments
    begin in the future then, and nobody can sign in. One alone gets no requests: it is not ready.
    """
    restarts = trial.stack.restarts
    alone = SERVICES if trial.long else ("review",)
    try:
        for sign in (1, -1):
            await _stepped(trial, SERVICES, sign * HOUR_MS, load=sign > 0)
            for service in alone:
                await _stepped(trial, [service], sign * HOUR_MS, load=False)
    finally:
        _set(trial, SERVICES, 0)
    if trial.stack.restarts != restarts:
        raise NotProven(f"a part was started again: {restarts} before, {trial.stack.restarts} after")
    trial.workload.start()


async def _stepped(trial: Trial, services: Sequence[str], by_ms: int, load: bool) -> None:
    await trial.workload.pause()
    await trial.flowing()
    _set(trial, services, by_ms)
    trial.injected(f"clock {by_ms // HOUR_MS:+d} h", len(services))
    before = trial.ledger.acknowledged
    if load:
        trial.workload.start()
    await asyncio.gather(
        *(trial.until(lambda s=s: _says_clock(trial, s), f"{s} to say its clock is wrong") for s in services)
    )
    others = [s for s in SERVICES if s not in services]
    if wrong := [s for s in others if await _says_clock(trial, s)]:
        raise NotProven(f"{wrong} call their clocks wrong, which are right")
    if load:
        await asyncio.sleep(60 if trial.long else 3)
    if "identity" in services:
        for _ in range(3):
            await register(trial)
        if trial.ledger.acknowledged < before + 3:
            raise NotProven("commands were not acknowledged by services whose clocks are wrong together")
    await trial.workload.pause()
    await trial.flowing()
    began = time.monotonic()
    _set(trial, services, 0)
    await asyncio.gather(*(trial.until(lambda s=s: _ready(trial, s), f"{s} to be ready again") for s in services))
    trial.ready_seconds.setdefault("right clock", []).append(time.monotonic() - began)


def _set(trial: Trial, services: Sequence[str], by_ms: int) -> None:
    for service in services:
        file = trial.stack.folder.points / f"{service}.clock"
        file.parent.mkdir(exist_ok=True)
        file.write_text(str(by_ms), encoding="ascii")


async def _readiness(trial: Trial, service: str) -> tuple[int, Any]:
    async with httpx.AsyncClient(timeout=5) as http:
        answer = await http.get(f"{trial.stack.service_url(service)}/readyz")
    return answer.status_code, answer.json()


async def _says_clock(trial: Trial, service: str) -> bool:
    status, content = await _readiness(trial, service)
    return status == 503 and "clock" in content["missing"]


async def _ready(trial: Trial, service: str) -> bool:
    return (await _readiness(trial, service))[0] == 200

"""SIGKILL between two durable effects: at every crash point of every service that can come there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from deploy.local.stack import running_stack
from libs.events.contracts.base import SERVICES
from tests.faults.checker import Finding
from tests.faults.harness import Trial
from tests.faults.points import AT_FIRST_START, TRIGGERED, UNDER_LOAD, Plans
from tests.faults.scenario import scenario
from tests.faults.sites import with_load
from tests.faults.triggers import Administrator, stray

REPEATS = 5
HIT_WITHIN_SECONDS = 90.0
AT_STARTS = ("clock.leased", "sessions.noted")
"""Passed at every start, and seldom later: the service is killed once so that it starts."""
SELDOM = ("key.made", "blob.stored", "clock.ticked", "foreign.kept", "runner.flushed", "runner.offset", *AT_STARTS)
Place = tuple[str, str]


@scenario("crash-points", "each service is killed at each crash point that it can come to under load")
async def crash_points(trial: Trial) -> None:
    """The slice takes every point once, the service by the seed; the long form five times, each time another service."""
    places = chosen({**UNDER_LOAD, **TRIGGERED}, trial)
    plans, administrator = Plans(trial.stack.folder.points), Administrator(trial)
    hits = dict[str, int]()
    for n, (service, point) in enumerate(places, start=1):
        after = 0 if point in SELDOM else trial.random.randrange(4)
        if await _die(trial, plans, administrator, service, point, after):
            hits[point] = hits.get(point, 0) + 1
            seconds = await trial.until_ready(service)
            trial.say(f"{n} of {len(places)}: {service} died at {point}, ready again after {seconds:.1f} s")
    trial.figures["points"] = hits
    trial.note(f"{len(hits)} points, {sum(hits.values())} deaths at {len(set(places))} pairs of service and point")


def chosen(table: Mapping[str, tuple[str, ...]], trial: Trial) -> list[Place]:
    """Pairs of service and point, in an order that lets a service rest between two deaths: as there are as many repeats
    as services, the long form comes to every pair."""
    first = trial.random.randrange(len(SERVICES))
    turns = range(first, first + (REPEATS if trial.long else 1))
    return [(able[(turn + n) % len(able)], point) for turn in turns for n, (point, able) in enumerate(table.items())]


async def _die(trial: Trial, plans: Plans, administrator: Administrator, service: str, point: str, after: int) -> bool:
    """Whether the service has died there."""
    plans.arm(service, point, after)
    await _bring_about(trial, administrator, service, point)
    try:
        async with asyncio.timeout(HIT_WITHIN_SECONDS):
            while not plans.struck(service):
                await asyncio.sleep(0.005)
    except TimeoutError:
        plans.disarm(service)
        trial.findings.append(Finding("unproven", "crash points", f"{service} did not come to {point} (after {after})"))
        return False
    trial.struck(service)
    trial.injected(f"SIGKILL at {point}")
    return True


async def _bring_about(trial: Trial, administrator: Administrator, service: str, point: str) -> None:
    if point in AT_STARTS:
        await trial.kill(service)
    elif point == "clock.ticked":
        await administrator.something_due(service)
    elif point == "foreign.kept":
        await stray(trial, f"{service}.events")


@scenario("crash-starts", "services are killed at the crash points of a first start", stack=False)
async def crash_starts(trial: Trial) -> None:
    """Each stack is new; every service dies at one point of its start and comes up by itself."""
    rounds = starts(trial)
    for n, plan in enumerate(rounds, start=1):
        trial.say(f"{n} of {len(rounds)}: {', '.join(f'{s} at {p}' for s, (p, _) in plan.items())}")
        await _first_start(trial, trial.folder / f"start-{n}", plan)


def starts(trial: Trial) -> list[dict[str, tuple[str, int]]]:
    """Per stack: where each service dies (and how often it passes there first)."""
    rounds: list[dict[str, tuple[str, int]]] = []
    for repeat in range(REPEATS if trial.long else 1):
        for turn in range(len(AT_FIRST_START) if trial.long else 1):
            plan = {}
            for n, service in enumerate(SERVICES):
                points = [point for point, able in AT_FIRST_START.items() if service in able]
                plan[service] = (points[(turn + n + trial.seed) % len(points)], repeat % 2)
            rounds.append(plan)
    return rounds


async def _first_start(trial: Trial, folder: Path, plan: Mapping[str, tuple[str, int]]) -> None:
    """A new stack on which each service dies at its point; its first commands and its logs are checked."""
    plans = Plans(folder / "points")
    for service, (point, after) in plan.items():
        plans.arm(service, point, after)
    async with running_stack(folder, points=True) as stack, with_load(stack, trial.seed) as site:
        for service, (point, _) in plan.items():
            if plans.struck(service):
                trial.injected(f"SIGKILL at {point}")
            else:
                words = f"{service} did not come to {point} when it first started"
                trial.findings.append(Finding("unproven", "crash points", words))
        await trial.level(stack)
        await trial.check(stack, site.ledger)
        trial.figures["acknowledged"] = int(trial.figures.get("acknowledged", 0)) + site.ledger.acknowledged

"""Runs scenarios: those that share a stack one after another, those without one beside them; then the table."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import httpx

from libs.events.contracts.base import SERVICES
from tests.faults.checker import Finding, check
from tests.faults.common import Common
from tests.faults.harness import NotProven, Site, Skipped, Trial
from tests.faults.report import Result, figure, findings, table, write_json
from tests.faults.scenario import Scenario
from tests.faults.sites import open_site_of

BESIDE = "hindered"
"""Scenarios without the load's stack run beside this kind: it waits more than it works."""
WITHOUT = ""
KEPT = Path(".faults")
"""Logs of stacks on which something did not hold."""


async def run_all(chosen: Sequence[Scenario], seed: int, long: bool, json: Path | None) -> int:
    """0 when every scenario ran and nothing was found; the last line printed is the figure."""
    began, results = time.monotonic(), list[Result]()
    with tempfile.TemporaryDirectory(prefix="tidu-faults-") as folder:
        for groups in _at_once(_sharing(chosen)):
            runs = (_run_together(together, seed, long, Path(folder)) for together in groups)
            for found in await asyncio.gather(*runs):
                results += found
    seconds = time.monotonic() - began
    print(table(results))
    print(findings(results))
    if json is not None:
        write_json(json, results, seed, long, seconds)
    print(figure(results, seconds))
    return 0 if all(result.holds for result in results) else 1


def _sharing(chosen: Sequence[Scenario]) -> dict[str, list[Scenario]]:
    """Those that may run on one stack, or without any, together."""
    groups: dict[str, list[Scenario]] = {}
    for one in chosen:
        groups.setdefault(one.name if one.stack and one.alone else one.site if one.stack else WITHOUT, []).append(one)
    return groups


def _at_once(groups: dict[str, list[Scenario]]) -> list[list[list[Scenario]]]:
    """What runs after one another, and in it what runs side by side."""
    without = [groups.pop(WITHOUT)] if BESIDE in groups and WITHOUT in groups else []
    return [[together, *(without if kind == BESIDE else [])] for kind, together in groups.items()]


async def _run_together(together: Sequence[Scenario], seed: int, long: bool, folder: Path) -> list[Result]:
    """On a new stack of their kind; a stack that does not come up is every one's finding."""
    first, results = together[0], list[Result]()
    place = folder / (first.name if first.alone else f"shared-{first.site}")
    try:
        async with Common() as common:
            if not first.stack:
                return [await _run(one, seed, long, folder, None, common) for one in together]
            async with open_site_of(first.site, place, seed) as site:
                for one in together:
                    results.append(await _run(one, seed, long, folder, site, common))
    except Skipped as reason:
        for one in together[len(results) :]:
            results.append(Result(Trial(one.name, seed, long, folder, skipped=str(reason)), 0, 0.0))
    if not all(result.holds for result in results) and (place / "logs").exists():
        kept = shutil.copytree(place / "logs", KEPT / place.name, dirs_exist_ok=True)
        print(f"    what the processes of this stack wrote: {kept}", flush=True)
    return results


async def _run(one: Scenario, seed: int, long: bool, folder: Path, site: Site | None, common: Common) -> Result:
    trial = Trial(one.name, seed, long, folder / f"{one.name}-own", site, common=common)
    trial.folder.mkdir()
    print(f"\n{one.name}: {one.words}", flush=True)
    began, before = time.monotonic(), site.ledger.acknowledged if site else 0
    try:
        if site is not None and one.load:
            site.workload.start()
        await one.run(trial)
        if site is not None:
            await trial.settle()
            await trial.check()
    except Skipped as reason:
        trial.skipped = str(reason)
    except Exception as error:  # noqa: BLE001 - a scenario that breaks off is a finding, the others still run
        words = str(error) if isinstance(error, NotProven) else traceback.format_exc()
        trial.findings.append(Finding("unproven", one.name, words))
        if site is not None:
            await _look_around(trial, site)
    after = site.ledger.acknowledged if site else int(trial.figures.get("acknowledged", 0))
    result = Result(trial, after - before, time.monotonic() - began)
    print("\n".join([f"    {finding.kind}: {finding.check}: {finding.words}" for finding in trial.findings[:40]]))
    print(f"    {result.words}", flush=True)
    return result


async def _look_around(trial: Trial, site: Site) -> None:
    """A scenario broke off: what the services say of themselves, and what the checker finds all the same."""
    for service in SERVICES:
        try:
            async with httpx.AsyncClient(timeout=2) as client:
                said = (await client.get(f"http://127.0.0.1:{site.stack.ports[service]}/readyz")).text
        except httpx.HTTPError as error:
            said = repr(error)
        trial.say(f"{service} says {said}")
    with suppress(Exception):  # the checker wants a stack that answers; the finding is noted already
        async with asyncio.timeout(60):
            await site.workload.pause()
            trial.findings += await check(site.stack, site.ledger, trial.expected)

"""Runs scenarios: those that share a stack one after another, the others on their own; then the table."""

from __future__ import annotations

import tempfile
import time
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from tests.faults.checker import Finding
from tests.faults.harness import NotProven, Site, Trial, open_site
from tests.faults.report import Result, figure, table, write_json
from tests.faults.scenario import Scenario


async def run_all(chosen: Sequence[Scenario], seed: int, long: bool, json: Path | None) -> int:
    """0 when every scenario ran and nothing was found; the last line printed is the figure."""
    began, results = time.monotonic(), list[Result]()
    with tempfile.TemporaryDirectory(prefix="tidu-faults-") as folder:
        together = [one for one in chosen if one.stack and not one.alone]
        if together:
            async with open_site(Path(folder) / "shared", seed) as site:
                for one in together:
                    results.append(await _run(one, seed, long, Path(folder), site))
        for one in chosen:
            if one not in together:
                async with AsyncExitStack() as life:
                    alone = (
                        await life.enter_async_context(open_site(Path(folder) / one.name, seed)) if one.stack else None
                    )
                    results.append(await _run(one, seed, long, Path(folder), alone))
    seconds = time.monotonic() - began
    print(table(results))
    if json is not None:
        write_json(json, results, seed, long, seconds)
    print(figure(results, seconds))
    return 0 if all(result.holds for result in results) else 1


async def _run(one: Scenario, seed: int, long: bool, folder: Path, site: Site | None) -> Result:
    trial = Trial(one.name, seed, long, folder / f"{one.name}-own", site)
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
    except Exception as error:  # noqa: BLE001 - a scenario that breaks off is a finding, the others still run
        words = str(error) if isinstance(error, NotProven) else traceback.format_exc()
        trial.findings.append(Finding("unproven", one.name, words))
    after = site.ledger.acknowledged if site else int(trial.figures.get("acknowledged", 0))
    result = Result(trial, after - before, time.monotonic() - began)
    print("\n".join([f"    {finding.kind}: {finding.check}: {finding.words}" for finding in trial.findings[:40]]))
    print(f"    {result.words}", flush=True)
    return result

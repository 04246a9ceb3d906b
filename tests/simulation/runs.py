"""Many worlds one after another in one process, and one world told step by step."""

import gc
import time
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from tests.simulation.patches import simulated
from tests.simulation.world import Outcome, World


class Findings:
    """What became of a run of seeds."""

    def __init__(self) -> None:
        self.worlds = self.acknowledged = self.commits = self.records = self.steps = 0
        self.failed: list[Outcome] = []
        self.faults: Counter[str] = Counter()
        self.seconds = self.processor = 0.0

    def add(self, outcome: Outcome) -> None:
        self.worlds += 1
        self.acknowledged += outcome.acknowledged
        self.commits += outcome.commits
        self.records += outcome.records
        self.steps += outcome.steps
        self.faults.update(outcome.faults)
        if outcome.finding is not None:
            self.failed.append(outcome)

    def line(self) -> str:
        """The last line of a run: seeds, seconds, failures, and how much of each fault there was."""
        injected = {kind: n for kind, n in sorted(self.faults.items()) if not kind.startswith("met: ")}
        met = {kind.removeprefix("met: "): n for kind, n in sorted(self.faults.items()) if kind.startswith("met: ")}
        return (
            f"{self.worlds} seeds in {self.seconds:.1f} s ({self.processor:.1f} s of one core), "
            f"{len(self.failed)} failed; {self.steps} steps, {self.commits} commits, {self.records} records, "
            f"{self.acknowledged} answers checked; {sum(injected.values())} faults: {_listed(injected)}; met: {_listed(met)}"
        )


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{kind} {n}" for kind, n in counts.items()) or "none"


def run(seeds: Iterable[int], until_found: bool = False) -> Findings:
    """Each seed's world once; with `until_found` no further than the first that does not hold."""
    findings = Findings()
    began, processor = time.perf_counter(), time.process_time()
    collecting = gc.isenabled()
    # A world is thrown away whole: one collection after each, of what is young, is cheaper than all the time.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        with simulated():
            for seed in seeds:
                world = World(seed)
                findings.add(world.run())
                world.drop()
                gc.collect(0)
                if until_found and findings.failed:
                    break
    finally:
        gc.unfreeze()
        if collecting:
            gc.enable()
    findings.seconds, findings.processor = time.perf_counter() - began, time.process_time() - processor
    return findings


def replay(seed: int) -> tuple[Outcome, list[str]]:
    """One world with everything that happened in it, the same each time."""
    with simulated():
        world = World(seed, traced=True)
        outcome = world.run()
    assert world.trace is not None
    return outcome, world.trace


def told(outcomes: Iterable[Outcome]) -> str:
    """The line of a few worlds."""
    findings = Findings()
    for outcome in outcomes:
        findings.add(outcome)
    return findings.line()


def fingerprint(trace: Iterable[str]) -> str:
    """One text for a whole trace: equal traces, equal texts."""
    return sha256("\n".join(trace).encode()).hexdigest()

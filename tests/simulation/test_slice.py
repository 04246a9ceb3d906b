"""A slice of the worlds that `make simulate` runs, and that a world is the same each time it is told."""

import os
import subprocess
import sys

from tests.simulation.mutants import MUTANTS, planted
from tests.simulation.runs import fingerprint, replay, run
from tests.simulation.test_planted import BOUND

SLICE = 300
KINDS = (
    "crash", "crash at a point", "stall", "clock step", "rebalance", "offset reset", "stray record", "store: away",
    "broker: away", "store: refused", "store: lost request", "store: lost answer", "store: late", "store: slow",
    "broker: refused", "broker: lost request", "broker: lost answer", "broker: late", "broker: slow",
    "network: lost request", "network: lost answer", "met: stale checkpoint",
)  # fmt: skip


def test_every_invariant_holds_in_every_world_and_faults_of_every_kind_have_happened() -> None:
    findings = run(range(1, SLICE + 1))
    assert [(o.seed, o.finding) for o in findings.failed] == []
    assert [kind for kind in KINDS if not findings.faults[kind]] == []
    assert findings.acknowledged > SLICE and findings.commits > findings.acknowledged
    assert findings.line().startswith(f"{SLICE} seeds in ")


def test_a_world_is_the_same_each_time_whatever_the_hashes() -> None:
    tell = "from tests.simulation.runs import fingerprint, replay; print(*(fingerprint(replay(s)[1]) for s in (3, 17, 40)))"
    told = {
        subprocess.run(
            [sys.executable, "-c", tell], env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
    assert next(iter(told)).decode().split() == [fingerprint(replay(seed)[1]) for seed in (3, 17, 40)]


def test_a_world_that_fails_ends_its_trace_with_what_was_found() -> None:
    with planted(MUTANTS[0]):
        seed = run(range(1, 1 + BOUND), until_found=True).failed[0].seed
        outcome, trace = replay(seed)
    assert outcome.finding is not None and trace[-1].endswith(f"FOUND     {outcome.finding}")
    assert replay(seed)[0].finding is None

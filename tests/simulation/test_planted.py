"""Each planted bug is found within a bounded number of worlds: a simulation that finds nothing proves nothing."""

import pytest

from tests.simulation.mutants import BATCH, MUTANTS, Change, Mutant, planted
from tests.simulation.runs import run

BOUND = 150
RARE = {"a command meets its own effect": 1_000}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_planted_bug_is_found(mutant: Mutant) -> None:
    with planted(mutant):
        findings = run(range(1, 1 + RARE.get(mutant.name, BOUND)), until_found=True)
    assert findings.failed, f"{mutant.name} lived through {findings.worlds} worlds"
    print(f"{mutant.name}: seed {findings.failed[0].seed}: {findings.failed[0].finding}")


def test_afterwards_the_kernel_is_whole_again() -> None:
    before = {(change.owner, change.name): getattr(change.owner, change.name) for m in MUTANTS for change in m.changes}
    for mutant in MUTANTS:
        with planted(mutant):
            assert all(hasattr(getattr(change.owner, change.name), "__mutated__") for change in mutant.changes)
    assert all(getattr(owner, name) is found for (owner, name), found in before.items())


def test_a_change_that_finds_nothing_to_change_is_said() -> None:
    with pytest.raises(LookupError, match="0 times"):
        with planted(Mutant("nothing", [Change(BATCH, "decide", "no such text", "")])):
            pass

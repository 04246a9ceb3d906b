"""The simulation's first worlds, cut small: the kernel's append, relay, runner and parking in use, under faults."""

import pytest

from tests.simulation.runs import run


@pytest.mark.parametrize("first, last", [(1, 2), (3, 10), (11, 30), (31, 60)])
def test_every_invariant_holds(first: int, last: int) -> None:
    findings = run(range(first, last + 1))
    assert [(outcome.seed, outcome.finding) for outcome in findings.failed] == []
    assert findings.acknowledged

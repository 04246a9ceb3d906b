"""A row's verdict: what is not reached says why, what is reached does not."""

import pytest

from bench.figures import REASONS, Figure, Spread


def row(id_: str, met: bool | None, why: str = "") -> str:
    return Figure(id_, "", Spread.of([1.0]), met=met, why=why).verdict


def test_what_is_not_reached_says_why() -> None:
    assert row("P1a", False) == f"NOT MET; {REASONS['P1a']}"
    assert row("P6", None, "not held") == f"NO FIGURE: not held; {REASONS['P6']}"
    assert row("X9", False) == "NOT MET"


@pytest.mark.parametrize(("met", "said"), [(True, "met"), (None, "")])
def test_what_is_reached_or_has_nothing_to_reach_says_no_more(met: bool | None, said: str) -> None:
    assert row("P1a", met) == said

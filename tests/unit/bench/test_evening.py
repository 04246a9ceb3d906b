"""Drafts that an evening saves are set aside: what was submitted or sent back cannot be saved like a draft."""

from dataclasses import dataclass, field
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.client import Answer
from bench.cycling import Cycling
from bench.evening import SAVE, Evening, evening
from bench.load import Loop
from bench.town import Town


@dataclass
class Draft:
    name: int
    saved: list[dict[str, str]] = field(default_factory=list)

    async def save(self, fields: dict[str, str]) -> Answer:
        self.saved.append(fields)
        return Answer(200, {}, b"{}")


def town(drafts: int) -> Town:
    return cast(Town, SimpleNamespace(filings=[Draft(n) for n in range(drafts)], random=Random(1), firms=[]))


def test_a_quarter_is_set_aside_and_the_rest_may_be_submitted() -> None:
    given = town(8)
    cycling = Cycling(given)
    aside = cycling.aside()
    assert len(aside) == 2 and len(cycling.free) == 6
    assert sorted(cast(Any, filing).name for filing in (*aside, *cycling.free)) == list(range(8))


async def test_what_is_saved_is_what_was_set_aside_each_in_turn() -> None:
    given = town(8)
    cycling = Cycling(given)
    aside = cycling.aside()
    loop = Loop([0.0] * 4)
    made = Evening(given, cycling, aside)
    for n in range(4):
        assert await made.act(n, SAVE, loop) == ""
    assert [len(cast(Any, filing).saved) for filing in aside] == [2, 2]
    assert not any(cast(Any, filing).saved for filing in cycling.free)
    assert loop.named[SAVE].n == 4 and not loop.named[SAVE].errors


async def test_saves_without_a_draft_are_no_other_commands_in_silence() -> None:
    given = town(0)
    with pytest.raises(ValueError, match="no draft"):
        await evening(given, Cycling(given), [0.0], Random(1), saves=2.0)

"""A claim is one process's until it ends; one that a wrong clock has made binds nobody."""

import asyncio

from libs.events.claims import claimed
from libs.events.store.memory import MemoryState

NOW, LASTS = 1_000_000, 2_000


async def test_one_has_it_until_it_ends() -> None:
    documents = MemoryState().documents("claims")
    assert await claimed(documents, "work", NOW, LASTS)
    assert not await claimed(documents, "work", NOW + LASTS - 1, LASTS)
    assert await claimed(documents, "other", NOW, LASTS)
    assert await claimed(documents, "work", NOW + LASTS, LASTS)
    assert not await claimed(documents, "work", NOW + LASTS, LASTS)


async def test_of_many_at_once_one_gets_it() -> None:
    documents = MemoryState().documents("claims")
    for moment in (NOW, NOW + LASTS):
        got = await asyncio.gather(*(claimed(documents, "work", moment, LASTS) for _ in range(5)))
        assert sorted(got) == [False] * 4 + [True]


async def test_what_a_clock_an_hour_ahead_claimed_does_not_stop_the_others() -> None:
    documents = MemoryState().documents("claims")
    assert await claimed(documents, "work", NOW + 3_600_000, LASTS)
    assert await claimed(documents, "work", NOW, LASTS)
    assert not await claimed(documents, "work", NOW + 1, LASTS)

"""The access log: a chain that shows what was changed, left out or put in; kept for as long as it must be."""

import asyncio
from typing import Any, ClassVar

import pytest

from libs.events import access
from libs.events.access import ANCHOR, DAY_MS, MOST_WAITING, AccessNotes, Broken, Head, hash_of, place_of
from libs.events.errors import Unavailable
from libs.events.settings import KernelSettings
from libs.events.store.memory import MemoryDocuments
from libs.events.store.ports import Document, Filter


class Wall:
    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now


class Slow(MemoryDocuments):
    """A store that others get a word in with between two of its answers."""

    async def insert(self, document: Document) -> None:
        await asyncio.sleep(0)
        await super().insert(document)

    async def find(self, *given: Any, **options: Any) -> list[Document]:
        await asyncio.sleep(0)
        return await super().find(*given, **options)


class Asked(MemoryDocuments):
    """Keeps beyond which place it was asked for the newest."""

    beyond: ClassVar[list[int]] = []

    async def find(self, where: Filter, **options: Any) -> list[Document]:
        self.beyond.append(where["n"]["$gt"])
        return await super().find(where, **options)


async def noted(count: int = 5, **options: Any) -> tuple[AccessNotes, dict[str, Document]]:
    content: dict[str, Document] = {}
    notes = AccessNotes(MemoryDocuments(content), **options)
    for n in range(count):
        await notes.note("read", f"official:{n}", subject="s", label="contact", why="查看")
    return notes, content


async def fault_of(notes: AccessNotes) -> tuple[int, str] | None:
    broken = (await notes.verify())[2]
    return (broken.n, broken.what) if broken else None


async def test_a_chain_that_nobody_touched_holds() -> None:
    notes, content = await noted()
    entries, head, broken = await notes.verify()
    assert (entries, broken) == (5, None)
    assert head == content[place_of(5)]["hash"]


async def test_a_new_process_goes_on_where_the_last_one_stopped() -> None:
    _, content = await noted()
    await AccessNotes(MemoryDocuments(content)).note("sign-in", "account:1")
    again = AccessNotes(MemoryDocuments(content))
    assert (await again.verify())[0] == 6 and await fault_of(again) is None


async def test_what_was_changed_left_out_or_put_in_shows() -> None:
    notes, content = await noted()
    content[place_of(2)]["who"] = "official:nobody"
    assert await fault_of(notes) == (2, "it was changed")
    notes, content = await noted()
    changed = {**content[place_of(2)], "who": "official:nobody"}
    content[place_of(2)] = {**changed, "hash": hash_of(changed)}
    assert await fault_of(notes) == (3, "it does not follow the one before")
    notes, content = await noted()
    del content[place_of(3)]
    assert await fault_of(notes) == (4, "an entry is missing")
    notes, content = await noted()
    del content[place_of(1)]
    assert await fault_of(notes) == (2, "an entry is missing")


async def test_an_end_that_was_cut_off_or_written_anew_shows_against_what_was_attested() -> None:
    notes, content = await noted(5)
    attested = await notes.head()
    assert attested == Head(5, content[place_of(5)]["hash"]) and (await notes.verify(attested))[2] is None
    for n in (4, 5):
        del content[place_of(n)]
    assert (await notes.verify())[2] is None, "the chain alone cannot know"
    assert (await notes.verify(attested))[2] == Broken(4, "its end is missing")
    anew = AccessNotes(MemoryDocuments(content))
    for _ in range(2):
        await anew.note("read", "official:else")
    assert (await notes.verify(attested))[2] == Broken(5, "it is not what was attested")


async def test_what_was_attested_may_be_too_old_to_be_kept() -> None:
    wall = Wall()
    notes, _ = await noted(3, wall=wall, keep_days=200)
    attested = await notes.head()
    wall.now += 201 * DAY_MS
    await notes.note("read", "official:new")
    await notes.tidy()
    assert (await notes.verify(attested))[2] is None


async def test_several_processes_write_one_chain() -> None:
    content: dict[str, Document] = {}
    processes = [AccessNotes(Slow(content)) for _ in range(3)]
    await asyncio.gather(
        *(p.note("read", f"official:{n}", at_process=i) for n in range(20) for i, p in enumerate(processes))
    )
    entries, _, broken = await processes[0].verify()
    assert (entries, broken) == (60, None)


async def test_a_hole_longer_than_what_is_read_at_once_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "PORTION", 2)
    notes, content = await noted(9)
    assert (await notes.verify())[0] == 9 and await fault_of(notes) is None
    for n in range(3, 8):
        del content[place_of(n)]
    assert await fault_of(notes) == (8, "an entry is missing")


async def test_whoever_comes_second_looks_only_behind_the_place_that_was_taken() -> None:
    content: dict[str, Document] = {}
    first, second = AccessNotes(MemoryDocuments(content)), AccessNotes(Asked(content))
    for notes in (first, second, first, first, second):
        await notes.note("sign-in", "account:1")
    assert Asked.beyond == [0, 2]


async def test_what_is_too_old_goes_and_the_chain_still_holds() -> None:
    wall = Wall()
    notes, content = await noted(3, wall=wall, keep_days=200)
    wall.now += 201 * DAY_MS
    await notes.note("read", "official:new")
    assert await notes.tidy() == 3
    assert set(content) == {ANCHOR, place_of(4)}
    assert (await notes.verify())[0] == 1 and await fault_of(notes) is None
    del content[place_of(4)]
    await AccessNotes(MemoryDocuments(content), wall).note("read", "official:after")
    assert content[place_of(4)]["previous"] == content[ANCHOR]["hash"]


async def test_nothing_goes_before_half_a_year() -> None:
    wall = Wall()
    notes, _ = await noted(3, wall=wall, keep_days=183)
    wall.now += 183 * DAY_MS - 1
    assert await notes.tidy() == 0
    with pytest.raises(ValueError, match="at least 183"):
        AccessNotes(MemoryDocuments({}), keep_days=182)
    with pytest.raises(ValueError, match="183"):
        KernelSettings(access_days=182)


async def test_a_flood_of_refusals_is_counted_and_does_not_grow_without_end() -> None:
    notes, content = await noted(0)
    for _ in range(MOST_WAITING + 10):
        notes.soon("refusal", "official:1", action="x.do")
    await notes.settled()
    assert len(content) == MOST_WAITING and notes.dropped == 10
    assert await fault_of(notes) is None


async def test_a_store_that_is_away_refuses_a_reading_and_loses_a_refusal_loudly() -> None:
    class Away(MemoryDocuments):
        async def insert(self, document: Document) -> None:
            raise Unavailable("away")

    notes = AccessNotes(Away({}))
    with pytest.raises(Unavailable):
        await notes.note("read", "official:1")
    notes.soon("refusal", "official:1")
    await notes.settled()
    assert notes.dropped == 1

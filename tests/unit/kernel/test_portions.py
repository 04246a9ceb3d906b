"""What a fold does with a store in which somebody else is at work just then."""

from collections.abc import Sequence
from datetime import date

import pytest

from libs.events.flow import folding
from libs.events.flow.folding import Portions, Untried
from libs.events.store.memory import MemoryState
from libs.events.store.ports import Checkpoint, Contended, Move, Stale, Unstorable, Write

WRITE = Write("counters_v1_b2", "a", {"seen": 1})
MOVE = Move("c", "t", 0, None, Checkpoint(5, "h", 5))


class Busy(MemoryState):
    """Refuses some transactions before it takes one; `error` says how."""

    def __init__(self, refusals: int, error: type[Exception] = Contended) -> None:
        super().__init__()
        self.refusals, self.error, self.asked = refusals, error, 0

    async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        self.asked += 1
        if self.asked <= self.refusals:
            raise self.error("somebody is in it")
        await super().transact(writes, moves)


async def folded(state: MemoryState) -> None:
    portions = Portions(state, WRITE.collection, None, whole=True)
    await portions.transact([WRITE], [MOVE])
    await portions.flush()


async def test_a_writer_in_the_way_is_waited_for_and_nothing_is_written_twice() -> None:
    state = Busy(refusals=3)
    await folded(state)
    assert state.asked == 4
    assert await state.load(WRITE.collection, ["a"]) == {"a": {"_id": "a", "seen": 1}}
    assert await state.checkpoints("c", "t") == {0: MOVE.after}


async def test_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "CONTENDED_SECONDS", 0.2)
    with pytest.raises(Contended):
        await folded(Busy(refusals=1_000))


async def test_a_checkpoint_that_somebody_else_has_moved_is_not_waited_for() -> None:
    state = Busy(refusals=1, error=Stale)
    with pytest.raises(Stale):
        await folded(state)
    assert state.asked == 1


async def test_what_cannot_be_stored_shows_with_the_portion_or_before_anything_is_changed() -> None:
    ill = Write(WRITE.collection, "ill", {"seen": date(2024, 9, 2)})
    quick = Portions(state := MemoryState(), WRITE.collection, None, whole=True)
    await quick.transact([WRITE, ill], [MOVE])
    with pytest.raises(Untried):
        await quick.flush()
    careful = Portions(state, WRITE.collection, None, whole=True, careful=True)
    with pytest.raises(Unstorable):
        await careful.transact([WRITE, ill], [MOVE])
    assert await careful.load(WRITE.collection, [WRITE.key]) == {}
    await careful.flush()
    assert await state.checkpoints("c", "t") == {}


async def test_the_store_is_told_what_it_has_never_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only while all that was written is known: afterwards a document may be there."""
    told: list[bool] = []

    class Listening(MemoryState):
        async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
            told.extend(write.fresh for write in writes)
            await super().transact(writes, moves)

    portions, before = Portions(Listening(), WRITE.collection, None, whole=True), None
    for position, held in ((5, 50_000), (6, 0), (7, 0)):
        monkeypatch.setattr(folding, "HELD", held)
        after = Checkpoint(position, "h", position)
        await portions.transact([WRITE], [Move("c", "t", 0, before, after)])
        await portions.flush()
        before = after
    assert told == [True, False, False]

"""What the store's absence or another process's haste must not do to a consumer or a relay."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import pytest

from libs.events.errors import Unavailable
from libs.events.flow import detached, relay, runner
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.cursors import Cursor
from libs.events.flow.detached import DetachedReader
from libs.events.flow.parking import ParkingLot
from libs.events.flow.places import Place
from libs.events.flow.relay import Relay
from libs.events.flow.runner import Subscription
from libs.events.store.memory import MemoryCommits, MemoryDocuments, MemoryState
from libs.events.store.ports import Checkpoint, Document, Move, Stale, Write
from tests import toy

TOPIC = "notifications.events"


class Away(MemoryState):
    """A store that can be away, and tells a test what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.asked: Callable[[str], None] = lambda _: None

    async def checkpoints(self, consumer: str, topic: str) -> dict[int, Checkpoint]:
        if self.away:
            raise Unavailable("away")
        found = await super().checkpoints(consumer, topic)
        self.asked("checkpoints")
        return found

    def documents(self, collection: str) -> MemoryDocuments:
        return AwayDocuments(self, self._collections[collection])


class AwayDocuments(MemoryDocuments):
    def __init__(self, state: Away, content: dict[str, Document]) -> None:
        super().__init__(content)
        self._state = state

    async def find(
        self, where: Mapping[str, Any], *, sort: Sequence[str] = (), skip: int = 0, limit: int = 100
    ) -> list[Document]:
        if self._state.away:
            raise Unavailable("away")
        return await super().find(where, sort=sort, skip=skip, limit=limit)


def parked(key: str) -> Write:
    return Write("parked", f"lot|0|{key}", {"consumer": "lot", "key": key, "n": 1})


def subscription(state: MemoryState) -> Subscription:
    consumer = ProjectionConsumer("notifications", toy.counters, "notifications", state)
    return Subscription("notifications", TOPIC, state, [consumer])


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_waits_is_not_forgotten_while_the_store_is_away() -> None:
    state = Away()
    await state.transact([parked("a")], [])
    lot = ParkingLot("lot", state)
    await lot.load()
    state.away = True
    with pytest.raises(Unavailable):
        await lot.load()
    assert lot.holds("a") == "a"


async def test_a_record_taken_out_by_somebody_else_is_not_missed_in_memory() -> None:
    lot = ParkingLot("lot", Away())
    lot.drained("a")
    assert lot.holds("a") is None and lot.count == 0


async def test_what_another_process_parks_while_one_loads_makes_it_stale_or_is_known() -> None:
    state = Away()
    working = subscription(state)
    name, lot = working.consumers[0].name, working.consumers[0].lot
    after = Checkpoint(1, "1" * 64, 1)
    theirs = Write("parked", "x", {"consumer": lot.consumer, "key": "message-k-a", "n": 1})
    other = [state.transact([theirs], [Move(name, TOPIC, 0, None, after)])]

    def between(_: str) -> None:
        with suppress(StopIteration):
            other.pop().send(None)

    state.asked = between
    await working.assigned({0})
    cursor = working.cursors[name, 0]
    assert cursor.saved is None and lot.holds("message-k-a")
    with pytest.raises(Stale):
        await state.transact([], [Move(name, TOPIC, 0, cursor.saved, after)])


async def test_a_reload_while_the_store_is_away_ends_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    state, calls = Away(), [0]
    working = subscription(state)
    await working.assigned({0})

    async def stale(*_: object) -> None:
        calls[0] += 1
        state.away = calls[0] < 3
        raise Stale("somebody else has moved on")

    monkeypatch.setattr(working, "_late", lambda: ["something to save"])
    monkeypatch.setattr(working, "flush", stale)
    monkeypatch.setattr(runner, "QUIET_SECONDS", 0.01)
    beside = asyncio.create_task(working.run_beside())
    await until(lambda: calls[0] > 3 or beside.done())
    assert not beside.done()
    await ended(beside)


async def test_a_detached_reader_outlives_a_reload_while_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    state, calls = Away(), [0]
    working = subscription(state)
    await working.assigned({0})
    working.cursors[working.consumers[0].name, 0] = Cursor(None, Checkpoint(), attached=False, trouble="behind")
    reader = DetachedReader(working, working.consumers[0], "nowhere")

    async def stale() -> bool:
        calls[0] += 1
        state.away = calls[0] < 2
        raise Stale("somebody else has moved on")

    monkeypatch.setattr(reader, "_read_until_quiet", stale)
    monkeypatch.setattr(detached, "MOST_PAUSE", 0.01)
    reading = asyncio.create_task(reader.run())
    await until(lambda: calls[0] > 1 or reading.done())
    assert not reading.done()
    await ended(reading)


async def test_a_place_forgotten_twice_ends_no_relay(monkeypatch: pytest.MonkeyPatch) -> None:
    state = MemoryState()
    copying = Relay("notifications", TOPIC, "nowhere", MemoryCommits(1), state.documents("relay"), 1, 1.0)
    looks = [0]

    async def read(shards: Sequence[int]) -> dict[int, Place]:
        looks[0] += 1
        copying._forget(0)  # a move that failed, at the same moment
        return {0: Place(7, 7)}

    monkeypatch.setattr(copying._stored, "read", read)
    monkeypatch.setattr(relay, "PLACES_SECONDS", 0.01)
    copying._places[0] = copying._kept[0] = None
    looking = asyncio.create_task(copying._look_at_places())
    await until(lambda: looks[0] > 1 or looking.done())
    assert not looking.done()
    await ended(looking)

"""What is known of a stream saves a look at the store, and is never answered from."""

from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Any, cast

import pytest

from libs.events.contracts.actors import Actor
from libs.events.envelope import Commit
from libs.events.errors import KeyReused, VersionMismatch
from libs.events.ids import make_id
from libs.events.recorded import Recorded
from libs.events.states import Folded, States
from libs.events.store.memory import MemoryCommits
from libs.events.store.ports import Taken
from tests import toy
from tests.toy import Full
from tests.unit.kernel.test_handling import NOW, ONE_SHARD, _Shared, assert_dense, handling, post, stored


class Counted(MemoryCommits):
    """Tells what it is asked."""

    def __init__(self) -> None:
        super().__init__(ONE_SHARD)
        self.asked: list[str] = []
        self.before_read: Callable[[], Awaitable[None]] | None = None

    async def append(self, commits: Sequence[Commit]) -> Taken | None:
        self.asked.append("append")
        return await super().append(commits)

    async def find(self, ids: Sequence[str]) -> dict[str, Commit]:
        self.asked.append("find")
        return await super().find(ids)

    async def read_stream(self, shard: int, stream: str, after: int = 0) -> list[Commit]:
        self.asked.append(f"read after {after}")
        if self.before_read is not None:
            first, self.before_read = self.before_read, None
            await first()
        return await super().read_stream(shard, stream, after)


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """So many messages fill a stream."""
    monkeypatch.setattr(toy, "LIMIT", 10)
    return 10


async def test_a_known_stream_costs_an_insert_and_nothing_else() -> None:
    store = Counted()
    async with handling(store) as handler:
        await handler.handle(post("first"))
        assert store.asked == ["find", "read after 0", "append"]
        store.asked.clear()
        for n in range(3):
            decided = await handler.handle(post(f"more{n}", count=2), expected=1 + 2 * n)
            assert decided.version == 3 + 2 * n
        assert store.asked == ["append"] * 3
        assert (await handler.fold("message-a1-m")).version == 7 and store.asked[-1] == "read after 7"
    await assert_dense(store)


async def test_what_another_process_wrote_is_seen_by_whoever_thinks_to_know(limit: int) -> None:
    store = Counted()
    async with handling(store) as one, handling(_Shared(store)) as other:
        await one.handle(post("first"))
        await other.handle(post("theirs", count=3))
        # Inserted on an old version: the insert fails, and it is decided again.
        assert (await one.handle(post("mine"))).version == 5
        await other.handle(post("theirs again", count=limit - 5))
        with pytest.raises(Full):
            await one.handle(post("too many"))
        assert (await one.fold("message-a1-m")).state.posted == limit
    await assert_dense(store)


async def test_a_refusal_on_what_is_known_is_looked_at_anew(limit: int) -> None:
    """Twice the same command: the second meets its own effect, and is answered as the first."""
    store = Counted()
    async with handling(store) as handler:
        await handler.handle(post("fill", count=limit - 1))
        first = await handler.handle(post("last"), canonical="same")
        again = await handler.handle(post("last"), canonical="same")
        assert again.repeated and again.commit == first.commit
        with pytest.raises(KeyReused):
            await handler.handle(post("last"), canonical="another")
        with pytest.raises(Full):
            await handler.handle(post("one too many"))
        with pytest.raises(VersionMismatch):
            await handler.handle(post("expecting"), expected=1)


async def test_a_repeated_command_that_would_be_accepted_again_is_answered_as_the_first() -> None:
    store = Counted()
    async with handling(store) as handler:
        first = await handler.handle(post("x"))
        await handler.handle(post("y"))
        again = await handler.handle(post("x"))
        assert again.repeated and again.commit == first.commit
    assert len(await stored(store)) == 2


async def test_what_is_learnt_after_the_look_up_hides_nothing_from_it(limit: int) -> None:
    """Another process carries out the very command after it was looked up, and a reader of this one learns of it."""
    store = Counted()
    async with handling(store) as one, handling(_Shared(store)) as other:
        await one.handle(post("fill", count=limit - 1))
        command = post("last")

        async def overtaken() -> None:
            await other.handle(command, canonical="same")
            await one.fold(command.stream)

        store.before_read = overtaken
        decided = await one.handle(command, canonical="same", expected=limit - 2)
        assert decided.repeated and decided.commit is not None and decided.commit.id == command.id


class First(toy.Post, frozen=True):
    """A reaction's command whose stream is most likely new."""

    begins = True


async def test_what_most_likely_begins_a_stream_is_inserted_at_once_and_decided_again_if_it_does_not() -> None:
    store = Counted()
    async with handling(store) as one, handling(_Shared(store)) as other:
        cause = cast(Recorded[Any], SimpleNamespace(id="c", clock=0, correlation_id="c", traceparent="00-1-1-01"))

        def first(n: str) -> First:
            return First(make_id("first", n), NOW, Actor("service", "test"), "a1", "m")

        decided = await one.handle(first("1"), cause=cause)
        assert decided.version == 1 and store.asked == ["append"]
        again = await other.handle(first("1"), cause=cause)
        assert again.repeated and again.commit == decided.commit
        async with handling(_Shared(store)) as third:
            assert (await third.handle(first("2"), cause=cause)).version == 2
    await assert_dense(store)


async def test_the_least_used_states_are_forgotten() -> None:
    states = States(2)
    for name in ("a", "b"):
        states.put(name, Folded(name, 2, 0))
    assert states.get("a") is not None
    states.put("c", Folded("c", 1, 0))
    assert states.get("b") is None and states.get("a") is not None and states.get("c") is not None
    states.put("a", Folded("older", 1, 0))
    found = states.get("a")
    assert found is not None and found.state == "a"

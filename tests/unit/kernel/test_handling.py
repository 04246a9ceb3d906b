"""Commands on the memory store: first results, batches, races lost and won, outcomes unknown, what never enters a log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from libs.events.clock import clock_value
from libs.events.contracts.actors import Actor
from libs.events.contracts.notifications import MessageRead
from libs.events.decider import Decider
from libs.events.envelope import MOST_EVENTS, Commit, commit_fault
from libs.events.errors import KeyReused, Poison, TooLarge, Transient, Unavailable, VersionMismatch
from libs.events.fingerprint import Fingerprints
from libs.events.handling import LARGEST_BATCH, MOST_RACES, Handler
from libs.events.ids import make_id
from libs.events.policies import PolicyIndex
from libs.events.recorded import Recorded
from libs.events.store.memory import MemoryCommits
from libs.events.store.ports import Meta, Taken
from tests import toy
from tests.toy import Full, Post

NOW = datetime(2026, 11, 21, tzinfo=UTC)
ONE_SHARD = 1


class Wall:
    """Wall time that a test moves."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000

    def __call__(self) -> int:
        return self.ms


class Contended(MemoryCommits):
    """Before each append, and as often as asked, another process commits first."""

    def __init__(self, other: str = "other", races: int = 0) -> None:
        super().__init__(ONE_SHARD)
        self.other, self.races = other, races

    async def append(self, commits: Sequence[Commit]) -> Taken | None:
        if self.races:
            self.races -= 1
            async with handling(_Shared(self)) as rival:
                await rival.handle(post(f"rival-{self.races}", name=self.other))
        return await super().append(commits)


class _Shared(MemoryCommits):
    """Another process's view of the same store."""

    def __init__(self, of: MemoryCommits) -> None:
        self.__dict__ = of.__dict__


class Unsure(MemoryCommits):
    """An insert whose answer is lost, after it was done or before."""

    def __init__(self, done: bool) -> None:
        super().__init__(ONE_SHARD)
        self.done, self.lost = done, False

    async def append(self, commits: Sequence[Commit]) -> Taken | None:
        if self.lost:
            return await super().append(commits)
        self.lost = True
        if self.done:
            await super().append(commits)
        raise Unavailable("the answer was lost")


class Overtaken(MemoryCommits):
    """Another process carries out the very command between its look-up and the reading of its stream."""

    def __init__(self) -> None:
        super().__init__(ONE_SHARD)
        self.rival: Post | None = None

    async def read_stream(self, shard: int, stream: str, after: int = 0) -> list[Commit]:
        if self.rival is not None:
            command, self.rival = self.rival, None
            async with handling(_Shared(self)) as other:
                await other.handle(command, canonical="same")
        return await super().read_stream(shard, stream, after)


@asynccontextmanager
async def handling(
    store: MemoryCommits, wall: Wall | None = None, decider: Decider[Any] = toy.decider
) -> AsyncIterator[Handler]:
    handler = Handler(
        "notifications", [decider], store, Meta("test", ONE_SHARD, 1), PolicyIndex(), wall or Wall(),
        Fingerprints("0:secret"),
    )  # fmt: skip
    yield handler
    await handler.close()


@pytest.fixture
def store() -> MemoryCommits:
    return MemoryCommits(ONE_SHARD)


@pytest.fixture
async def handler(store: MemoryCommits) -> AsyncIterator[Handler]:
    async with handling(store) as made:
        yield made


def post(id: str, name: str = "m", **more: Any) -> Post:
    return Post(make_id("test", id), NOW, Actor("service", "test"), key="a1", name=name, **more)


async def stored(store: MemoryCommits) -> list[Commit]:
    return await store.read_shard(0, 0, 1_000)


async def assert_dense(store: MemoryCommits) -> None:
    position, hash_, clock = 0, "0" * 64, 0
    for commit in await stored(store):
        assert commit_fault(commit) is None
        assert (commit.position, commit.previous_hash) == (position + 1, hash_)
        assert int(commit.clock, 16) > clock
        position, hash_, clock = commit.last_position, commit.hash, int(commit.clock, 16)


async def test_equal_ids_in_one_batch_share_one_result(store: MemoryCommits, handler: Handler) -> None:
    one, two = await asyncio.gather(*(handler.handle(post("x"), canonical="same") for _ in range(2)))
    assert one.commit == two.commit
    assert (one.repeated, two.repeated) == (False, True)
    assert len(await stored(store)) == 1


async def test_of_equal_ids_in_one_batch_another_request_is_told(store: MemoryCommits, handler: Handler) -> None:
    first, other = await asyncio.gather(
        handler.handle(post("x"), canonical="this"),
        handler.handle(post("x", title="that"), canonical="that"),
        return_exceptions=True,
    )
    assert not isinstance(first, BaseException) and isinstance(other, KeyReused)
    assert len(await stored(store)) == 1


async def test_a_refusal_beside_accepted_commands_harms_none_of_them(store: MemoryCommits, handler: Handler) -> None:
    before, refused, after = await asyncio.gather(
        handler.handle(post("1", count=100)),
        handler.handle(post("2", count=100_000)),
        handler.handle(post("3", count=5)),
        return_exceptions=True,
    )
    assert isinstance(refused, Full)
    assert [d.version for d in (before, after)] == [100, 105]  # type: ignore[union-attr]
    await assert_dense(store)


async def test_each_command_of_a_batch_sees_those_before_it(store: MemoryCommits, handler: Handler) -> None:
    nearly = [handler.handle(post(f"n{n}", count=100)) for n in range(10)]
    *accepted, last = await asyncio.gather(*nearly, handler.handle(post("last")), return_exceptions=True)
    assert [d.version for d in accepted] == list(range(100, 1_001, 100))  # type: ignore[union-attr]
    assert isinstance(last, Full)


async def test_more_commands_than_one_batch_holds_all_get_their_answer(store: MemoryCommits, handler: Handler) -> None:
    count = LARGEST_BATCH * 2 + 7
    decided = await asyncio.gather(*(handler.handle(post(str(n), name=f"m{n % 3}")) for n in range(count)))
    assert len({d.commit.position for d in decided if d.commit}) == count
    await assert_dense(store)


async def test_a_commit_that_is_too_large_is_refused_before_the_insert(store: MemoryCommits, handler: Handler) -> None:
    too_long, too_many, fine = await asyncio.gather(
        handler.handle(post("1", title="企" * 90_000)),
        handler.handle(post("2", count=MOST_EVENTS + 1)),
        handler.handle(post("3", count=MOST_EVENTS)),
        return_exceptions=True,
    )
    assert isinstance(too_long, TooLarge) and isinstance(too_many, TooLarge)
    assert not isinstance(fine, BaseException)
    assert [c.last_position for c in await stored(store)] == [MOST_EVENTS]


async def test_a_version_that_is_no_longer_the_newest_is_told(store: MemoryCommits, handler: Handler) -> None:
    await handler.handle(post("1", count=2))
    with pytest.raises(VersionMismatch) as found:
        await handler.handle(post("2"), expected=1)
    assert (found.value.expected, found.value.actual) == (1, 2)
    assert (await handler.handle(post("3"), expected=2)).version == 3


async def test_of_two_that_name_the_same_version_one_is_told(store: MemoryCommits, handler: Handler) -> None:
    answers = await asyncio.gather(
        handler.handle(post("1"), expected=0), handler.handle(post("2"), expected=0), return_exceptions=True
    )
    assert isinstance(answers[1], VersionMismatch)
    assert len(await stored(store)) == 1


async def test_a_lost_position_is_renumbered_and_chained_anew() -> None:
    store = Contended(races=3)
    async with handling(store) as handler:
        decided = await handler.handle(post("mine", count=2))
    assert decided.commit is not None and decided.commit.position == 4 and decided.version == 2
    await assert_dense(store)


async def test_a_lost_version_is_decided_again_on_the_new_state() -> None:
    store = Contended(other="m", races=2)
    async with handling(store) as handler:
        decided = await handler.handle(post("mine"))
    assert decided.version == 3
    assert '"body":"2"' in (await stored(store))[-1].events[0].body
    await assert_dense(store)


async def test_a_lost_version_that_the_caller_named_is_told() -> None:
    async with handling(Contended(other="m", races=1)) as handler:
        with pytest.raises(VersionMismatch):
            await handler.handle(post("mine"), expected=0)


async def test_commands_behind_a_loser_are_decided_again_and_all_are_answered() -> None:
    store = Contended(other="m", races=2)
    async with handling(store) as handler:
        decided = await asyncio.gather(*(handler.handle(post(f"c{n}", name=f"m{n % 2 or ''}")) for n in range(6)))
    assert len({d.commit.id for d in decided if d.commit}) == 6
    await assert_dense(store)


async def test_after_too_many_lost_races_the_caller_is_asked_to_come_again() -> None:
    store = Contended(races=MOST_RACES + 1)
    async with handling(store) as handler:
        with pytest.raises(Transient) as found:
            await handler.handle(post("mine"))
        assert found.value.retry_after == 1
        assert (await handler.handle(post("mine"))).version == 1
    await assert_dense(store)


async def test_a_command_is_not_refused_for_what_it_has_done_itself_in_another_process() -> None:
    store = Overtaken()
    async with handling(store) as handler:
        store.rival = post("twice")
        decided = await handler.handle(store.rival, canonical="same", expected=0)
        assert decided.repeated and decided.commit == (await stored(store))[0]
        with pytest.raises(KeyReused):
            store.rival = post("again", name="n")
            await handler.handle(post("again", name="n"), canonical="another", expected=0)


async def test_an_insert_whose_answer_was_lost_is_found() -> None:
    store = Unsure(done=True)
    async with handling(store) as handler:
        decided = await handler.handle(post("x"))
        again = await handler.handle(post("x"))
    assert again.repeated and again.commit == decided.commit
    assert len(await stored(store)) == 1


async def test_a_key_that_was_used_before_is_no_outcome_of_an_insert_without_an_answer() -> None:
    """Decided on what is known, so without a look-up; then the answer of the insert is lost, and the key's first is found."""
    store = Unsure(done=False)
    store.lost = True
    async with handling(store) as handler:
        first = await handler.handle(post("x"), canonical="one")
        store.lost = False
        with pytest.raises(KeyReused):
            await handler.handle(post("x", title="another"), canonical="another")
        store.lost = False
        again = await handler.handle(post("x"), canonical="one")
        assert again.repeated and again.commit == first.commit


async def test_an_insert_that_was_not_done_may_be_repeated() -> None:
    store = Unsure(done=False)
    async with handling(store) as handler:
        with pytest.raises(Unavailable):
            await handler.handle(post("x"))
        assert not (await handler.handle(post("x"))).repeated
    await assert_dense(store)


async def test_a_refusal_that_rests_on_an_unknown_outcome_is_no_answer() -> None:
    async with handling(Unsure(done=False)) as handler:
        answers = await asyncio.gather(
            *(handler.handle(post(f"n{n}", count=100)) for n in range(10)),
            handler.handle(post("refused only if the others stand")),
            return_exceptions=True,
        )
        assert all(isinstance(answer, Unavailable) for answer in answers)


async def test_a_wall_that_jumps_back_leaves_time_and_clock_going_on(store: MemoryCommits) -> None:
    wall = Wall()
    async with handling(store, wall) as handler:
        first = (await handler.handle(post("1"))).commit
        wall.ms -= 3_600_000
        second = (await handler.handle(post("2", name="n"))).commit
    assert first is not None and second is not None
    assert second.recorded_at == first.recorded_at
    assert int(second.clock, 16) == int(first.clock, 16) + 1


async def test_a_commit_is_after_its_cause_and_in_its_trace(handler: Handler) -> None:
    ahead = clock_value(1_800_000_999_999)
    cause: Recorded[Any] = Recorded(
        MessageRead(NOW, "m", "r"), "e.1", "review.X.v1", "review", "case-a1-1", 1, "a1", 0, 9, "0" * 64, NOW, ahead,
        Actor("service", "review"), "root", "root", f"00-{'a' * 32}-{'b' * 16}-01",
    )  # fmt: skip
    commit = (await handler.handle(post("x"), cause=cause)).commit
    assert commit is not None
    assert int(commit.clock, 16) > ahead
    assert (commit.correlation_id, commit.causation_id) == ("root", "e.1")
    assert commit.traceparent.startswith(f"00-{'a' * 32}-") and commit.traceparent != cause.traceparent


def deciding(decide: Any) -> Decider[Any]:
    return msgspec.structs.replace(toy.decider, decide=decide)


async def test_a_defect_in_a_rule_is_its_callers_failure_alone(store: MemoryCommits) -> None:
    def decide(command: Post, state: toy.State, facts: Any) -> Any:
        if command.title == "defect":
            raise ZeroDivisionError
        return toy.decide(command, state, facts)

    async with handling(store, decider=deciding(decide)) as handler:
        bad, good = await asyncio.gather(
            handler.handle(post("1", title="defect")), handler.handle(post("2")), return_exceptions=True
        )
    assert isinstance(bad, ZeroDivisionError)
    assert not isinstance(good, BaseException) and good.version == 1


async def test_what_no_reader_could_decode_never_enters_the_log(store: MemoryCommits) -> None:
    def decide(command: Post, state: toy.State, facts: Any) -> Any:
        return [MessageRead(NOW, message=7, reader="r")]  # type: ignore[arg-type]

    async with handling(store, decider=deciding(decide)) as handler:
        with pytest.raises(Poison):
            await handler.handle(post("x"))
    assert await stored(store) == []


async def test_an_empty_decision_is_answered_and_not_recorded(store: MemoryCommits) -> None:
    async with handling(store, decider=deciding(lambda *_: [])) as handler:
        decided = await handler.handle(post("x"))
    assert (decided.commit, decided.version) == (None, 0)
    assert await stored(store) == []


async def test_a_state_as_of_a_time_leaves_later_commits_out(store: MemoryCommits) -> None:
    wall = Wall()
    async with handling(store, wall) as handler:
        first = (await handler.handle(post("1", count=2))).commit
        wall.ms += 60_000
        await handler.handle(post("2"))
        assert first is not None
        then = await handler.fold(first.stream, as_of=first.recorded_at)
        assert (then.version, then.state.posted) == (2, 2)
        assert (await handler.fold(first.stream)).version == 3


async def test_a_commit_says_where_it_is_from(handler: Handler, store: MemoryCommits) -> None:
    await handler.handle(post("x"))
    assert [commit.source for commit in await stored(store)] == ["/tidu/test/1/notifications"]


async def test_whoever_waits_when_a_process_stops_is_told(store: MemoryCommits) -> None:
    others = asyncio.all_tasks()
    async with handling(store) as handler:
        waiting = [asyncio.create_task(handler.handle(post(f"{n}"))) for n in range(3)]
        await asyncio.sleep(0)
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(one, Unavailable) for one in found)
    assert not [task for task in asyncio.all_tasks() - others if task.get_name().startswith("writer-")]

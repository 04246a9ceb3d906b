"""One suite that every store must pass: dense shards, unique keys, ordered appends, transactions with checkpoints."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from libs.events.contracts.actors import Actor
from libs.events.envelope import GENESIS, MOST_EVENTS, Commit, StoredEvent, chained
from libs.events.ids import make_id
from libs.events.store.memory import MemoryCommits, MemoryState
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState
from libs.events.store.ports import (
    AlreadyThere,
    Checkpoint,
    CommitStore,
    Move,
    Stale,
    StateStore,
    Taken,
    Unstorable,
    Write,
)
from tests.backends import Backends


@dataclass
class Stores:
    commits: CommitStore
    state: StateStore
    another: Callable[[], CommitStore]
    """The same commits, as a process sees them that knows nothing yet."""


@pytest.fixture(params=["memory", pytest.param("mongo", marks=pytest.mark.integration)])
async def stores(request: pytest.FixtureRequest, backends: Backends) -> AsyncIterator[Stores]:
    if request.param == "memory":
        memory = MemoryCommits()
        yield Stores(memory, MemoryState(), lambda: memory)
        return
    prefix = await backends.fresh()
    client = connect(backends.store_uri)
    state = MongoState(client, "review", prefix)
    yield Stores(MongoCommits(client, "review", prefix), state, lambda: MongoCommits(client, "review", prefix))
    client.close()


def commit(
    n: int, position: int, *, stream: str = "case-a-1", version: int | None = None, events: int = 1, shard: int = 0
) -> Commit:
    return chained(
        Commit(
            id=make_id("test", str(n)), fingerprint="-", envelope=1, source="/tidu/test/1/review", partition_key="a",
            shard=shard, position=position, last_position=position + events - 1, stream=stream,
            version=version or position, last_version=(version or position) + events - 1, reads=[("window-x-1", 3)],
            recorded_at="2026-11-21T00:00:00.000Z", clock=f"{n:016x}", actor=Actor("service", "review").ref,
            correlation_id="c", causation_id="c", traceparent="", previous_hash=GENESIS, hash="",
            events=[StoredEvent(f"{make_id('test', str(n))}.{i + 1}", "review.X.v1", '{"名":"厦门"}', "") for i in range(events)],
        )
    )  # fmt: skip


async def test_what_was_appended_is_read_back_exactly(stores: Stores) -> None:
    first, second = commit(1, 1, events=2), commit(2, 3)
    assert await stores.commits.append([first, second]) is None
    assert await stores.commits.read_stream(0, "case-a-1") == [first, second]
    assert await stores.commits.read_stream(0, "case-a-1", first.last_version) == [second]
    assert await stores.commits.read_shard(0, 2, 10) == [second]
    assert await stores.commits.find([first.id, "nobody"]) == {first.id: first}
    head = await stores.commits.head(0)
    assert (head.position, head.hash, head.clock) == (3, second.hash, 2)
    assert await stores.commits.commit_at(0, 2) == first
    assert await stores.commits.commit_at(0, 4) is None


async def test_an_empty_shard_has_the_genesis_head(stores: Stores) -> None:
    head = await stores.commits.head(3)
    assert (head.position, head.hash) == (0, GENESIS)


@pytest.mark.parametrize(
    ("second", "key"),
    [
        (commit(1, 2), "id"),
        (commit(2, 1, stream="case-a-2", version=1), "position"),
        (commit(2, 2, version=1), "version"),
    ],
)
async def test_a_taken_key_is_named(stores: Stores, second: Commit, key: str) -> None:
    assert await stores.commits.append([commit(1, 1)]) is None
    assert await stores.commits.append([second]) == Taken(0, key)


async def test_an_ordered_append_stops_at_the_first_taken(stores: Stores) -> None:
    await stores.commits.append([commit(1, 1)])
    taken = await stores.commits.append([commit(2, 2), commit(3, 2, version=9), commit(4, 3)])
    assert taken == Taken(1, "position")
    assert [c.position for c in await stores.commits.read_shard(0, 0, 10)] == [1, 2]


async def test_racing_writers_leave_a_dense_shard(stores: Stores) -> None:
    async def write(writer: int) -> None:
        for n in range(10):
            while True:
                head = await stores.commits.head(0)
                mine = commit(writer * 100 + n, head.position + 1, stream=f"case-a-{writer}", version=n + 1)
                if await stores.commits.append([mine]) is None:
                    break

    await asyncio.gather(*(write(writer) for writer in range(4)))
    positions = [c.position for c in await stores.commits.read_shard(0, 0, 100)]
    assert positions == list(range(1, 41))


SIZES = (1, 3, MOST_EVENTS, 2, 70, MOST_EVENTS, 1)


@pytest.mark.parametrize("number", [1, 2, 3, 6, 7, 40])
async def test_a_long_shard_is_found_to_its_end_however_long_its_commits_are(stores: Stores, number: int) -> None:
    position, made = 1, list[Commit]()
    for n in range(number):
        made.append(commit(n + 1, position, events=SIZES[n % len(SIZES)]))
        position = made[-1].last_position + 1
    await stores.commits.append(made)
    for limit in (1, 5, 500):
        store, found, after = stores.another(), list[Commit](), 0
        while page := await store.read_shard(0, after, limit):
            found, after = found + page, page[-1].last_position
        assert found == made
    assert (await stores.another().head(0)).hash == made[-1].hash
    for one in made[-3:]:
        for at in (one.position, one.last_position):
            assert await stores.another().commit_at(0, at) == one


async def test_what_lies_beyond_a_hole_is_found(stores: Stores) -> None:
    """Somebody has taken commits away, or a backup is too old: nobody may take the hole for the end."""
    far = 40 * MOST_EVENTS
    made = [commit(1, 1), commit(2, 2), commit(3, far), commit(4, far + 1)]
    await stores.commits.append(made)
    for store in (stores.another(), stores.commits):
        assert await store.read_shard(0, 2, 10) == made[2:]
    assert (await stores.another().head(0)).position == far + 1


async def test_streams_are_read_by_range(stores: Stores) -> None:
    await stores.commits.append([commit(1, 1, stream="policy-a-x"), commit(2, 2, stream="case-a-1", version=1)])
    found = await stores.commits.read_streams(0, "policy-", "policy.")
    assert [c.stream for c in found] == ["policy-a-x"]
    assert await stores.commits.newest_of(0, "policy-", "policy.") == 1
    assert await stores.commits.newest_of(0, "policy.", "z") == 0


def move(before: Checkpoint | None, position: int) -> Move:
    return Move("c", "t", 0, before, Checkpoint(position, f"{position:064d}", position))


async def test_a_checkpoint_moves_only_from_where_it_is(stores: Stores) -> None:
    first = move(None, 1)
    await stores.state.transact([Write("docs", "k", {"n": 1})], [first])
    with pytest.raises(Stale):
        await stores.state.transact([Write("docs", "k", {"n": 2})], [move(None, 2)])
    with pytest.raises(Stale):
        await stores.state.transact([Write("docs", "k", {"n": 3})], [move(Checkpoint(9, "x", 9), 10)])
    assert (await stores.state.load("docs", ["k"]))["k"]["n"] == 1
    await stores.state.transact([Write("docs", "k", {"n": 4})], [move(first.after, 2)])
    assert (await stores.state.load("docs", ["k"]))["k"]["n"] == 4
    assert (await stores.state.checkpoints("c", "t"))[0].position == 2


async def test_a_deletion_that_must_find_its_document_lets_one_of_two_win(stores: Stores) -> None:
    await stores.state.transact([Write("docs", "k", {"n": 1}), Write("docs", "other", {"n": 1})], [])
    out = Write("docs", "k", None, there=True)
    await stores.state.transact([Write("docs", "other", {"n": 2}), out], [move(None, 1)])
    with pytest.raises(Stale):
        await stores.state.transact([Write("docs", "other", {"n": 3}), out], [move(move(None, 1).after, 2)])
    assert (await stores.state.load("docs", ["k", "other"])) == {"other": {"_id": "other", "n": 2}}
    assert (await stores.state.checkpoints("c", "t"))[0].position == 1


async def test_a_document_that_nobody_has_written_is_stale_when_somebody_has(stores: Stores) -> None:
    fresh = [Write("docs", "other", {"n": 1}), Write("docs", "k", {"n": 1}, fresh=True)]
    await stores.state.transact(fresh, [move(None, 1)])
    again = [Write("docs", "other", {"n": 2}), Write("docs", "k", {"n": 2}, fresh=True)]
    with pytest.raises(Stale):
        await stores.state.transact(again, [move(move(None, 1).after, 2)])
    found = await stores.state.load("docs", ["k", "other"])
    assert {key: document["n"] for key, document in found.items()} == {"k": 1, "other": 1}
    assert (await stores.state.checkpoints("c", "t"))[0].position == 1


@pytest.mark.parametrize("value", [date(2024, 9, 2), 2**70, Decimal(1), {1: 2}])
async def test_what_no_store_can_hold_is_said_and_nothing_is_written(stores: Stores, value: object) -> None:
    with pytest.raises(Unstorable):
        stores.state.check({"value": value})
    with pytest.raises(Unstorable):
        await stores.state.transact(
            [Write("docs", "a", {"n": 1}), Write("docs", "k", {"value": value})], [move(None, 1)]
        )
    assert await stores.state.load("docs", ["a", "k"]) == {}
    assert await stores.state.checkpoints("c", "t") == {}


async def test_racing_transactions_let_one_win(stores: Stores) -> None:
    await stores.state.transact([], [move(None, 1)])
    before = (await stores.state.checkpoints("c", "t"))[0]

    async def attempt(n: int) -> bool:
        try:
            await stores.state.transact([Write("docs", f"k{n}", {"n": n})], [move(before, 2 + n)])
        except Stale:
            return False
        return True

    won = await asyncio.gather(*(attempt(n) for n in range(5)))
    assert sum(won) == 1
    assert len(await stores.state.documents("docs").find({})) == 1


async def test_parts_of_a_document_are_written_apart(stores: Stores) -> None:
    await stores.state.transact([Write("docs", "k", {"a": 1}, part="review")], [])
    await stores.state.transact([Write("docs", "k", {"b": 2}, part="identity")], [])
    assert (await stores.state.load("docs", ["k"]))["k"] == {"_id": "k", "review": {"a": 1}, "identity": {"b": 2}}


async def test_documents_are_compared_and_set(stores: Stores) -> None:
    drafts = stores.state.documents("drafts")
    await drafts.insert({"_id": "d", "version": 1})
    with pytest.raises(AlreadyThere):
        await drafts.insert({"_id": "d", "version": 1})
    assert await drafts.replace({"_id": "d", "version": 2}, {"version": 1})
    assert not await drafts.replace({"_id": "d", "version": 3}, {"version": 1})
    assert not await drafts.replace({"_id": "d", "version": 3}, {"version": 1}, upsert=True)
    assert await drafts.update("d", {"note": "x"}, {"version": 2})
    assert await drafts.get("d") == {"_id": "d", "version": 2, "note": "x"}
    assert await drafts.count({"version": {"$gte": 2}}) == 1
    assert await drafts.delete({"version": {"$in": [2]}}) == 1


async def test_finding_sorts_and_pages(stores: Stores) -> None:
    docs = stores.state.documents("docs")
    for n in range(5):
        await docs.insert({"_id": str(n), "n": n, "tags": ["x", str(n % 2)]})
    found = await docs.find({"tags": "1"}, sort=("-n",))
    assert [d["n"] for d in found] == [3, 1]
    assert [d["n"] for d in await docs.find({}, sort=("n",), skip=1, limit=2)] == [1, 2]
    assert len(await docs.find({"$or": [{"n": 1}, {"n": {"$lt": 1}}]})) == 2


async def test_a_projection_is_forgotten_with_its_checkpoints(stores: Stores) -> None:
    await stores.state.transact([Write("docs", "k", {"n": 1})], [move(None, 1)])
    await stores.state.forget("docs", "c")
    assert await stores.state.load("docs", ["k"]) == {}
    assert await stores.state.checkpoints("c", "t") == {}


async def test_blobs_come_back(stores: Stores) -> None:
    blobs = stores.state.blobs()
    content = bytes(range(256)) * 4_000
    await blobs.put("b", content)
    await blobs.put("b", content)
    assert await blobs.get("b") == content
    assert await blobs.get("none") is None


def test_the_sample_commit_is_what_a_store_holds() -> None:
    assert msgspec.convert(msgspec.to_builtins(commit(1, 1)), Commit) == commit(1, 1)

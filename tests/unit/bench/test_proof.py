"""What the load was told must stand in the log as it was told: the check must notice each way in which it does not."""

import pytest

from bench.frame import Lost
from bench.people import Receipt
from bench.proof import _once, _there
from libs.events.envelope import GENESIS, Commit, StoredEvent, chained
from libs.events.store.memory import MemoryCommits

CASE = "case-" + "1" * 32 + "-" + "2" * 32


def commit(n: int, cause: str) -> Commit:
    event = StoredEvent(f"command{n}.1", "review.ReviewStarted.v1", "{}", "")
    return chained(
        Commit(
            id=f"command{n}", fingerprint="-", envelope=1, source="/tidu/t/1/review", partition_key="1" * 32, shard=0,
            position=n, last_position=n, stream=CASE, version=n, last_version=n, reads=[],
            recorded_at="2026-11-21T00:00:00.000Z", clock=f"{n:016x}", actor="service:review", correlation_id="c",
            causation_id=cause, traceparent="", events=[event], previous_hash=GENESIS, hash="",
        )
    )  # fmt: skip


def receipt(told: Commit, **wrong: object) -> Receipt:
    content = {"hash": told.hash, "events": [{"id": told.events[0].id}]} | wrong
    return Receipt(told.id, "review", 0, told.last_position, content)


async def store_of(*commits: Commit) -> MemoryCommits:
    store = MemoryCommits()
    for one in commits:
        assert await store.append([one]) is None
    return store


async def test_what_stands_as_it_was_acknowledged_is_right() -> None:
    first = commit(1, "e")
    await _there(await store_of(first), [receipt(first)])


async def test_a_lost_command_is_noticed() -> None:
    with pytest.raises(Lost, match="not in the log"):
        await _there(await store_of(), [receipt(commit(1, "e"))])


async def test_a_command_that_stands_otherwise_is_noticed() -> None:
    first = commit(1, "e")
    with pytest.raises(Lost, match="otherwise"):
        await _there(await store_of(first), [receipt(first, hash="0" * 64)])


@pytest.mark.parametrize("causes", [(), ("command1.1", "command1.1")])
async def test_a_submission_that_review_never_took_up_or_twice_is_noticed(causes: tuple[str, ...]) -> None:
    store = await store_of(*(commit(n, cause) for n, cause in enumerate(causes, start=1)))
    with pytest.raises(Lost, match=f"taken up {len(causes)} times"):
        await _once(store, [receipt(commit(1, "somebody"))])
    await _once(await store_of(commit(1, "command1.1")), [receipt(commit(1, "somebody"))])

"""Whoever changes, deletes, swaps, cuts or forges is named with the position; a log that was lost comes back equal."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from pymongo import MongoClient

from libs.events.audit.replay import NoSuchCase, replay_case
from libs.events.audit.restore import NotRestorable, restore
from libs.events.audit.startcheck import NotTheSameLog, check_start
from libs.events.audit.verify import Against, Report, verify_service
from libs.events.clock import system_wall
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import contracts
from libs.events.contracts.schemas import sample_of
from libs.events.contracts.times import instant
from libs.events.envelope import Commit, chained
from libs.events.errors import Unavailable
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from tests.backends import SHARDS, Backends
from tests.integration.lab import SERVICE, Log, Say, log_of, posted, produce_commits, say, saying
from tests.integration.running import eventually, running, settings
from tests.toy import service

pytestmark = pytest.mark.integration


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    """Twelve commits of two events in one shard, three in another, all in the topic."""
    async with log_of(backends, await backends.fresh()) as made:
        for n in range(12):
            await made.post(n, count=2, name=f"m{n % 2}")
        elsewhere = next(f"b{n}" for n in range(99) if made.handler.shard(f"message-b{n}-m") != home(made))
        for n in range(3):
            await made.post(n, key=elsewhere)
        await made.relayed()
        yield made


def home(log: Log) -> int:
    return log.handler.shard(posted(0).stream)


async def verified(log: Log, against: Against = "both") -> Report:
    return await verify_service(SERVICE, log.store, log.backends.kafka, log.topic, against)


def faults(report: Report) -> list[tuple[int, int]]:
    return [(fault.shard, fault.position) for fault in report.faults]


class Tamperer:
    """An administrator with bad intentions, on one shard of one log."""

    def __init__(self, log: Log) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(log.backends.store_uri, retryWrites=False)
        self._commits, self._shard = self._client[f"{log.prefix}{SERVICE}_log"]["commits"], home(log)

    def __enter__(self) -> "Tamperer":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def at(self, position: int) -> dict[str, Any]:
        found = self._commits.find_one({"shard": self._shard, "position": position})
        assert found is not None
        return found

    def put(self, commit: dict[str, Any]) -> None:
        assert self._commits.replace_one({"_id": commit["_id"]}, commit).modified_count == 1

    def delete(self, *, after: int, until: int) -> int:
        where = {"shard": self._shard, "position": {"$gt": after, "$lte": until}}
        return self._commits.delete_many(where).deleted_count

    def insert(self, commit: dict[str, Any]) -> None:
        self._commits.insert_one(commit)


async def test_a_true_log_verifies_to_its_last_position(log: Log) -> None:
    for against in ("store", "topic", "both"):
        report = await verified(log, against)  # type: ignore[arg-type]
        assert report.faults == ()
        assert sorted(s.positions for s in report.shards) == [0, 0, 3, 24]
        heads = {s.shard: s.head for s in report.shards if s.positions}
        assert heads == {shard: (await log.store.head(shard)).hash for shard in heads}
    assert all(s.topic_positions == s.positions for s in (await verified(log)).shards)


@pytest.mark.parametrize("position", [1, 12, 24])
async def test_one_flipped_byte_is_named_with_its_position(log: Log, position: int) -> None:
    with Tamperer(log) as tamperer:
        first = position - (position + 1) % 2
        commit = tamperer.at(first)
        event = commit["events"][position - first]
        event["body"] = event["body"].replace('"template":"t"', '"template":"u"')
        tamperer.put(commit)
    assert faults(await verified(log)) == [(home(log), position)]
    assert faults(await verified(log, "store")) == [(home(log), position)]
    assert (await verified(log, "topic")).faults == ()


@pytest.mark.parametrize("field", ["actor", "recorded_at", "fingerprint", "causation_id", "source", "stream", "_id"])
async def test_a_changed_field_is_named_with_its_position(log: Log, field: str) -> None:
    with Tamperer(log) as tamperer:
        commit = tamperer.at(7)
        tamperer.delete(after=6, until=7)
        tamperer.insert({**commit, field: commit[field][:-1] + ("9" if commit[field][-1] != "9" else "8")})
    assert faults(await verified(log)) == [(home(log), 7)]


async def test_a_changed_trace_is_seen_against_the_topic_alone(log: Log) -> None:
    """`traceparent` stands outside the hash; the copy still knows it."""
    with Tamperer(log) as tamperer:
        tamperer.put({**tamperer.at(7), "traceparent": "x"})
    assert (await verified(log, "store")).faults == ()
    assert faults(await verified(log)) == [(home(log), 7)]


async def test_a_commit_whose_hashes_were_made_anew_breaks_the_chain_after_it(log: Log) -> None:
    with Tamperer(log) as tamperer:
        commit = tamperer.at(9)
        commit["events"][0]["body"] = commit["events"][0]["body"].replace('"t"', '"u"')
        tamperer.put(msgspec.to_builtins(chained(msgspec.convert(commit, Commit))))
    assert faults(await verified(log, "store")) == [(home(log), 11)]


async def test_a_deleted_commit_is_a_missing_position(log: Log) -> None:
    with Tamperer(log) as tamperer:
        assert tamperer.delete(after=6, until=7) == 1
    report = await verified(log)
    assert faults(report) == [(home(log), 9)]
    assert "expected position 7, found 9" in report.faults[0].what


async def test_a_swapped_pair_is_named(log: Log) -> None:
    with Tamperer(log) as tamperer:
        one, two = tamperer.at(5), tamperer.at(7)
        tamperer.delete(after=4, until=7)
        numbers = ("position", "last_position")
        tamperer.insert({**two, **{name: one[name] for name in numbers}})
        tamperer.insert({**one, **{name: two[name] for name in numbers}})
    assert faults(await verified(log)) == [(home(log), 5)]


async def test_a_cut_tail_is_seen_against_the_topic(log: Log) -> None:
    with Tamperer(log) as tamperer:
        assert tamperer.delete(after=19, until=24) == 2
    assert (await verified(log, "store")).faults == ()
    report = await verified(log)
    assert faults(report) == [(home(log), 21)]
    assert "does not have" in report.faults[0].what


async def test_a_document_that_is_no_commit_is_named(log: Log) -> None:
    with Tamperer(log) as tamperer:
        tamperer.put({**tamperer.at(7), "events": "none"})
    (fault,) = (await verified(log, "store")).faults
    assert fault.shard == home(log) and "cannot be read" in fault.what


async def newest(log: Log) -> Commit:
    return (await log.store.read_shard(home(log), 0, 100))[-1]


def told_otherwise(commit: Commit, **changes: Any) -> Commit:
    body = commit.events[0].body.replace('"template":"t"', '"template":"u"')
    events = [msgspec.structs.replace(commit.events[0], body=body), *commit.events[1:]]
    return chained(msgspec.structs.replace(commit, events=events, **changes))


async def test_a_forged_commit_after_the_topics_end_is_named(log: Log) -> None:
    last = await newest(log)
    follows = {"position": 25, "last_position": 26, "version": 13, "last_version": 14, "previous_hash": last.hash}
    await produce_commits(log.backends, log.topic, [told_otherwise(last, **follows)])
    report = await verified(log)
    assert faults(report) == [(home(log), 25)]


async def test_a_second_history_of_the_topics_end_is_named(log: Log) -> None:
    await produce_commits(log.backends, log.topic, [told_otherwise(await newest(log))])
    report = await verified(log)
    assert faults(report) == [(home(log), 24)] and "forks" in report.faults[0].what


async def test_a_forged_commit_that_does_not_follow_is_a_fork(log: Log) -> None:
    follows = {"position": 25, "last_position": 26, "previous_hash": "f" * 64}
    await produce_commits(log.backends, log.topic, [told_otherwise(await newest(log), **follows)])
    report = await verified(log, "topic")
    assert faults(report) == [(home(log), 25)] and "forks" in report.faults[0].what


async def test_an_envelope_unknown_here_is_a_fault_and_no_crash(log: Log) -> None:
    last = await newest(log)
    follows = {"position": 25, "last_position": 26, "version": 13, "last_version": 14, "previous_hash": last.hash}
    await produce_commits(log.backends, log.topic, [told_otherwise(last, envelope=2, **follows)])
    (fault,) = (await verified(log)).faults
    assert (fault.shard, fault.position) == (home(log), 25) and "envelope" in fault.what
    with pytest.raises(NotTheSameLog, match="envelope 2"):
        await check_start(log.backends.kafka, log.topic, log.store, SHARDS)


async def test_lost_commits_come_back_from_the_topic_with_the_same_numbers_and_bytes(log: Log) -> None:
    before = await log.commits()
    with Tamperer(log) as tamperer:
        assert tamperer.delete(after=9, until=24) == 7
    assert await restore(log.store, log.backends.kafka, log.topic, SHARDS) == 7
    assert await log.commits() == before
    assert (await verified(log)).faults == ()
    assert await restore(log.store, log.backends.kafka, log.topic, SHARDS) == 0


async def test_a_store_that_was_lost_whole_comes_back_equal(log: Log) -> None:
    before = await log.commits()
    with Tamperer(log) as tamperer:
        tamperer._commits.delete_many({})
    assert await restore(log.store, log.backends.kafka, log.topic, SHARDS) == len(before)
    assert await log.commits() == before


async def test_a_store_that_says_something_else_is_never_overwritten(log: Log) -> None:
    with Tamperer(log) as tamperer:
        tamperer.put({**tamperer.at(7), "actor": "service:somebody"})
        tamperer.delete(after=9, until=24)
    with pytest.raises(NotRestorable, match="position 7"):
        await restore(log.store, log.backends.kafka, log.topic, SHARDS)
    assert (await log.store.head(home(log))).position == 10


async def test_a_topic_that_forks_restores_nothing(log: Log) -> None:
    await produce_commits(log.backends, log.topic, [told_otherwise(await newest(log))])
    with Tamperer(log) as tamperer:
        tamperer.delete(after=19, until=24)
    with pytest.raises(NotRestorable, match="forks at position 24"):
        await restore(log.store, log.backends.kafka, log.topic, SHARDS)
    assert (await log.store.head(home(log))).position == 20


async def test_a_store_behind_its_topic_takes_no_commands_until_it_is_restored(log: Log) -> None:
    with Tamperer(log) as tamperer:
        tamperer.delete(after=19, until=24)
    with pytest.raises(NotTheSameLog, match="the topic has position 24, the store does not"):
        await check_start(log.backends.kafka, log.topic, log.store, SHARDS)

    runtime = Runtime(service, settings(log.backends, log.prefix), "api")
    runtime.start()
    try:

        async def refuses() -> bool:
            return "tidu restore" in runtime.ready().get("log", "")

        await eventually(refuses, "for the service to refuse")
        with pytest.raises(Unavailable):
            await runtime.handle(posted("new"))
    finally:
        await runtime.stop()
    await restore(log.store, log.backends.kafka, log.topic, SHARDS)
    async with running(log.backends, log.prefix, service, "api") as healed:
        assert (await healed.handle(posted("new"))).commit is not None


async def test_a_store_that_differs_at_the_topics_end_takes_no_commands(log: Log) -> None:
    with Tamperer(log) as tamperer:
        commit = tamperer.at(23)
        commit["events"][1]["hash"] = "0" * 64
        tamperer.put(commit)
    with pytest.raises(NotTheSameLog, match="differ at position 24"):
        await check_start(log.backends.kafka, log.topic, log.store, SHARDS)


async def test_a_store_ahead_of_its_topic_starts(log: Log) -> None:
    await log.post("not relayed yet")
    await check_start(log.backends.kafka, log.topic, log.store, SHARDS)


def sample(wire_type: str, **changes: Any) -> Any:
    """An event of the published language, as its frozen sample was made."""
    return msgspec.structs.replace(sample_of(contracts()[wire_type].type), **changes)


async def test_a_replay_merges_all_logs_by_clock_with_what_came_of_it_and_as_of_a_time(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with AsyncExitStack() as stack:
        logs = {
            name: await stack.enter_async_context(log_of(backends, prefix, name, saying(category)))
            for name, category in (
                ("identity", "account"), ("applications", "filing"), ("assessment", "score"), ("review", "case"),
                ("notifications", "message"),
            )
        }  # fmt: skip

        async def step(service: str, stream: str, type_: str, **changes: Any) -> Commit:
            commit = (await say(logs[service], stream, sample(type_, **changes))).commit
            assert commit is not None
            return commit

        submitted = await step("applications", "filing-e1-declaration-none-app1", "applications.WithdrawalRequested.v1")
        opened = await step("review", "case-e1-app1", "review.WithdrawalAccepted.v1")
        posted_ = Say(
            "7" * 32,
            instant(system_wall()),
            Actor("service", "n"),
            "message-e1-m1",
            (sample("notifications.MessageRead.v1"),),
        )
        follows = Recorded(
            None, opened.events[0].id, "", "review", "", 1, "e1", 0, 1, "", instant(system_wall()), int(opened.clock, 16),
            Actor("service", "review"), "c", "c", "",
        )  # fmt: skip
        told = (await logs["notifications"].handler.handle(posted_, cause=follows)).commit
        await step("applications", "filing-e1-declaration-none-other", "applications.WithdrawalRequested.v1")
        await step("notifications", "message-e1-m2", "notifications.MessageRead.v1")
        assert told is not None
        closed = await step("applications", "filing-e1-declaration-none-app1", "applications.WithdrawalRequested.v1")

        stores = {name: log.store for name, log in logs.items()}
        entries = await replay_case("app1", stores, {})
        wanted = [submitted, opened, told, closed]
        assert [e.id for e in entries] == [c.events[0].id for c in wanted]
        assert [e.clock for e in entries] == sorted(e.clock for e in entries)
        assert [e.service for e in entries] == ["applications", "review", "notifications", "applications"]
        then = await replay_case("app1", stores, {}, as_of=told.recorded_at)
        kept = [c for c in wanted if c.recorded_at <= told.recorded_at]
        assert [e.id for e in then] == [c.events[0].id for c in kept]
        assert await replay_case("app1", stores, {}, as_of="2020-01-01T00:00:00.000Z") == []
        with pytest.raises(NoSuchCase):
            await replay_case("app9", stores, {})

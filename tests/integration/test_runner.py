"""Consumers die, are told everything twice, meet gaps, forks and strangers: what they hold is what the log says."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.events.contracts.actors import Actor
from libs.events.contracts.times import instant
from libs.events.envelope import Commit, Record, chained, records_of
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.projections import Projection
from libs.events.flow.runner import FOREIGN, Subscription
from libs.events.flow.wire import RawRecord, raw_record
from libs.events.points import armed
from libs.events.runtime import Runtime
from libs.events.web.health import readiness
from tests.backends import SHARDS, Backends
from tests.integration.lab import SERVICE, Log, log_of, posted, process, produce, produce_commits, records, said
from tests.integration.running import eventually, running
from tests.toy import Echo, counters, service

pytestmark = pytest.mark.integration
Documents = dict[str, Any]


class Killed(Exception):
    """The consumer's process ended here."""


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


def consuming(log: Log, what: Any = service) -> Any:
    return running(log.backends, log.prefix, what, "consume")


def folded(commits: Sequence[Commit]) -> Documents:
    """What `counters` must hold after these commits, told anew from the stored bodies."""
    found: Documents = {}
    for commit in commits:
        for n, event in enumerate(commit.events):
            if event.type == "notifications.MessagePosted.v1":
                document = found.setdefault(commit.stream, {"_id": commit.stream, "seen": []})
                document["seen"].append(msgspec.json.decode(event.body)["body"])
                document["position"] = commit.position + n
    return found


async def held(log: Log, projection: Projection = counters) -> Documents:
    return {d["_id"]: d for d in await log.state.documents(projection.collection).find({}, limit=10_000)}


async def level(log: Log, commits: Sequence[Commit] | None = None, projection: Projection = counters) -> None:
    async def holds() -> bool:
        return await held(log, projection) == folded(await log.commits() if commits is None else commits)

    await eventually(holds, f"for {projection.name} to hold what the log says")


async def echoes_once(log: Log) -> None:
    """Every event that asks for an echo gets exactly one."""

    async def asked_and_answered() -> bool:
        commits = await log.commits()
        asked = [e.id for c in commits for e in c.events if '"title":"echo"' in e.body]
        answers = [c.causation_id for c in commits if c.stream.endswith("-echo")]
        assert len(answers) == len(set(answers))
        return set(asked) == set(answers)

    await eventually(asked_and_answered, "for every echo")


async def fill(log: Log, count: int = 20, first: int = 0) -> None:
    for n in range(first, first + count):
        await log.post(n, key=f"a{n % 3}", count=1 + n % 2, title="echo" if n % 4 == 0 else "t")


async def one_shard(log: Log, count: int = 6) -> list[Commit]:
    """Commits of one shard, in order; nothing of them is in the topic."""
    return [c for n in range(count) if (c := (await log.post(n, count=2)).commit) is not None]


def topic_of(runtime: Runtime) -> dict[str, Any]:
    found: dict[str, Any] = readiness(runtime)[1]["topics"][SERVICE]
    return found


async def halts(runtime: Runtime, why: str) -> None:
    async def said_so() -> bool:
        return any(
            f"counters.v1/{runtime.handler.shard('message-a1-m')}: {why}" in h for h in topic_of(runtime)["halted"]
        )

    await eventually(said_so, f"for readiness to say {why}")


async def all_attached(runtime: Runtime) -> None:
    async def attached() -> bool:
        return all(cursor.attached for s in runtime.consuming.subscriptions.values() for cursor in s.cursors.values())

    await eventually(attached, "for every consumer to share the fetch")


async def test_a_consumer_killed_after_a_transaction_does_nothing_twice(log: Log) -> None:
    async with process(log.backends, log.prefix, "consume", transactions=3) as doomed:
        assert await said(doomed) == "ready"
        part = 0
        while doomed.returncode is None and part < 100:  # how many parts one transaction takes is nobody's promise
            await fill(log, 6, first=6 * part)
            await log.relayed()
            part += 1
        assert await asyncio.wait_for(doomed.wait(), 30) == -signal.SIGKILL
    async with consuming(log):
        await log.relayed()
        await echoes_once(log)
        await log.relayed()
        await level(log)


async def test_a_consumer_that_fails_before_its_offsets_are_told_does_nothing_twice(log: Log) -> None:
    def fail(point: str) -> None:
        if point == "runner.saved":
            raise Killed

    async with consuming(log):
        with armed(fail):
            await fill(log)
            await log.relayed()

            async def something_done() -> bool:
                return bool(await held(log))

            await eventually(something_done)
    async with consuming(log):
        await echoes_once(log)
        await log.relayed()
        await level(log)


async def test_everything_delivered_again_changes_nothing(log: Log) -> None:
    async with consuming(log) as runtime:
        await fill(log)
        await log.relayed()
        await level(log)
        await runtime.consuming.feeds[SERVICE].kafka.seek_to_beginning()
        await fill(log, 3, first=100)
        await log.relayed()
        await level(log)
        await echoes_once(log)


async def test_lost_consumer_offsets_change_nothing(log: Log) -> None:
    await fill(log)
    await log.relayed()
    async with consuming(log):
        await level(log)
    group = f"{log.prefix}{SERVICE}.{log.topic}"
    kafka = AIOKafkaConsumer(bootstrap_servers=log.backends.kafka, group_id=group, enable_auto_commit=False)
    await kafka.start()
    kafka.assign([TopicPartition(log.topic, shard) for shard in range(SHARDS)])
    await kafka.commit({TopicPartition(log.topic, shard): 0 for shard in range(SHARDS)})
    await kafka.stop()
    async with consuming(log):
        await fill(log, 5, first=50)
        await log.relayed()
        await level(log)
        await echoes_once(log)


async def test_a_gap_applies_nothing_beyond_it_is_said_and_heals_by_itself(log: Log) -> None:
    commits = await one_shard(log)
    async with consuming(log) as runtime:
        await produce_commits(log.backends, log.topic, [*commits[:2], *commits[3:]])
        await halts(runtime, "gap")
        await level(log, commits[:2])
        await produce_commits(log.backends, log.topic, [commits[2]])
        await level(log, commits[:3])
        await produce_commits(log.backends, log.topic, commits[3:])
        await level(log)
        await all_attached(runtime)
        assert topic_of(runtime)["halted"] == []
        await log.post("after")
        await produce_commits(log.backends, log.topic, [(await log.commits())[-1]])
        await level(log)


async def test_a_gap_that_was_filled_before_anybody_read_is_none(log: Log) -> None:
    commits = await one_shard(log)
    await produce_commits(log.backends, log.topic, [commits[0], commits[2], commits[1], *commits[2:]])
    async with consuming(log):
        await level(log)


async def test_a_commit_of_which_only_a_part_came_waits_for_the_rest(log: Log) -> None:
    commits = await one_shard(log, 2)
    torn = list(records_of(commits[1]))
    async with consuming(log) as runtime:
        await produce_commits(log.backends, log.topic, commits[:1])
        await produce(log.backends, log.topic, commits[1].shard, torn[:1])
        await level(log, commits[:1])
        assert topic_of(runtime)["halted"] == []
        await produce(log.backends, log.topic, commits[1].shard, torn[1:])
        await level(log)


def forged(commit: Commit, **changes: Any) -> Commit:
    """A commit whose hashes are right for what it says."""
    return chained(msgspec.structs.replace(commit, **changes))


def another_body(commit: Commit) -> Commit:
    events = [msgspec.structs.replace(e, body=e.body.replace('"group":"g"', '"group":"h"')) for e in commit.events]
    return forged(commit, events=events)


async def test_a_next_record_that_does_not_follow_is_a_fork_and_halts(log: Log) -> None:
    commits = await one_shard(log)
    async with consuming(log) as runtime:
        fork = forged(commits[2], previous_hash="f" * 64)
        await produce_commits(log.backends, log.topic, [*commits[:2], fork, *commits[2:]])
        await halts(runtime, "fork")
        await level(log, commits[:2])


async def test_another_record_at_the_checkpoint_is_a_fork_and_halts(log: Log) -> None:
    commits = await one_shard(log)
    async with consuming(log) as runtime:
        await produce_commits(log.backends, log.topic, [*commits[:2], another_body(commits[1]), *commits[2:]])
        await halts(runtime, "fork")
        await level(log, commits[:2])


async def test_an_envelope_that_this_reader_does_not_know_halts(log: Log) -> None:
    commits = await one_shard(log, 3)
    async with consuming(log) as runtime:
        await produce_commits(log.backends, log.topic, commits[:2])
        await level(log, commits[:2])
        await produce_commits(log.backends, log.topic, [forged(commits[2], envelope=2)])
        await halts(runtime, "unknown envelope 2")


async def test_a_fork_in_one_shard_leaves_the_others_alone(log: Log) -> None:
    commits = await one_shard(log, 2)
    elsewhere = next(f"b{n}" for n in range(99) if log.handler.shard(f"message-b{n}-m") != commits[0].shard)
    other = (await log.post(1, key=elsewhere)).commit
    assert other is not None
    async with consuming(log) as runtime:
        await produce_commits(log.backends, log.topic, [commits[0], forged(commits[1], previous_hash="f" * 64)])
        await halts(runtime, "fork")
        await produce_commits(log.backends, log.topic, [other])
        await level(log, [commits[0], other])


def strangers(true: Record) -> dict[str, tuple[Any, Any, Any]]:
    """Records of many kinds that are no part of a shard."""
    key, body, headers = true.key, true.value, true.headers
    return {
        "bad JSON with no headers": (b"k", b"{", []),
        "nothing at all": (None, None, []),
        "a tombstone": (key, None, headers),
        "a null header": (key, body, [*headers[:3], (headers[3][0], None), *headers[4:]]),
        "a header that is not UTF-8": (key, body, [*headers[:3], (headers[3][0], b"\xff\xfe"), *headers[4:]]),
        "a doubled header": (key, body, [*headers, headers[0]]),
        "a header less": (key, body, headers[1:]),
        "a wrong hash": (key, body, [(n, b"0" * 64 if n == "ce_hash" else v) for n, v in headers]),
        "another body": (key, body.replace(b'"g"', b'"h"'), headers),
        "a number that is none": (key, body, [(n, b"x" if n == "ce_sequence" else v) for n, v in headers]),
    }


async def test_strangers_are_kept_aside_with_their_reason_and_the_good_between_them_applied(log: Log) -> None:
    commits = await one_shard(log, 12)
    strange = strangers(next(iter(records_of(commits[0]))))
    shard = commits[0].shard
    async with consuming(log) as runtime:
        for record, commit in zip(strange.values(), commits, strict=False):
            await produce(log.backends, log.topic, shard, [record])
            await produce_commits(log.backends, log.topic, [commit])
        await produce_commits(log.backends, log.topic, commits[len(strange) :])
        elsewhere = (shard + 1) % SHARDS
        await produce(log.backends, log.topic, elsewhere, list(records_of(commits[0]))[:1])
        await level(log)

        async def all_kept() -> bool:
            return topic_of(runtime)["foreign"] == len(strange) + 1

        await eventually(all_kept, "for the strangers to be counted")
        kept = await log.state.documents(FOREIGN).find({}, sort=("_id",))
        assert len(kept) == len(strange) + 1
        assert all(document["reason"] for document in kept)
        assert topic_of(runtime)["halted"] == []
        await runtime.consuming.feeds[SERVICE].kafka.seek_to_beginning()
        await log.post("after")
        await produce_commits(log.backends, log.topic, [(await log.commits())[-1]])
        await level(log)
        assert topic_of(runtime)["foreign"] == len(strange) + 1
    async with consuming(log) as again:
        assert topic_of(again)["foreign"] == len(strange) + 1


totals = msgspec.structs.replace(counters, name="totals")


async def test_a_new_projection_on_an_old_topic_becomes_level_and_equal(log: Log) -> None:
    await asyncio.gather(*(log.post(n, key=f"a{n % 7}", count=20) for n in range(150)))
    await log.relayed()
    async with consuming(log):
        await level(log)
    async with consuming(log, replace(service, projections=[counters, totals])) as runtime:
        await level(log, projection=totals)
        await all_attached(runtime)
        await fill(log, 5, first=1_000)
        await log.relayed()
        await level(log)
        await level(log, projection=totals)


def echo(n: int, key: str = "a1") -> Echo:
    """A command whose event no read model of the toy service handles."""
    now = instant(1_800_000_000_000)
    return Echo(posted(n, key=key, name="x").id, now, Actor("service", "t"), key=key, name="x")


async def saved(log: Log, consumer: str, shard: int) -> int:
    found = (await log.state.checkpoints(consumer, log.topic)).get(shard)
    return found.position if found else 0


async def test_checkpoints_move_also_past_events_that_nobody_handles(log: Log) -> None:
    async with consuming(log):
        for n in range(5):
            decided = await log.handler.handle(echo(n))
        await log.relayed()
        assert decided.commit is not None
        shard = decided.commit.shard

        async def moved() -> bool:
            names = (counters.consumer(SERVICE), f"{SERVICE}.due_dates.v1", f"{SERVICE}.reactions.{SERVICE}")
            return [await saved(log, name, shard) for name in names] == [5, 5, 5]

        await eventually(moved, "for the checkpoints to be saved")


async def test_a_checkpoint_moved_back_by_somebody_makes_the_reader_begin_there(log: Log) -> None:
    async with consuming(log) as runtime:
        await fill(log)
        await log.relayed()
        await level(log)
        await log.state.forget(counters.collection, counters.consumer(SERVICE))
        for n in range(3):
            await log.post("after", key=f"a{n}")
        await log.relayed()
        await level(log)
        await all_attached(runtime)


async def test_a_checkpoint_that_is_gone_is_noticed_although_nothing_comes_that_matters(log: Log) -> None:
    async with consuming(log):
        await fill(log)
        await log.relayed()
        await level(log)
        await log.state.forget(counters.collection, counters.consumer(SERVICE))
        for n in range(3):
            await log.handler.handle(echo(n, f"a{n}"))
        await log.relayed()
        await level(log)


async def in_topic(log: Log, shard: int) -> list[RawRecord]:
    return [raw_record(record) for record in (await records(log.backends, log.topic))[shard]]


async def test_a_stale_reader_drops_its_work_and_believes_the_store(log: Log) -> None:
    commits = await one_shard(log)
    await log.relayed()
    shard = commits[0].shard

    def reader() -> Subscription:
        consumer = ProjectionConsumer(SERVICE, counters, SERVICE, log.state)
        return Subscription(SERVICE, log.topic, log.state, [consumer])

    fetch = await in_topic(log, shard)
    one, stale = reader(), reader()
    assert await one.assigned({shard}) == await stale.assigned({shard}) == {shard: 0}
    assert await stale.fetched_records(fetch[:4]) == {}
    assert await one.fetched_records(fetch) != {}
    assert await held(log) == folded(commits[:2])
    assert await one.fetched_records(fetch) == {}
    assert await stale.fetched_records(fetch[4:]) != {}
    assert await held(log) == folded(commits)
    assert await stale.fetched_records(fetch) == {}
    assert await held(log) == folded(commits)
    assert stale.passed(shard, commits[-1].last_position)


async def test_two_consumers_of_one_group_share_the_shards_and_apply_everything_once(log: Log) -> None:
    async with consuming(log) as one:
        await fill(log, 10)
        await log.relayed()
        async with consuming(log) as two:

            async def shared() -> bool:
                mine, others = one.consuming.subscriptions[SERVICE].shards, two.consuming.subscriptions[SERVICE].shards
                return bool(mine) and bool(others) and mine | others == set(range(SHARDS)) and not mine & others

            await eventually(shared, "for the shards to be shared")
            await asyncio.gather(*(log.post(n, key=f"c{n}", title="echo") for n in range(20)))
            await log.relayed()
            await level(log)
            await echoes_once(log)
        await fill(log, 10, first=200)
        await log.relayed()
        await level(log)
        await echoes_once(log)

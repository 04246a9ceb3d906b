"""Restore a service's store from its topic: every commit that is missing is inserted with the same numbers and bytes."""

from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer

from libs.events.audit.topic import Forked, audit_consumer
from libs.events.audit.verify import Report, read_commits
from libs.events.envelope import Commit
from libs.events.flow.clients import put_away
from libs.events.flow.places import Place, Places
from libs.events.flow.wire import UnknownEnvelope
from libs.events.points import reach
from libs.events.store.ports import CommitStore

BATCH = 50


class NotRestorable(Exception):
    """The store holds something else than the topic: nothing of it is overwritten."""


async def restore(
    store: CommitStore, bootstrap: str, topic: str, shards: int, progress: Callable[[int], None] = lambda _: None
) -> int:
    """How many commits were inserted. Raises NotRestorable at the first difference."""
    kafka = audit_consumer(bootstrap)
    await kafka.start()
    try:
        return sum([await _restore_shard(store, kafka, topic, shard, progress) for shard in range(shards)])
    except (Forked, UnknownEnvelope) as error:
        raise NotRestorable(f"the topic cannot be followed: {error}") from error
    finally:
        await put_away(kafka)


async def _restore_shard(
    store: CommitStore, kafka: AIOKafkaConsumer, topic: str, shard: int, progress: Callable[[int], None]
) -> int:
    head, inserted, missing = (await store.head(shard)).position, 0, list[Commit]()
    async for commit in read_commits(kafka, topic, shard):
        if commit.position <= head:
            await compare(store, commit)
        else:
            missing.append(commit)
        if len(missing) >= BATCH:
            inserted += await insert(store, missing)
            progress(len(missing))
            missing = []
    return inserted + await insert(store, missing)


async def compare(store: CommitStore, commit: Commit) -> None:
    """Raises NotRestorable when the store holds something else at this commit's position."""
    stored = await store.commit_at(commit.shard, commit.position)
    if stored != commit:
        raise NotRestorable(f"shard {commit.shard}, position {commit.position}: the store says something else")


async def insert(store: CommitStore, commits: Sequence[Commit]) -> int:
    """How many. Raises NotRestorable when one of them is taken."""
    if not commits:
        return 0
    taken = await store.append(commits)
    reach("restore.inserted")
    if taken is not None:
        commit = commits[taken.index]
        raise NotRestorable(f"shard {commit.shard}, position {commit.position}: its {taken.key} is taken")
    return len(commits)


async def remember_places(places: Places, report: Report) -> None:
    """A relay whose place was lost with the store would send the whole log again: what was just proven to be in the
    topic it need not. A place that is there stays."""
    known = await places.read(shard.shard for shard in report.shards)
    for shard in report.shards:
        if shard.shard not in known and shard.topic_positions:
            await places.move(shard.shard, None, Place(shard.topic_positions))
            reach("restore.placed")

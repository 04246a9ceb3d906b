"""Restore a service's store from its topic: every commit that is missing is inserted with the same numbers and bytes."""

from collections.abc import Callable, Sequence

from aiokafka import AIOKafkaConsumer

from libs.events.audit.topic import Forked, audit_consumer
from libs.events.audit.verify import read_commits
from libs.events.envelope import Commit
from libs.events.flow.clients import put_away
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
            await _compare(store, commit)
        else:
            missing.append(commit)
        if len(missing) >= BATCH:
            inserted += await _insert(store, missing)
            progress(len(missing))
            missing = []
    return inserted + await _insert(store, missing)


async def _compare(store: CommitStore, commit: Commit) -> None:
    stored = await store.commit_at(commit.shard, commit.position)
    if stored != commit:
        raise NotRestorable(f"shard {commit.shard}, position {commit.position}: the store says something else")


async def _insert(store: CommitStore, commits: Sequence[Commit]) -> int:
    if not commits:
        return 0
    taken = await store.append(commits)
    reach("restore.inserted")
    if taken is not None:
        commit = commits[taken.index]
        raise NotRestorable(f"shard {commit.shard}, position {commit.position}: its {taken.key} is taken")
    return len(commits)

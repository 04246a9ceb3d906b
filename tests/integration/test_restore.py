"""A store that was lost whole comes back from its topic, or from a backup, and each alone is enough."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from libs.events.audit.backup import BadBackup, check_backup, restore_backup, write_backup
from libs.events.audit.restore import NotRestorable, remember_places, restore
from libs.events.audit.startcheck import NotTheSameLog, check_start
from libs.events.audit.verify import verify_service
from libs.events.flow.places import Places
from libs.events.store.dump import Dump
from libs.events.store.mongo import connect
from tests.backends import SHARDS, Backends
from tests.integration.lab import SERVICE, Log, copied, log_of, produce_commits, records
from tests.integration.running import running
from tests.integration.test_audit import home
from tests.integration.test_republish import lose_topic, published
from tests.integration.test_runner import all_attached, echoes_once, fill, forged, level
from tests.toy import service

pytestmark = pytest.mark.integration
NOW = "2026-11-21T09:00:00.000Z"


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


@pytest.fixture
async def beside(log: Log) -> AsyncIterator[Dump]:
    client = connect(log.backends.store_uri)
    try:
        yield Dump(client, SERVICE, log.prefix)
    finally:
        client.close()


def databases(log: Log) -> tuple[MongoClient[dict[str, Any]], str, str]:
    return (
        MongoClient(log.backends.store_uri, retryWrites=False),
        f"{log.prefix}{SERVICE}",
        f"{log.prefix}{SERVICE}_log",
    )


def lose_store(log: Log) -> None:
    """Log, read models, checkpoints and all else; then the deployment is provisioned as at its first start."""
    client, state, commits = databases(log)
    with client:
        client.drop_database(state)
        client.drop_database(commits)
    log.backends._databases(log.prefix, SHARDS)


async def length(log: Log) -> int:
    return sum(len(found) for found in (await records(log.backends, log.topic)).values())


async def test_a_service_whose_whole_store_is_gone_comes_back_from_its_topic(log: Log) -> None:
    async with running(log.backends, log.prefix, service):
        await fill(log)
        await level(log)
        await echoes_once(log)
        await level(log)
    before, sent = await log.commits(), await length(log)
    await asyncio.to_thread(lose_store, log)
    with pytest.raises(NotTheSameLog, match="the store does not"):
        await check_start(log.backends.kafka, log.topic, log.store, SHARDS)
    assert await restore(log.store, log.backends.kafka, log.topic, SHARDS) == len(before)
    assert await log.commits() == before
    report = await verify_service(SERVICE, log.store, log.backends.kafka, log.topic, "both")
    assert report.faults == ()
    await remember_places(Places(log.topic, log.state.documents("relay")), report)
    async with running(log.backends, log.prefix, service) as again:
        await level(log)
        await echoes_once(log)  # every reaction finds its command taken
        await all_attached(again)
        assert await log.commits() == before
        assert await length(log) == sent  # and the relay sends nothing again


async def test_read_models_of_an_old_backup_just_go_on(log: Log) -> None:
    client, state, _ = databases(log)
    with client:
        async with running(log.backends, log.prefix, service):
            await fill(log, 8)
            await level(log)
            await echoes_once(log)
            await level(log)
        old = {name: list(client[state][name].find()) for name in client[state].list_collection_names()}
        async with running(log.backends, log.prefix, service):
            await fill(log, 8, first=100)
            await level(log)
            await echoes_once(log)
        for name in client[state].list_collection_names():
            client[state][name].delete_many({})
            if old.get(name):
                client[state][name].insert_many(old[name])
    async with running(log.backends, log.prefix, service) as again:
        await level(log)
        await echoes_once(log)
        await all_attached(again)


async def test_store_and_topic_are_gone_and_the_backup_alone_brings_both_back(
    log: Log, beside: Dump, tmp_path: Path
) -> None:
    async with running(log.backends, log.prefix, service):
        await fill(log)
        await level(log)
        await echoes_once(log)
        await level(log)
    await log.state.documents("drafts").insert({"_id": "d1", "text": "企业", "at": 1.5})
    await log.state.blobs().put("f1", b"x" * 300_000)
    before, file = await log.commits(), tmp_path / "toy.backup"
    made = await write_backup(file, SERVICE, log.store, beside, NOW)
    assert made.commits == len(before) and file.stat().st_mode & 0o777 == 0o600
    await asyncio.to_thread(lose_store, log)
    await lose_topic(log)
    assert await restore_backup(file, SERVICE, log.store, beside) == (made.commits, made.documents)
    assert await log.commits() == before
    assert (await log.state.documents("drafts").get("d1") or {})["text"] == "企业"
    assert await log.state.blobs().get("f1") == b"x" * 300_000
    async with running(log.backends, log.prefix, service) as again:
        await published(log)
        assert await copied(log.backends, log.topic) == await log.places()
        await level(log)
        await echoes_once(log)
        await all_attached(again)


async def test_a_backup_brings_back_what_is_missing_and_overwrites_nothing(
    log: Log, beside: Dump, tmp_path: Path
) -> None:
    await fill(log, 6)
    await log.state.documents("drafts").insert({"_id": "d1", "text": "old"})
    file = tmp_path / "toy.backup"
    await write_backup(file, SERVICE, log.store, beside, NOW)
    await log.state.documents("drafts").update("d1", {"text": "newer"})
    await fill(log, 3, first=50)
    after = await log.commits()
    assert await restore_backup(file, SERVICE, log.store, beside) == (0, 0)
    assert await log.commits() == after
    assert (await log.state.documents("drafts").get("d1") or {})["text"] == "newer"
    client, _, commits = databases(log)
    with client:
        client[commits]["commits"].update_one(
            {"shard": after[0].shard, "position": 1}, {"$set": {"actor": "service:x"}}
        )
    with pytest.raises(NotRestorable, match="position 1: the store says something else"):
        await restore_backup(file, SERVICE, log.store, beside)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    return content[:200] + bytes([content[200] ^ 1]) + content[201:]


def edited(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content).replace(b"template", b"tempLate", 1))


def without_end(content: bytes) -> bytes:
    return gzip.compress(b"".join(gzip.decompress(content).splitlines(keepends=True)[:-1]))


def empty(content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [cut, flipped, edited, without_end, empty])
async def test_a_damaged_backup_is_refused_before_anything_is_restored(
    log: Log, beside: Dump, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    await fill(log, 6)
    file = tmp_path / "toy.backup"
    await write_backup(file, SERVICE, log.store, beside, NOW)
    assert check_backup(file, SERVICE).commits == len(await log.commits())
    with pytest.raises(BadBackup, match="not of review"):
        check_backup(file, "review")
    file.write_bytes(damage(file.read_bytes()))
    await asyncio.to_thread(lose_store, log)
    with pytest.raises(BadBackup, match=r"(damaged|too early|does not verify)"):
        await restore_backup(file, SERVICE, log.store, beside)
    assert await log.commits() == []


async def test_a_strangers_record_with_a_high_number_keeps_nobody_from_starting(log: Log) -> None:
    await fill(log, 6)
    await log.relayed()
    shard = home(log)
    last = (await log.store.read_shard(shard, 0, 100))[-1]
    size = len(last.events)
    strange = forged(
        last, position=last.position + 100, last_position=last.position + 99 + size, previous_hash="f" * 64
    )
    await produce_commits(log.backends, log.topic, [strange])
    await check_start(log.backends.kafka, log.topic, log.store, SHARDS)
    following = last.last_position
    next_ = forged(last, position=following + 1, last_position=following + size, previous_hash=last.hash)
    await produce_commits(log.backends, log.topic, [next_])
    with pytest.raises(NotTheSameLog, match=f"position {next_.last_position}, the store does not"):
        await check_start(log.backends.kafka, log.topic, log.store, SHARDS)

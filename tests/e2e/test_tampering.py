"""One flipped byte in one stored commit, written with an administrator's rights: `tidu verify` names the place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pymongo import MongoClient

from libs.events.envelope import Commit
from tests.e2e.shell import tidu
from tests.e2e.tale import Tale, assert_sound, commits_of


@contextmanager
def altered(tale: Tale, commit: Commit, change: dict[str, Any]) -> Iterator[None]:
    """The document is another while this lasts, then itself again."""
    client: MongoClient[dict[str, Any]] = MongoClient(tale.stack.admin_store_uri)
    try:
        commits = client["review_log"]["commits"]
        original = commits.find_one({"_id": commit.id})
        assert original is not None
        commits.replace_one({"_id": commit.id}, original | change)
        try:
            yield
        finally:
            commits.replace_one({"_id": commit.id}, original)
    finally:
        client.close()


@pytest.fixture
async def victim(tale: Tale) -> Commit:
    """A decision of several events in the middle of a shard, so that the position is not the commit's first."""
    found = await commits_of(tale.stack, "review")
    heads = {commit.shard: commit.last_position for commit in found}
    return next(c for c in found if len(c.events) > 1 and c.position > 1 and c.last_position < heads[c.shard])


async def test_a_flipped_byte_is_named_with_service_shard_and_position(tale: Tale, victim: Commit) -> None:
    events = [{"id": e.id, "type": e.type, "body": e.body, "hash": e.hash} for e in victim.events]
    body = events[1]["body"]
    middle = body.index(":") + 3
    events[1]["body"] = body[:middle] + chr(ord(body[middle]) ^ 1) + body[middle + 1 :]
    with altered(tale, victim, {"events": events}):
        ran = await tidu(tale.stack.data, "verify", "--service", "review", "--format", "json")
        assert ran.code == 1
        [fault] = ran.json[0]["faults"]
        assert (fault["service"], fault["shard"], fault["position"]) == ("review", victim.shard, victim.position + 1)
        words = await tidu(tale.stack.data, "verify", "--service", "review")
        assert words.code == 1 and f"review shard {victim.shard} position {victim.position + 1}" in words.out
    assert (await tidu(tale.stack.data, "verify", "--service", "review")).code == 0


@pytest.mark.parametrize("change", [
    {"actor": "official:nobody"}, {"recorded_at": "2020-01-01T00:00:00.000Z"}, {"stream": "case-a-b"}, {"hash": "0" * 64},
], ids=lambda change: next(iter(change)))  # fmt: skip
async def test_whatever_else_is_changed_is_found_too(tale: Tale, victim: Commit, change: dict[str, Any]) -> None:
    with altered(tale, victim, change):
        ran = await tidu(tale.stack.data, "verify", "--service", "review", "--against", "store", "--format", "json")
        assert ran.code == 1
        [fault] = ran.json[0]["faults"]
        assert fault["shard"] == victim.shard and victim.position <= fault["position"] <= victim.last_position


async def test_afterwards_everything_is_as_it_was(tale: Tale) -> None:
    await assert_sound(tale.stack)

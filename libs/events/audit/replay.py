"""Replay: everything that concerns one application, merged from all logs by the hybrid clock, with the state after."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from libs.events.codec import decode
from libs.events.contracts.base import Event, Personal
from libs.events.contracts.identity import SubjectErased
from libs.events.decider import Decider
from libs.events.envelope import Commit
from libs.events.names import category_of, partition_key_of, shard_of
from libs.events.store.ports import CommitStore


class Entry(msgspec.Struct, frozen=True):
    """One event of the timeline. `changed` holds the fields of its stream's state that this event changed."""

    service: str
    shard: int
    position: int
    stream: str
    version: int
    event: str
    id: str
    clock: str
    recorded_at: str
    received_at: str
    actor: str
    causation_id: str
    hash: str
    data: dict[str, Any]
    changed: dict[str, Any]


Stores = Mapping[str, CommitStore]
Deciders = Mapping[str, Sequence[Decider[Any]]]
_FACTS = ("enterprise", "digital")


class NoSuchCase(Exception):
    """No log mentions this application."""


async def replay_case(application: str, stores: Stores, deciders: Deciders, as_of: str | None = None) -> list[Entry]:
    """The timeline of an application as recorded until `as_of` (ISO time). Raises NoSuchCase."""
    commits = await _relevant(application, stores)
    kept = [(service, c) for service, c in commits if as_of is None or c.recorded_at <= as_of]
    kept.sort(key=lambda pair: (pair[1].clock, pair[0], pair[1].shard, pair[1].position))
    states: dict[tuple[str, str], Any] = {}
    erased = await erased_subjects(stores["identity"]) if "identity" in stores else frozenset()
    return [entry for service, c in kept for entry in _entries(service, c, deciders.get(service, ()), states, erased)]


async def erased_subjects(identity: CommitStore) -> frozenset[str]:
    """Everybody whom `identity` has erased: as of now, whatever instant is replayed."""
    found = set()
    for shard in range((await identity.meta()).shards):
        for commit in await identity.read_streams(shard, "subject-", "subject."):
            events = [decode(event.type, event.body) for event in commit.events]
            found |= {event.subject for event in events if isinstance(event, SubjectErased)}
    return frozenset(found)


async def _relevant(application: str, stores: Stores) -> list[tuple[str, Commit]]:
    mentions = {service: await _mentioning(store, application) for service, store in stores.items()}
    home = [c for c in mentions["applications"] if category_of(c.stream) == "filing"]
    if not home:
        raise NoSuchCase(application)
    enterprise = home[0].partition_key
    found: dict[str, tuple[str, Commit]] = {}
    for service, store in stores.items():
        own = await _of_partition(store, enterprise)
        concerned = [c for c in own if application in c.stream or _says(c, application) or _is_fact(c)]
        for commit in [*mentions[service], *concerned]:
            found[commit.id] = (service, commit)
    for account in {str(_body(c).get("account")) for c in home if "account" in _body(c)}:
        for commit in await _of_stream(stores["identity"], f"account-{account}"):
            found[commit.id] = ("identity", commit)
    await _consequences(stores, enterprise, found)
    return list(found.values())


async def _consequences(stores: Stores, enterprise: str, found: dict[str, tuple[str, Commit]]) -> None:
    """Messages and notes that came of what was found, to any depth."""
    own = [(service, c) for service, store in stores.items() for c in await _of_partition(store, enterprise)]
    while True:
        ids = {event.id for _, commit in found.values() for event in commit.events}
        more = [(service, c) for service, c in own if c.id not in found and c.causation_id in ids]
        if not more:
            return
        found.update({c.id: (service, c) for service, c in more})


def _says(commit: Commit, application: str) -> bool:
    return any(application in event.body for event in commit.events)


def _is_fact(commit: Commit) -> bool:
    return category_of(commit.stream) in _FACTS


def _body(commit: Commit) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(commit.events[0].body)
    return body


async def _mentioning(store: CommitStore, text: str) -> list[Commit]:
    """Commits of any shard that name the application: one pass over the log."""
    shards = (await store.meta()).shards
    found: list[Commit] = []
    for shard in range(shards):
        after = 0
        while page := await store.read_shard(shard, after, 500):
            found += [c for c in page if text in c.stream or _says(c, text)]
            after = page[-1].last_position
    return found


async def _of_partition(store: CommitStore, key: str) -> list[Commit]:
    shard, after, found = shard_of(key, (await store.meta()).shards), 0, list[Commit]()
    while page := await store.read_shard(shard, after, 500):
        found += [c for c in page if c.partition_key == key]
        after = page[-1].last_position
    return found


async def _of_stream(store: CommitStore, stream: str) -> list[Commit]:
    return await store.read_stream(shard_of(partition_key_of(stream), (await store.meta()).shards), stream)


def _entries(
    service: str, commit: Commit, deciders: Sequence[Decider[Any]], states: dict[tuple[str, str], Any],
    erased: Collection[str],
) -> list[Entry]:  # fmt: skip
    decider = next((d for d in deciders if d.category == category_of(commit.stream)), None)
    entries = []
    for n, stored in enumerate(commit.events):
        event = decode(stored.type, stored.body)
        changed = _step(decider, (service, commit.stream), event, states, erased) if decider and event else {}
        body = msgspec.json.decode(stored.body)
        entries.append(
            Entry(
                service, commit.shard, commit.position + n, commit.stream, commit.version + n, stored.type, stored.id,
                commit.clock, commit.recorded_at, body.get("received_at", ""), commit.actor, commit.causation_id,
                stored.hash, _shown(body, erased), changed,
            )
        )  # fmt: skip
    return entries


def _step(
    decider: Decider[Any], stream: tuple[str, str], event: Event, states: dict[tuple[str, str], Any],
    erased: Collection[str],
) -> dict[str, Any]:  # fmt: skip
    before = states.get(stream)
    if before is None:
        before = decider.initial()
    after = states[stream] = decider.evolve(before, event)
    return {
        name: _shown(msgspec.to_builtins(getattr(after, name), enc_hook=repr), erased)
        for name in after.__struct_fields__
        if getattr(after, name) != getattr(before, name)
    }


def _shown(value: Any, erased: Collection[str]) -> Any:
    """Sealed values are shown as sealed, or as erased: a replay needs no keys."""
    if isinstance(value, dict):
        if set(value) == set(Personal.__struct_fields__):
            return f"〔{'已删除' if value['subject'] in erased else '已加密'}：{value['label']}〕"
        return {key: _shown(item, erased) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(item, erased) for item in value]
    return value

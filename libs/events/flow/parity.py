"""Whether two folds of one read model hold the same: counts, one hash over everything, and where they differ."""

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer

from libs.events.audit.topic import read_shard
from libs.events.errors import Poison
from libs.events.flow.consumers import event_of
from libs.events.flow.parking import wall_key
from libs.events.flow.projections import Document, Projection

SHOWN = 20
_MODULO = 1 << 256


class Sum(msgspec.Struct):
    """Of documents in any order: how many, and the sum of their hashes. A part of a document counts by itself."""

    count: int = 0
    total: int = 0

    def add(self, key: str, part: str | None, content: Document) -> None:
        text = json.dumps([key, part, content], sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        self.total = (self.total + int(sha256(text.encode()).hexdigest(), 16)) % _MODULO

    @property
    def hash(self) -> str:
        return f"{self.total:064x}"


class Parity(msgspec.Struct):
    """`against`: `live` (the same version, document by document at equal checkpoints) or `genesis` (folded anew in
    memory, where the live build is of another version). `differences`: the first of them, by key."""

    against: str
    live_count: int
    count: int
    other_hash: str
    hash: str
    different: int
    differences: list[str]
    live_parked: int = 0
    parked: int = 0

    @property
    def equal(self) -> bool:
        return self.hash == self.other_hash and not self.different


def parts(projection: Projection, document: Mapping[str, Any]) -> Iterator[tuple[str | None, Document]]:
    """The folded content of a stored document: whole, or by source."""
    if len(projection.sources) == 1:
        yield None, {name: value for name, value in document.items() if name != "_id"}
        return
    for source in projection.sources:
        if document.get(source) is not None:
            yield source, document[source]


def summed(projection: Projection, documents: Iterable[Document], into: Sum) -> None:
    for document in documents:
        found = list(parts(projection, document))
        into.count += bool(found)
        for part, content in found:
            into.add(document["_id"], part, content)


def differing(projection: Projection, ours: Iterable[Document], others: Iterable[Document]) -> Iterator[str]:
    """Each key whose content is not the same, with the names of the fields; values stay where they are."""
    mine = {d["_id"]: dict(parts(projection, d)) for d in ours}
    theirs = {d["_id"]: dict(parts(projection, d)) for d in others}
    for key in sorted({*mine, *theirs}):
        one, other = mine.get(key) or None, theirs.get(key) or None
        if one == other:
            continue
        if one is None or other is None:
            yield f"{key}: only in the {'live' if one is None else 'new'} build"
        else:
            yield f"{key}: {', '.join(sorted(set(_fields(one, other))))}"


def _fields(one: dict[str | None, Document], other: dict[str | None, Document]) -> Iterator[str]:
    for part in {*one, *other}:
        mine, theirs = one.get(part) or {}, other.get(part) or {}
        for name in {*mine, *theirs}:
            if mine.get(name) != theirs.get(name):
                yield f"{part}.{name}" if part else name


async def fold_from_genesis(
    kafka: AIOKafkaConsumer, projection: Projection, source: str, topic: str, shard: int, end: int, into: Sum
) -> None:
    """Fold one shard in memory, from its first record to the offset `end`, and add what comes of it."""
    handles, documents, blocked = set(projection.handles), dict[str, Document | None](), set[str]()
    async for arrived in read_shard(kafka, topic, shard):
        if arrived.raw.offset >= end:
            break
        wall, key = wall_key(arrived), None
        try:
            event = event_of(arrived, handles)
            key = None if event is None else projection.key(event)
            if event is None or key is None or blocked & {wall, key}:
                continue
            documents[key] = projection.apply(documents.get(key), event)
        except Poison:
            blocked.add(wall)
        except Exception:  # noqa: BLE001 - as the consumer does: what cannot be applied waits, and its key with it
            blocked.add(key or wall)
    part = source if len(projection.sources) > 1 else None
    for key, content in documents.items():
        if content is not None:
            into.add(key, part, content)

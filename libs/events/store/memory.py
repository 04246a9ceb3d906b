"""The store port in memory: for unit tests and simulations, never where the real one runs."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

from libs.events.envelope import Commit
from libs.events.store import fitting
from libs.events.store.matching import matches, sorted_by
from libs.events.store.ports import (
    AlreadyThere,
    Checkpoint,
    Document,
    Filter,
    Head,
    Meta,
    Move,
    Page,
    Stale,
    Taken,
    Write,
)


class MemoryCommits:
    """Commits in a list per shard, under the same unique keys as the real store."""

    def __init__(self, shards: int = 6, deployment: str = "test", generation: int = 1) -> None:
        self._meta = Meta(deployment, shards, generation)
        self._by_id: dict[str, Commit] = {}
        self._shards: dict[int, list[Commit]] = defaultdict(list)
        self._versions: set[tuple[int, str, int]] = set()
        self._waiting: list[asyncio.Queue[tuple[int, int]]] = []

    async def append(self, commits: Sequence[Commit]) -> Taken | None:
        for index, commit in enumerate(commits):
            if commit.id in self._by_id:
                return Taken(index, "id")
            if any(c.position == commit.position for c in self._shards[commit.shard]):
                return Taken(index, "position")
            if (commit.shard, commit.stream, commit.version) in self._versions:
                return Taken(index, "version")
            self._by_id[commit.id] = commit
            self._shards[commit.shard].append(commit)
            self._shards[commit.shard].sort(key=lambda c: c.position)
            self._versions.add((commit.shard, commit.stream, commit.version))
            for queue in self._waiting:
                queue.put_nowait((commit.shard, commit.last_position))
        return None

    async def find(self, ids: Sequence[str]) -> dict[str, Commit]:
        return {id: self._by_id[id] for id in ids if id in self._by_id}

    async def read_stream(self, shard: int, stream: str, after: int = 0) -> list[Commit]:
        return [c for c in self._shards[shard] if c.stream == stream and c.version > after]

    async def read_streams(self, shard: int, first: str, last: str) -> list[Commit]:
        found = [c for c in self._shards[shard] if first <= c.stream < last]
        return sorted(found, key=lambda c: (c.stream, c.version))

    async def newest_of(self, shard: int, first: str, last: str) -> int:
        return max((c.position for c in self._shards[shard] if first <= c.stream < last), default=0)

    async def read_shard(self, shard: int, after: int, limit: int) -> list[Commit]:
        return [c for c in self._shards[shard] if c.position > after][:limit]

    async def commit_at(self, shard: int, position: int) -> Commit | None:
        return next((c for c in self._shards[shard] if c.position <= position <= c.last_position), None)

    async def head(self, shard: int) -> Head:
        if not self._shards[shard]:
            return Head()
        last = self._shards[shard][-1]
        return Head(last.last_position, last.hash, int(last.clock, 16), last.recorded_at)

    async def watch(self) -> AsyncIterator[tuple[int, int]]:
        queue: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self._waiting.append(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._waiting.remove(queue)

    async def clock_skew(self) -> float:
        return 0.0

    async def meta(self) -> Meta:
        return self._meta


class MemoryState:
    """Documents, checkpoints and blobs in dicts."""

    def __init__(self) -> None:
        self._collections: dict[str, dict[str, Document]] = defaultdict(dict)
        self._checkpoints: dict[tuple[str, str, int], Checkpoint] = {}
        self._blobs = MemoryBlobs()

    async def checkpoints(self, consumer: str, topic: str) -> dict[int, Checkpoint]:
        return {s: c for (name, t, s), c in self._checkpoints.items() if (name, t) == (consumer, topic)}

    async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        for move in moves:
            if self._checkpoints.get((move.consumer, move.topic, move.shard)) != move.before:
                raise Stale(f"{move.consumer} {move.topic}/{move.shard}")
        for write in writes:
            known = write.key in self._collections[write.collection]
            if (write.there and not known) or (write.fresh and known):
                raise Stale(f"{write.collection} {write.key}")
            self.check(write.document or {})
        for write in writes:
            self._apply(write)
        for move in moves:
            self._checkpoints[move.consumer, move.topic, move.shard] = move.after

    def check(self, document: Mapping[str, Any]) -> None:
        fitting.check(document)

    async def end_abandoned(self) -> None:
        return

    def _apply(self, write: Write) -> None:
        collection = self._collections[write.collection]
        if write.part is not None:
            whole = collection.setdefault(write.key, {"_id": write.key})
            whole[write.part] = deepcopy(write.document)
        elif write.document is None:
            collection.pop(write.key, None)
        else:
            collection[write.key] = {"_id": write.key, **deepcopy(write.document)}

    async def load(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        found = self._collections[collection]
        return {key: deepcopy(found[key]) for key in keys if key in found}

    async def page(self, collection: str, after: str, limit: int, consumer: str) -> Page:
        documents = await self.documents(collection).find({"_id": {"$gt": after}}, sort=("_id",), limit=limit)
        return Page(documents, {(t, s): c for (name, t, s), c in self._checkpoints.items() if name == consumer})

    async def ensure_indexes(self, collection: str, indexes: Sequence[Sequence[str]]) -> None:
        self._collections[collection]

    async def forget(self, collection: str, consumer: str) -> None:
        self._collections.pop(collection, None)
        for key in [key for key in self._checkpoints if key[0] == consumer]:
            del self._checkpoints[key]

    def documents(self, collection: str) -> "MemoryDocuments":
        return MemoryDocuments(self._collections[collection])

    def blobs(self) -> "MemoryBlobs":
        return self._blobs


class MemoryDocuments:
    def __init__(self, content: dict[str, Document]) -> None:
        self._content = content

    async def get(self, id: str) -> Document | None:
        return deepcopy(self._content.get(id))

    async def find(self, where: Filter, *, sort: Sequence[str] = (), skip: int = 0, limit: int = 100) -> list[Document]:
        found = sorted_by([d for d in self._content.values() if matches(d, where)], sort)
        return deepcopy(found[skip : skip + limit])

    async def count(self, where: Filter) -> int:
        return sum(matches(d, where) for d in self._content.values())

    async def insert(self, document: Document) -> None:
        if document["_id"] in self._content:
            raise AlreadyThere(document["_id"])
        self._content[document["_id"]] = deepcopy(document)

    async def replace(self, document: Document, where: Filter | None = None, *, upsert: bool = False) -> bool:
        existing = self._content.get(document["_id"])
        if existing is None and not upsert:
            return False
        if existing is not None and not matches(existing, where or {}):
            return False
        self._content[document["_id"]] = deepcopy(document)
        return True

    async def update(self, id: str, fields: Mapping[str, Any], where: Filter | None = None) -> bool:
        existing = self._content.get(id)
        if existing is None or not matches(existing, where or {}):
            return False
        existing.update(deepcopy(dict(fields)))
        return True

    async def delete(self, where: Filter) -> int:
        gone = [id for id, d in self._content.items() if matches(d, where)]
        for id in gone:
            del self._content[id]
        return len(gone)


class MemoryBlobs:
    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}

    async def put(self, id: str, content: bytes) -> None:
        self._content[id] = content

    async def get(self, id: str) -> bytes | None:
        return self._content.get(id)

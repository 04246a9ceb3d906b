"""The store of a service, and a process's view of it. Every effect is told to the checks at the moment it happens."""

import marshal
from asyncio import Future
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from libs.events.envelope import Commit
from libs.events.errors import Unavailable
from libs.events.store import fitting
from libs.events.store.matching import matches, sorted_by
from libs.events.store.ports import AlreadyThere, Checkpoint, Document, Filter, Head, Meta, Move, Stale, Taken, Write
from tests.simulation.network import Link

if TYPE_CHECKING:
    from tests.simulation.processes import Process
    from tests.simulation.world import World


def copied(value: Any) -> Any:
    return marshal.loads(marshal.dumps(value))


class Database:
    """One service's durable state, under the unique keys of the real one. No call of it waits."""

    def __init__(self, world: "World", service: str, shards: int) -> None:
        self.world, self.service = world, service
        self.by_id: dict[str, Commit] = {}
        self.shards: list[list[Commit]] = [[] for _ in range(shards)]
        self.streams: dict[str, list[Commit]] = defaultdict(list)
        self.collections: dict[str, dict[str, Document]] = defaultdict(dict)
        self.checkpoints: dict[tuple[str, str, int], Checkpoint] = {}
        self.watchers: list[SimCommits] = []

    def append(self, commits: Sequence[Commit]) -> Taken | None:
        for index, commit in enumerate(commits):
            if commit.id in self.by_id:
                return Taken(index, "id")
            shard = self.shards[commit.shard]
            if shard and commit.position <= shard[-1].last_position:
                return Taken(index, "position")
            stream = self.streams[commit.stream]
            if stream and commit.version <= stream[-1].last_version:
                return Taken(index, "version")
            self.by_id[commit.id] = commit
            shard.append(commit)
            stream.append(commit)
            self.world.checks.appended(self, commit)
            for watcher in self.watchers:
                watcher.ring(commit)
        return None

    def find(self, ids: Sequence[str]) -> dict[str, Commit]:
        return {id: self.by_id[id] for id in ids if id in self.by_id}

    def read_stream(self, stream: str, after: int) -> list[Commit]:
        return [commit for commit in self.streams.get(stream, ()) if commit.version > after]

    def read_shard(self, shard: int, after: int, limit: int) -> list[Commit]:
        found = self.shards[shard]
        first = len(found)
        while first and found[first - 1].position > after:
            first -= 1
        return found[first : first + limit]

    def head(self, shard: int) -> Head:
        if not self.shards[shard]:
            return Head()
        last = self.shards[shard][-1]
        return Head(last.last_position, last.hash, int(last.clock, 16), last.recorded_at)

    def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        for move in moves:
            if self.checkpoints.get((move.consumer, move.topic, move.shard)) != move.before:
                self.world.faults.counts["met: stale checkpoint"] += 1
                raise Stale(f"{move.consumer} {move.topic}/{move.shard}")
        for write in writes:
            if write.there and write.key not in self.collections[write.collection]:
                self.world.faults.counts["met: taken by another"] += 1
                raise Stale(f"{write.collection} {write.key}")
        for write in writes:
            collection = self.collections[write.collection]
            if write.part is not None:
                collection.setdefault(write.key, {"_id": write.key})[write.part] = copied(write.document)
            elif write.document is None:
                collection.pop(write.key, None)
            else:
                collection[write.key] = {"_id": write.key, **copied(write.document)}
        for move in moves:
            self.checkpoints[move.consumer, move.topic, move.shard] = move.after
        self.world.checks.transacted(self, writes, moves)

    def load(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        found = self.collections[collection]
        return {key: copied(found[key]) for key in keys if key in found}

    def find_documents(self, name: str, where: Filter, sort: Sequence[str], skip: int, limit: int) -> list[Document]:
        found = [d for d in self.collections[name].values() if matches(d, where)]
        return [copied(d) for d in (sorted_by(found, sort) if sort else found)[skip : skip + limit]]

    # What comes is the database's own: `SimDocuments` copies it on its way.

    def insert(self, name: str, document: Document) -> None:
        if document["_id"] in self.collections[name]:
            raise AlreadyThere(document["_id"])
        self.collections[name][document["_id"]] = document
        self.world.checks.written(self, name, document)

    def replace(self, name: str, document: Document, where: Filter, upsert: bool) -> bool:
        existing = self.collections[name].get(document["_id"])
        if (existing is None and not upsert) or (existing is not None and not matches(existing, where)):
            return False
        self.collections[name][document["_id"]] = document
        self.world.checks.written(self, name, document)
        return True

    def update(self, name: str, id: str, fields: Mapping[str, Any], where: Filter) -> bool:
        existing = self.collections[name].get(id)
        if existing is None or not matches(existing, where):
            return False
        existing.update(fields)
        self.world.checks.written(self, name, existing)
        return True

    def delete(self, name: str, where: Filter) -> int:
        gone = [id for id, d in self.collections[name].items() if matches(d, where)]
        for id in gone:
            del self.collections[name][id]
        return len(gone)


class SimCommits:
    """`CommitStore` over the simulated network."""

    def __init__(self, process: "Process", database: Database, meta: Meta) -> None:
        self._link = Link(process, "store", lambda: Unavailable("the store does not answer"))
        self._process, self._database, self._meta = process, database, meta
        self._rung: list[tuple[int, int]] = []
        self._bell: Future[None] | None = None

    def append(self, commits: Sequence[Commit]) -> "Future[Taken | None]":
        what = "append"
        if self._process.world.trace is not None:
            what += "".join(f" {c.shard}/{c.position}:{c.id[:6]}" for c in commits)
        if len(commits) > 1 and self._process.world.random.random() < 0.3:
            # An ordered insert of several is not one step: others may come between.
            return self._process.loop.create_task(self._one_by_one(list(commits), what))
        return self._link.call(what, True, self._database.append, list(commits))

    async def _one_by_one(self, commits: list[Commit], what: str) -> Taken | None:
        for index, commit in enumerate(commits):
            taken = await self._link.call(what, True, self._database.append, [commit])
            if taken is not None:
                return Taken(index, taken.key)
        return None

    def find(self, ids: Sequence[str]) -> "Future[dict[str, Commit]]":
        return self._link.call("find", False, self._database.find, ids)

    def read_stream(self, shard: int, stream: str, after: int = 0) -> "Future[list[Commit]]":
        return self._link.call("read stream", False, self._database.read_stream, stream, after)

    def read_shard(self, shard: int, after: int, limit: int) -> "Future[list[Commit]]":
        what = "read shard" if self._process.world.trace is None else f"read shard {shard} after {after}"
        return self._link.call(what, False, self._database.read_shard, shard, after, limit)

    def head(self, shard: int) -> "Future[Head]":
        return self._link.call("head", False, self._database.head, shard)

    def ring(self, commit: Commit) -> None:
        """Somebody has committed; a doorbell may well be missed."""
        if self._process.loop.dead or self._process.world.random.random() < 0.3:
            return
        self._rung.append((commit.shard, commit.last_position))
        if self._bell is not None and not self._bell.done():
            self._bell.set_result(None)

    def watch(self) -> "SimCommits":
        if self not in self._database.watchers:
            self._database.watchers.append(self)
        return self

    def __aiter__(self) -> "SimCommits":
        return self

    async def __anext__(self) -> tuple[int, int]:
        while not self._rung:
            self._bell = self._process.loop.create_future()
            await self._bell
        return self._rung.pop(0)

    async def clock_skew(self) -> float:
        return 0.0

    async def meta(self) -> Meta:
        return self._meta


class SimState:
    """`StateStore` over the simulated network."""

    def __init__(self, process: "Process", database: Database) -> None:
        self._link = Link(process, "store", lambda: Unavailable("the store does not answer"))
        self._process, self._database = process, database
        self._documents: dict[str, SimDocuments] = {}

    def checkpoints(self, consumer: str, topic: str) -> "Future[dict[int, Checkpoint]]":
        return self._link.call(f"checkpoints {consumer}", False, self._checkpoints, consumer, topic)

    def _checkpoints(self, consumer: str, topic: str) -> dict[int, Checkpoint]:
        return {s: c for (n, t, s), c in self._database.checkpoints.items() if n == consumer and t == topic}

    def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> "Future[None]":
        what = "transact"
        if self._process.world.trace is not None:
            what += "".join(f" {m.consumer}/{m.shard}→{m.after.position}" for m in moves)
            what += "".join(f" {w.collection}:{w.key}" for w in writes)
        return self._link.call(what, True, self._database.transact, list(writes), list(moves))

    def check(self, document: Mapping[str, Any]) -> None:
        fitting.check(document)

    async def end_abandoned(self) -> None:
        return

    def load(self, collection: str, keys: Sequence[str]) -> "Future[dict[str, Document]]":
        return self._link.call(f"load {collection}", False, self._database.load, collection, keys)

    def documents(self, collection: str) -> "SimDocuments":
        found = self._documents.get(collection)
        if found is None:
            found = self._documents[collection] = SimDocuments(self._link, self._database, collection)
        return found


class SimDocuments:
    """`Documents` over the simulated network."""

    def __init__(self, link: Link, database: Database, name: str) -> None:
        self._link, self._database, self._name = link, database, name
        self._get, self._find, self._delete = f"get {name}", f"find {name}", f"delete {name}"
        self._insert, self._replace, self._update = f"insert {name}", f"replace {name}", f"update {name}"

    async def get(self, id: str) -> Document | None:
        return (await self._link.call(self._get, False, self._database.load, self._name, [id])).get(id)

    def find(
        self, where: Filter, *, sort: Sequence[str] = (), skip: int = 0, limit: int = 100
    ) -> "Future[list[Document]]":
        database = self._database
        return self._link.call(self._find, False, database.find_documents, self._name, where, sort, skip, limit)

    async def count(self, where: Filter) -> int:
        return len(await self.find(where, limit=1_000_000))

    def insert(self, document: Document) -> "Future[None]":
        return self._link.call(self._insert, True, self._database.insert, self._name, copied(document))

    def replace(self, document: Document, where: Filter | None = None, *, upsert: bool = False) -> "Future[bool]":
        database = self._database
        return self._link.call(self._replace, True, database.replace, self._name, copied(document), where or {}, upsert)

    def update(self, id: str, fields: Mapping[str, Any], where: Filter | None = None) -> "Future[bool]":
        database, own = self._database, copied(dict(fields))
        return self._link.call(self._update, True, database.update, self._name, id, own, where or {})

    def delete(self, where: Filter) -> "Future[int]":
        return self._link.call(self._delete, True, self._database.delete, self._name, where)

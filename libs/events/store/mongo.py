"""The store port on MongoDB through Motor. Majority and journal for writes, majority for reads, no driver retries."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC
from typing import Any

import msgspec
from bson.codec_options import CodecOptions
from gridfs.errors import NoFile
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase, AsyncIOMotorGridFSBucket
from pymongo import ASCENDING, DESCENDING, DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, CollectionInvalid, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from libs.events.clock import off_by, wall_seconds
from libs.events.envelope import MOST_EVENTS, Commit
from libs.events.errors import Unavailable
from libs.events.points import reach
from libs.events.store import fitting
from libs.events.store.ports import (
    AlreadyThere,
    Checkpoint,
    Contended,
    Document,
    Filter,
    Head,
    Meta,
    Move,
    Page,
    Stale,
    Taken,
    Unstorable,
    Write,
)
from libs.events.store.sessions import Sessions

_MAJORITY = ReadConcern("majority")
_SNAPSHOT = ReadConcern("snapshot")
_DURABLE = WriteConcern("majority", j=True)
_CHECKPOINTS = "checkpoints"
_SESSIONS = "sessions_noted"
_AT_ONCE = 500
"""Documents of one write command: others get their turn between two of them."""
_DUPLICATE = 11000
_RETRY_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult")
_CONFLICTS = (112, 251, 244)


def connect(uri: str, *, timeout_ms: int = 5_000) -> "AsyncIOMotorClient[Any]":
    """One client per process. Our command ids make retries safe, so the driver's own are off (they cost dearly)."""
    return AsyncIOMotorClient(
        uri, retryWrites=False, serverSelectionTimeoutMS=timeout_ms, connectTimeoutMS=timeout_ms,
        socketTimeoutMS=30_000, maxPoolSize=64, appname="tidu",
    )  # fmt: skip


@asynccontextmanager
async def reachable() -> AsyncIterator[None]:
    """Turn what the driver says of a store that is away into the kernel's word for it."""
    try:
        yield
    except (DuplicateKeyError, BulkWriteError):
        raise
    except PyMongoError as error:
        raise Unavailable(f"the store does not answer: {type(error).__name__}") from error


def _durable(database: "AsyncIOMotorDatabase[Any]", name: str) -> Any:
    options: CodecOptions[Any] = CodecOptions(tz_aware=True)
    return database.get_collection(name, options, read_concern=_MAJORITY, write_concern=_DURABLE)


class MongoCommits:
    """`commits` and `meta` of `<service>_log`; the service's user may find, insert and watch there, nothing else."""

    def __init__(self, client: "AsyncIOMotorClient[Any]", service: str, prefix: str = "") -> None:
        database = client[f"{prefix}{service}_log"]
        self._commits, self._meta = _durable(database, "commits"), _durable(database, "meta")
        self._known: dict[int, int] = {}
        self._begins: dict[int, int] = {}

    async def append(self, commits: Sequence[Commit]) -> Taken | None:
        documents = [msgspec.to_builtins(commit) for commit in commits]
        async with reachable():
            try:
                if len(documents) == 1:
                    await self._commits.insert_one(documents[0])
                else:
                    await self._commits.insert_many(documents, ordered=True)
            except DuplicateKeyError as error:
                return Taken(0, _taken_key(error.details or {}))
            except BulkWriteError as error:
                return _taken(error)
        self._knows(commits[-1])
        return None

    async def find(self, ids: Sequence[str]) -> dict[str, Commit]:
        return {c.id: c for c in await self._read({"_id": {"$in": list(ids)}}, None, 0)}

    async def read_stream(self, shard: int, stream: str, after: int = 0) -> list[Commit]:
        where = {"shard": shard, "stream": stream, "version": {"$gt": after}}
        return await self._read(where, [("version", ASCENDING)], 0)

    async def read_streams(self, shard: int, first: str, last: str) -> list[Commit]:
        where = {"shard": shard, "stream": {"$gte": first, "$lt": last}}
        return await self._read(where, [("stream", ASCENDING), ("version", ASCENDING)], 0)

    async def newest_of(self, shard: int, first: str, last: str) -> int:
        """Without a bound on positions: with it, the embedded store looks at the whole shard each time."""
        where = {"shard": shard, "stream": {"$gte": first, "$lt": last}}
        async with reachable():
            return max([d["position"] async for d in self._commits.find(where, {"_id": 0, "position": 1})], default=0)

    async def read_shard(self, shard: int, after: int, limit: int) -> list[Commit]:
        """The embedded store looks at all that a filter matches before it takes the first so many: what is read is bounded,
        and only where that finds nothing (the end, or a hole that somebody has made) is everything beyond asked for."""
        span = max(MOST_EVENTS, 4 * limit)
        found = []
        if after + span < self._known.get(shard, 0) or not self._known.get(shard):
            found = await self._in_order(shard, {"$gt": after, "$lte": after + span}, limit)
        return found or await self._in_order(shard, {"$gt": after}, limit)

    async def _in_order(self, shard: int, positions: Filter, limit: int) -> list[Commit]:
        found = await self._read({"shard": shard, "position": positions}, [("position", ASCENDING)], limit)
        if found:
            self._knows(found[-1])
        return found

    def _knows(self, commit: Commit) -> None:
        """The newest commit of a shard that was met: where it ends, and where it begins."""
        if commit.last_position > self._known.get(commit.shard, 0):
            self._known[commit.shard], self._begins[commit.shard] = commit.last_position, commit.position

    async def commit_at(self, shard: int, position: int) -> Commit | None:
        near = {"$gt": position - MOST_EVENTS, "$lte": position}
        found = await self._read({"shard": shard, "position": near}, [("position", DESCENDING)], 1)
        return found[0] if found and found[0].last_position >= position else None

    async def _read(self, where: Filter, sort: list[tuple[str, int]] | None, limit: int) -> list[Commit]:
        async with reachable():
            cursor = self._commits.find(where, sort=sort, limit=limit)
            return [msgspec.convert(document, Commit) async for document in cursor]

    async def head(self, shard: int) -> Head:
        """From the newest commit that is known here: the embedded store looks at all that follow before it takes the last."""
        begins = self._begins.get(shard) or await self._near_the_end(shard) - MOST_EVENTS
        newest = await self._newest(shard, begins - 1) or (await self._newest(shard, -1) if begins > 0 else None)
        if newest is None:
            return Head()
        self._knows(newest)
        return Head(newest.last_position, newest.hash, int(newest.clock, 16), newest.recorded_at)

    async def _newest(self, shard: int, after: int) -> Commit | None:
        where = {"shard": shard, "position": {"$gt": after}}
        return next(iter(await self._read(where, [("position", DESCENDING)], 1)), None)

    async def _near_the_end(self, shard: int) -> int:
        """A position not far before the head, by halving: positions are dense, so that every stretch as long as the
        longest commit has one that begins there."""
        step, low = MOST_EVENTS, 0
        while await self._any(shard, low + step):
            low, step = low + step, step * 2
        high = low + step
        while high - low > MOST_EVENTS:
            middle = (low + high) // 2
            low, high = (middle, high) if await self._any(shard, middle) else (low, middle)
        return low

    async def _any(self, shard: int, after: int) -> bool:
        where = {"shard": shard, "position": {"$gt": after, "$lte": after + MOST_EVENTS}}
        async with reachable():
            return await self._commits.find_one(where, {"_id": 1}) is not None

    async def watch(self) -> AsyncIterator[tuple[int, int]]:
        wanted = {"fullDocument.shard": 1, "fullDocument.last_position": 1}
        pipeline = [{"$match": {"operationType": "insert"}}, {"$project": wanted}]
        async with reachable(), self._commits.watch(pipeline) as stream:
            async for change in stream:
                yield change["fullDocument"]["shard"], change["fullDocument"]["last_position"]

    async def clock_skew(self) -> float:
        """Seconds by which this process's wall clock is at least off the store's. What the question took is doubt: the
        store may have looked at its clock at any moment of it."""
        before = wall_seconds()
        async with reachable():
            told = await self._commits.database.client.admin.command("hello")
        return off_by(before, told["localTime"].replace(tzinfo=UTC).timestamp(), wall_seconds())

    async def meta(self) -> Meta:
        async with reachable():
            found = await self._meta.find_one({"_id": "deployment"})
        if found is None:
            raise Unavailable("the store has not been provisioned for this service")
        return Meta(found["name"], found["shards"], found["generation"])


def _taken(error: BulkWriteError) -> Taken:
    errors = (error.details or {}).get("writeErrors") or []
    if not errors:  # written, but not known to be durable: whoever asks again finds out
        raise Unavailable("the store does not confirm a write") from error
    details: dict[str, Any] = errors[0]
    if details.get("code") != _DUPLICATE:
        raise Unavailable(f"the store refused a write: {details.get('errmsg')}") from error
    return Taken(details["index"], _taken_key(details))


def _taken_key(details: Mapping[str, Any]) -> str:
    pattern = details.get("keyPattern") or {}
    return "id" if "_id" in pattern else "position" if "position" in pattern else "version"


class MongoState:
    """Read models, checkpoints, plain documents and blobs of `<service>`."""

    def __init__(self, client: "AsyncIOMotorClient[Any]", service: str, prefix: str = "") -> None:
        self._database = client[f"{prefix}{service}"]
        self._sessions = Sessions(client, self._collection(_SESSIONS))

    def _collection(self, name: str) -> Any:
        return _durable(self._database, name)

    async def checkpoints(self, consumer: str, topic: str) -> dict[int, Checkpoint]:
        async with reachable():
            # By their ids: an index of its own would cost every move more than these few looks save.
            first = f"{consumer}|{topic}|"
            cursor = self._collection(_CHECKPOINTS).find({"_id": {"$gte": first, "$lt": f"{first[:-1]}}}"}})
            return {d["shard"]: Checkpoint(d["position"], d["hash"], d["offset"]) async for d in cursor}

    async def transact(self, writes: Sequence[Write], moves: Sequence[Move]) -> None:
        async with reachable():
            try:
                if not writes:
                    # Each move stands for itself: where some come too late, the others are right all the same.
                    await self._move(moves, None)
                    return
                async with self._sessions.opened() as session:
                    async with session.start_transaction(_MAJORITY, _DURABLE):
                        await self._move(moves, session)
                        await self._write(writes, session)
                        reach("store.open")
            except OperationFailure as error:
                if error.code in _CONFLICTS or any(error.has_error_label(label) for label in _RETRY_LABELS):
                    raise Contended("another writer was in the same documents") from error
                raise
            except fitting.UNFIT as error:
                raise Unstorable(str(error)) from error

    def check(self, document: Mapping[str, Any]) -> None:
        fitting.check(document)

    async def _move(self, moves: Sequence[Move], session: Any) -> None:
        if not moves:
            return
        operations = []
        for move in moves:
            id = f"{move.consumer}|{move.topic}|{move.shard}"
            after = {"position": move.after.position, "hash": move.after.hash, "offset": move.after.offset}
            if move.before is None:
                first = {"consumer": move.consumer, "topic": move.topic, "shard": move.shard}
                operations.append(UpdateOne({"_id": id, "position": -1}, {"$set": {**after, **first}}, upsert=True))
            else:
                where = {
                    "_id": id,
                    "position": move.before.position,
                    "hash": move.before.hash,
                    "offset": move.before.offset,
                }
                operations.append(UpdateOne(where, {"$set": after}))
        try:
            result = await self._collection(_CHECKPOINTS).bulk_write(operations, session=session)
        except BulkWriteError as error:
            raise Stale("a checkpoint was written by somebody else") from error
        if result.matched_count + result.upserted_count != len(moves):
            raise Stale("a checkpoint was moved by somebody else")

    async def _write(self, writes: Sequence[Write], session: Any) -> None:
        by_collection: dict[tuple[str, bool], list[Any]] = {}
        for write in writes:
            by_collection.setdefault((write.collection, write.there), []).append(_operation(write))
        for (name, there), operations in by_collection.items():
            for first in range(0, len(operations), _AT_ONCE):
                some = operations[first : first + _AT_ONCE]
                try:
                    result = await self._collection(name).bulk_write(some, ordered=False, session=session)
                except BulkWriteError as error:
                    if any(one["code"] == _DUPLICATE for one in error.details.get("writeErrors", ())):
                        raise Stale(f"a document of {name} was written by somebody else") from error
                    raise
                if there and result.deleted_count < len(some):
                    raise Stale(f"a document of {name} was deleted by somebody else")

    async def load(self, collection: str, keys: Sequence[str]) -> dict[str, Document]:
        async with reachable():
            cursor = self._collection(collection).find({"_id": {"$in": list(keys)}})
            return {d["_id"]: d async for d in cursor}

    async def page(self, collection: str, after: str, limit: int, consumer: str) -> Page:
        async with reachable(), self._sessions.opened() as session:
            async with session.start_transaction(_SNAPSHOT, _DURABLE):
                at = self._collection(_CHECKPOINTS).find({"consumer": consumer}, session=session)
                checkpoints = {
                    (d["topic"], d["shard"]): Checkpoint(d["position"], d["hash"], d["offset"]) async for d in at
                }
                found = self._collection(collection).find({"_id": {"$gt": after}}, session=session)
                documents = [document async for document in found.sort("_id", ASCENDING).limit(limit)]
                return Page(documents, checkpoints)

    async def ensure_indexes(self, collection: str, indexes: Sequence[Sequence[str]]) -> None:
        async with reachable():
            existing = await self._database.list_collection_names()
            if collection not in existing:
                with suppress(CollectionInvalid):  # another process has just made it
                    await self._database.create_collection(collection)
            if indexes:
                await self._collection(collection).create_indexes(
                    [IndexModel([_direction(name) for name in names]) for names in indexes]
                )

    async def end_abandoned(self) -> None:
        async with reachable():
            await self._sessions.end_abandoned()

    async def forget(self, collection: str, consumer: str) -> None:
        async with reachable(), self._sessions.opened() as session:
            async with session.start_transaction(_MAJORITY, _DURABLE):
                await self._collection(_CHECKPOINTS).delete_many({"consumer": consumer}, session=session)
                await self._collection(collection).delete_many({}, session=session)

    def documents(self, collection: str) -> "MongoDocuments":
        return MongoDocuments(self._collection(collection))

    def blobs(self) -> "MongoBlobs":
        return MongoBlobs(self._database)


def _operation(write: Write) -> Any:
    if write.part is not None:
        return UpdateOne({"_id": write.key}, {"$set": {write.part: write.document}}, upsert=True)
    if write.document is None:
        return DeleteOne({"_id": write.key})
    if write.fresh:
        return InsertOne({**write.document, "_id": write.key})
    return ReplaceOne({"_id": write.key}, {**write.document, "_id": write.key}, upsert=True)


def _direction(name: str) -> tuple[str, int]:
    return (name.removeprefix("-"), DESCENDING if name.startswith("-") else ASCENDING)


class MongoDocuments:
    def __init__(self, collection: Any) -> None:
        self._collection = collection

    async def get(self, id: str) -> Document | None:
        async with reachable():
            found: Document | None = await self._collection.find_one({"_id": id})
            return found

    async def find(self, where: Filter, *, sort: Sequence[str] = (), skip: int = 0, limit: int = 100) -> list[Document]:
        async with reachable():
            cursor = self._collection.find(where, skip=skip, limit=limit, sort=[_direction(n) for n in sort] or None)
            return [document async for document in cursor]

    async def count(self, where: Filter) -> int:
        async with reachable():
            return int(await self._collection.count_documents(where))

    async def insert(self, document: Document) -> None:
        async with reachable():
            try:
                await self._collection.insert_one(document)
            except DuplicateKeyError as error:
                raise AlreadyThere(document["_id"]) from error

    async def replace(self, document: Document, where: Filter | None = None, *, upsert: bool = False) -> bool:
        async with reachable():
            try:
                result = await self._collection.replace_one(
                    {**(where or {}), "_id": document["_id"]}, document, upsert=upsert
                )
            except DuplicateKeyError:
                return False
            return bool(result.matched_count or result.upserted_id is not None)

    async def update(self, id: str, fields: Mapping[str, Any], where: Filter | None = None) -> bool:
        async with reachable():
            result = await self._collection.update_one({**(where or {}), "_id": id}, {"$set": dict(fields)})
            return bool(result.matched_count)

    async def delete(self, where: Filter) -> int:
        async with reachable():
            return int((await self._collection.delete_many(where)).deleted_count)


class MongoBlobs:
    """GridFS, addressed by name: a file exists once it is complete, so a broken upload hides nothing."""

    def __init__(self, database: Any) -> None:
        self._bucket = AsyncIOMotorGridFSBucket(database, write_concern=_DURABLE)

    async def put(self, id: str, content: bytes) -> None:
        async with reachable():
            if not await self._bucket.find({"filename": id}, limit=1).to_list(1):
                await self._bucket.upload_from_stream(id, content)
                reach("blob.stored")

    async def get(self, id: str) -> bytes | None:
        async with reachable():
            try:
                stream = await self._bucket.open_download_stream_by_name(id)
            except NoFile:
                return None
            return bytes(await stream.read())

"""What a service derives from events, on MongoDB through Motor: read models with their checkpoints, documents, files."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from gridfs.errors import NoFile
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import ASCENDING, DESCENDING, DeleteOne, IndexModel, InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError, CollectionInvalid, DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern

from libs.events.points import reach
from libs.events.store import fitting
from libs.events.store.mongo import DUPLICATE, DURABLE, MAJORITY, durable, reachable
from libs.events.store.ports import (
    AlreadyThere,
    Checkpoint,
    Contended,
    Document,
    Filter,
    Move,
    Page,
    Stale,
    Unstorable,
    Write,
)
from libs.events.store.sessions import Sessions

_SNAPSHOT = ReadConcern("snapshot")
_CHECKPOINTS = "checkpoints"
_SESSIONS = "sessions_noted"
_AT_ONCE = 500
"""Documents of one write command: others get their turn between two of them."""
_RETRY_LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult")
_CONFLICTS = (112, 251, 244)


class MongoState:
    """Read models, checkpoints, plain documents and blobs of `<service>`."""

    def __init__(self, client: "AsyncIOMotorClient[Any]", service: str, prefix: str = "") -> None:
        self._database = client[f"{prefix}{service}"]
        self._sessions = Sessions(client, self._collection(_SESSIONS))

    def _collection(self, name: str) -> Any:
        return durable(self._database, name)

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
                    async with session.start_transaction(MAJORITY, DURABLE):
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
                    if any(one["code"] == DUPLICATE for one in error.details.get("writeErrors", ())):
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
            async with session.start_transaction(_SNAPSHOT, DURABLE):
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
            async with session.start_transaction(MAJORITY, DURABLE):
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
        self._bucket = AsyncIOMotorGridFSBucket(database, write_concern=DURABLE)

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

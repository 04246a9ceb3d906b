"""The log on MongoDB through Motor. Majority and journal for writes, majority for reads, no driver retries."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any

import msgspec
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from libs.events.clock import off_by, wall_seconds
from libs.events.envelope import MOST_EVENTS, Commit
from libs.events.errors import Unavailable
from libs.events.store.ports import Filter, Head, Meta, Taken

MAJORITY = ReadConcern("majority")
DURABLE = WriteConcern("majority", j=True)
DUPLICATE = 11000


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


def durable(database: "AsyncIOMotorDatabase[Any]", name: str) -> Any:
    options: CodecOptions[Any] = CodecOptions(tz_aware=True)
    return database.get_collection(name, options, read_concern=MAJORITY, write_concern=DURABLE)


class MongoCommits:
    """`commits` and `meta` of `<service>_log`; the service's user may find, insert and watch there, nothing else."""

    def __init__(self, client: "AsyncIOMotorClient[Any]", service: str, prefix: str = "") -> None:
        database = client[f"{prefix}{service}_log"]
        self._commits, self._meta = durable(database, "commits"), durable(database, "meta")
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
    if details.get("code") != DUPLICATE:
        raise Unavailable(f"the store refused a write: {details.get('errmsg')}") from error
    return Taken(details["index"], _taken_key(details))


def _taken_key(details: Mapping[str, Any]) -> str:
    pattern = details.get("keyPattern") or {}
    return "id" if "_id" in pattern else "position" if "position" in pattern else "version"

"""The bare insert: one document, one `insert_one`, majority and journal, by Motor (the product's driver) or PyMongo's own.

The document is a commit of the log as it stands there, its numbers counted on, into a collection of the same store with
the same unique indexes. Driver options are the product's (`retryWrites=false`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.write_concern import WriteConcern

from bench.frame import check_count
from libs.events.store.mongo import connect
from libs.events.store.provision import COMMIT_INDEXES

DATABASE = "bench_peer"
DURABLE = WriteConcern("majority", j=True)


class Inserting:
    """`one(n)` inserts the next document; `check()` counts them all."""

    def __init__(self, collection: Any, document: Mapping[str, Any]) -> None:
        self._collection, self._document, self._n = collection, document, 0

    async def prepare(self) -> None:
        await self._collection.drop()
        await self._collection.create_indexes(COMMIT_INDEXES)

    async def one(self, _: int = 0) -> str:
        self._n += 1
        n = self._n
        numbers = {"_id": f"{n:032x}", "position": n, "last_position": n, "version": n, "last_version": n}
        await self._collection.insert_one({**self._document, **numbers})
        return ""

    async def check(self) -> None:
        check_count(self._n, await self._collection.count_documents({}), "documents inserted bare")


@asynccontextmanager
async def motor(uri: str, document: Mapping[str, Any], name: str = "motor") -> AsyncIterator[Inserting]:
    client: AsyncIOMotorClient[Any] = connect(uri)
    try:
        made = Inserting(client[DATABASE].get_collection(name, write_concern=DURABLE), document)
        await made.prepare()
        yield made
    finally:
        client.close()


@asynccontextmanager
async def pymongo(uri: str, document: Mapping[str, Any]) -> AsyncIterator[Inserting]:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri, retryWrites=False, maxPoolSize=64)
    try:
        made = Inserting(client[DATABASE].get_collection("pymongo", write_concern=DURABLE), document)
        await made.prepare()
        yield made
    finally:
        await client.close()

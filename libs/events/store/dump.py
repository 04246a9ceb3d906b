"""What a service keeps beside its log and its read models, document by document, for a backup of the service."""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from bson import json_util
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import DuplicateKeyError

from libs.events.points import reach
from libs.events.store.mongo import reachable

# Folded again from the log, or of no use to another process.
_REBUILT = re.compile(r"_v\d+(_.*)?$|^(checkpoints|parked.*|foreign|leases|relay|sessions_noted|live|feeding)$")
_BATCH = 200


class Dump:
    """The database `<service>`: drafts, credentials, files, notes; not what comes back by itself."""

    def __init__(self, client: "AsyncIOMotorClient[Any]", service: str, prefix: str = "") -> None:
        self._database = client[f"{prefix}{service}"]

    async def documents(self) -> AsyncIterator[tuple[str, str]]:
        """(collection, document as MongoDB's extended JSON), in a fixed order. Raises Unavailable."""
        async with reachable():
            names = sorted(await self._database.list_collection_names())
            for name in names:
                if not name.startswith("system.") and not _REBUILT.search(name):
                    async for document in self._database[name].find({}, sort=[("_id", 1)], batch_size=_BATCH):
                        yield name, json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS)

    async def put(self, documents: Sequence[tuple[str, str]]) -> int:
        """Insert what is not there; what is there is newer and stays. How many were inserted. Raises Unavailable."""
        inserted = 0
        async with reachable():
            for name, text in documents:
                try:
                    await self._database[name].insert_one(json_util.loads(text))
                    reach("restore.document")
                    inserted += 1
                except DuplicateKeyError:
                    continue
        return inserted

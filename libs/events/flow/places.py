"""How far the relay has copied each shard: one document per shard, moved by compare-and-set."""

from collections.abc import Iterable

import msgspec

from libs.events.points import reach
from libs.events.store.ports import AlreadyThere, Document, Documents


class Place(msgspec.Struct, frozen=True):
    """The last position that the broker has acknowledged, and its offset (None: not known).

    `lost`: the topic no longer holds that offset; nothing is sent until `tidu republish` has moved the place back.
    """

    position: int = 0
    offset: int | None = None
    lost: bool = False


class Places:
    """The places of one topic. Calls may raise Unavailable."""

    def __init__(self, topic: str, documents: Documents) -> None:
        self._topic, self._documents = topic, documents

    async def read(self, shards: Iterable[int]) -> dict[int, Place]:
        """Of these shards; one that was never written is not there."""
        ids = {f"{self._topic}|{shard}": shard for shard in shards}
        if not ids:
            return {}
        found = await self._documents.find({"_id": {"$in": list(ids)}}, limit=len(ids))
        return {ids[document["_id"]]: _place(document) for document in found}

    async def move(self, shard: int, before: Place | None, after: Place) -> bool:
        """Whether the place was still `before` (None: never written) and is `after` now."""
        document = {"_id": f"{self._topic}|{shard}", **msgspec.to_builtins(after)}
        if before is None:
            try:
                await self._documents.insert(document)
            except AlreadyThere:
                return False
        else:
            lost = True if before.lost else {"$ne": True}
            where = {"position": before.position, "offset": before.offset, "lost": lost}
            if not await self._documents.replace(document, where):
                return False
        reach("relay.moved")
        return True


def _place(document: Document) -> Place:
    return Place(document["position"], document.get("offset"), document.get("lost", False))

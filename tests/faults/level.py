"""How far relays and consumers have come, read raw from the store: heads of the logs against every checkpoint."""

from __future__ import annotations

from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from deploy.local.stack import Stack
from libs.events.contracts.base import SERVICES

Heads = dict[tuple[str, int], int]


class Levels:
    """`async with Levels(stack) as levels`; every question answers False while the store does not."""

    def __init__(self, stack: Stack) -> None:
        self._client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(
            stack.admin_store_uri, serverSelectionTimeoutMS=500, connectTimeoutMS=500, socketTimeoutMS=5_000
        )

    async def __aenter__(self) -> Levels:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.close()

    async def heads(self) -> Heads | None:
        """The last position of every shard of every log; None while the store does not answer."""
        found: Heads = {}
        try:
            for service in SERVICES:
                commits = self._client[f"{service}_log"]["commits"]
                for shard in await commits.distinct("shard"):
                    newest = await commits.find_one({"shard": shard}, sort=[("position", -1)])
                    found[service, shard] = newest["last_position"]
        except PyMongoError:
            return None
        return found

    async def passed(self, heads: Heads) -> bool:
        """Whether every relay and every consumer is at these positions or beyond."""
        return not await self.behind(heads)

    async def behind(self, heads: Heads) -> list[str]:
        """Who is not there yet, in words."""
        try:
            return [*await self._unrelayed(heads), *await self._unconsumed(heads)]
        except PyMongoError as error:
            return [f"the store: {type(error).__name__}"]

    async def _unrelayed(self, heads: Heads) -> list[str]:
        found = []
        for service in SERVICES:
            places = {place["_id"]: place["position"] async for place in self._client[service]["relay"].find({})}
            for (of, shard), head in heads.items():
                at = places.get(f"{service}.events|{shard}", 0)
                if of == service and at < head:
                    found.append(f"relay {service}/{shard} at {at} of {head}")
        return found

    async def _unconsumed(self, heads: Heads) -> list[str]:
        found = []
        for reader in SERVICES:
            async for one in self._client[reader]["checkpoints"].find({}):
                head = heads.get((one["topic"].removesuffix(".events"), one["shard"]), 0)
                if one["position"] < head:
                    found.append(f"{one['_id']} at {one['position']} of {head}")
        return found

    async def level(self) -> Heads | None:
        """The heads, if everything is at them and they stay where they are meanwhile."""
        heads = await self.heads()
        still = heads is not None and await self.passed(heads) and await self.heads() == heads
        return heads if still else None

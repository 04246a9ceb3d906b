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
        try:
            for (service, shard), position in heads.items():
                topic = f"{service}.events"
                relayed = await self._client[service]["relay"].find_one({"_id": f"{topic}|{shard}"})
                if relayed is None or relayed["position"] < position:
                    return False
            return await self._consumed(heads)
        except PyMongoError:
            return False

    async def _consumed(self, heads: Heads) -> bool:
        for reader in SERVICES:
            checkpoints = self._client[reader]["checkpoints"]
            async for found in checkpoints.find({}):
                head = heads.get((found["topic"].removesuffix(".events"), found["shard"]), 0)
                if found["position"] < head:
                    return False
        return True

    async def level(self) -> bool:
        """Whether everything is at the heads, and the heads stay where they are meanwhile."""
        heads = await self.heads()
        return heads is not None and await self.passed(heads) and await self.heads() == heads

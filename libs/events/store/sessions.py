"""Sessions are noted before their first transaction: a killed process leaves one open, and its documents locked for a
minute (the server's transaction lifetime), unless whoever comes after it ends that session."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bson import Binary
from bson.binary import UUID_SUBTYPE
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession

from libs.events.clock import system_wall
from libs.events.points import reach

NOTED_AGAIN_SECONDS = 600
FORGOTTEN_SECONDS = 3_600
"""Longer than a server keeps a session that is not used."""


class Sessions:
    """Of one service's database. Ending the session of a process that lives costs it one repeated fetch, no more."""

    def __init__(self, client: "AsyncIOMotorClient[Any]", noted: Any) -> None:
        self._client, self._noted = client, noted
        self._mine: dict[str, float] = {}

    @asynccontextmanager
    async def opened(self) -> "AsyncIterator[AsyncIOMotorClientSession]":
        async with await self._client.start_session() as session:
            await self._note(bytes(session.delegate.session_id["id"]).hex())
            yield session

    async def _note(self, id: str) -> None:
        if time.monotonic() - self._mine.get(id, -NOTED_AGAIN_SECONDS) >= NOTED_AGAIN_SECONDS:
            await self._noted.replace_one({"_id": id}, {"at": system_wall()}, upsert=True)
            reach("sessions.noted")
            self._mine[id] = time.monotonic()

    async def end_abandoned(self) -> None:
        """End what others of this service have left open."""
        found = [note["_id"] async for note in self._noted.find({}) if note["_id"] not in self._mine]
        if found:
            ids = [{"id": Binary(bytes.fromhex(id), UUID_SUBTYPE)} for id in found]
            await self._client.admin.command("killSessions", ids)
        await self._noted.delete_many({"at": {"$lt": system_wall() - FORGOTTEN_SECONDS * 1000}})

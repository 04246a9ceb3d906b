"""Sessions are noted before their first transaction: a killed process leaves one open, and its documents locked for a
minute (the server's transaction lifetime), unless whoever comes after it ends that session. A process whose link was cut
in a transaction cannot tell the server to abort it: it ends that session itself before its next one."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from bson import Binary
from bson.binary import UUID_SUBTYPE
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo.errors import ConnectionFailure

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
        self._cut_off: set[str] = set()

    @asynccontextmanager
    async def opened(self) -> "AsyncIterator[AsyncIOMotorClientSession]":
        await self._end_cut_off()
        async with await self._client.start_session() as session:
            id = bytes(session.delegate.session_id["id"]).hex()
            await self._note(id)
            try:
                yield session
            except (ConnectionFailure, asyncio.CancelledError):
                # The abort went the same way, and the driver does not say whether it arrived.
                self._cut_off.add(id)
                raise

    async def _note(self, id: str) -> None:
        if time.monotonic() - self._mine.get(id, -NOTED_AGAIN_SECONDS) >= NOTED_AGAIN_SECONDS:
            await self._noted.replace_one({"_id": id}, {"at": system_wall()}, upsert=True)
            reach("sessions.noted")
            self._mine[id] = time.monotonic()

    async def _end_cut_off(self) -> None:
        if ids := set(self._cut_off):
            await self._end(ids)
            self._cut_off -= ids

    async def end_abandoned(self) -> None:
        """End what others of this service have left open."""
        found = [note["_id"] async for note in self._noted.find({}) if note["_id"] not in self._mine]
        if found:
            await self._end(found)
        await self._noted.delete_many({"at": {"$lt": system_wall() - FORGOTTEN_SECONDS * 1000}})

    async def _end(self, ids: Iterable[str]) -> None:
        sessions = [{"id": Binary(bytes.fromhex(id), UUID_SUBTYPE)} for id in ids]
        await self._client.admin.command("killSessions", sessions)

"""The access log: sign-ins, refusals, exports and every reading of personal values by an official, apart from the domain's log.

One chain per service: entries stand at dense positions under a unique key, and each carries the hash of the one before, so
that none is changed, left out or put in between without the chain showing it; that its end is not cut off, what was attested
in the domain's log shows (attesting.py). Kept for as long as the settings say, never
less than six months; what is older goes, and an anchor keeps the place and the hash from which the chain goes on.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, Literal

import msgspec
import structlog

from libs.events.clock import Wall, system_wall
from libs.events.errors import Unavailable
from libs.events.settings import SHORTEST_ACCESS_DAYS
from libs.events.store.ports import AlreadyThere, Document, Documents

log = structlog.get_logger("access")

COLLECTION = "access_log"
INDEXES = (
    ("n",),
    ("subject", "-n"),
    ("enterprise", "-n"),
    ("who", "-n"),
    ("kind", "-n"),
    ("authority", "covering", "-n"),
)
GENESIS = "0" * 64
KEEP_DAYS = 1095
DAY_MS = 86_400_000
TIDY_EVERY = 1_000
MOST_WAITING = 500
PORTION = 500
ANCHOR = "anchor"

Kind = Literal["read", "sign-in", "sign-in-failed", "refusal", "export"]


class Head(msgspec.Struct, frozen=True):
    """The newest entry's place and hash; none: 0."""

    n: int
    hash: str


class Broken(msgspec.Struct, frozen=True):
    """Where the chain does not hold, and in which way."""

    n: int
    what: str


def hash_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 over everything of the entry but its own hash, as JSON with sorted keys."""
    said = {name: value for name, value in entry.items() if name not in ("_id", "hash")}
    return sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def place_of(n: int) -> str:
    return f"{n:012d}"


class AccessNotes:
    """Appends; several processes append to one chain, whoever comes second tries again behind the first."""

    def __init__(self, documents: Documents, wall: Wall = system_wall, keep_days: int = KEEP_DAYS) -> None:
        if keep_days < SHORTEST_ACCESS_DAYS:
            raise ValueError(f"the access log is kept for at least {SHORTEST_ACCESS_DAYS} days")
        self.documents, self._wall, self._keep_ms = documents, wall, keep_days * DAY_MS
        self._lock = asyncio.Lock()
        self._head: Head | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self.dropped = 0

    async def note(self, kind: Kind, who: str, **facts: Any) -> None:
        """Durable when it returns. Raises Unavailable."""
        async with self._lock:
            seen = 0
            while True:
                head = self._head or await self.head(seen)
                n = head.n
                entry = {"n": n + 1, "at": self._wall(), "kind": kind, "who": who, **facts, "previous": head.hash}
                hashed = {**entry, "_id": place_of(n + 1), "hash": hash_of(entry)}
                try:
                    await self.documents.insert(hashed)
                except AlreadyThere:
                    self._head, seen = None, n
                    continue
                self._head = Head(n + 1, str(hashed["hash"]))
                break
        if (n + 1) % TIDY_EVERY == 0:
            await self.tidy()

    def soon(self, kind: Kind, who: str, **facts: Any) -> None:
        """For what must not wait, such as a refusal. Beyond what may wait at once it is counted and dropped, so that
        nobody fills the log faster than it can be written."""
        if len(self._waiting) >= MOST_WAITING:
            self.dropped += 1
            return
        task = asyncio.get_running_loop().create_task(self._quietly(kind, who, facts))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def settled(self) -> None:
        """Until everything that was noted `soon` is written."""
        while self._waiting:
            await asyncio.wait(set(self._waiting))

    async def _quietly(self, kind: Kind, who: str, facts: Mapping[str, Any]) -> None:
        try:
            await self.note(kind, who, **facts)
        except Unavailable as error:
            self.dropped += 1
            await log.aerror("access.not-noted", kind=kind, error=str(error))

    async def head(self, seen: int = 0) -> Head:
        """What is newest in the store, also by other processes. `seen`: a place that the newest does not stand before;
        the embedded store looks at all that a filter matches. Raises Unavailable."""
        newest = await self.documents.find({"n": {"$gt": seen}}, sort=("-n",), limit=1)
        if newest:
            return Head(newest[0]["n"], newest[0]["hash"])
        return await self._anchor()

    async def _anchor(self) -> Head:
        anchor = await self.documents.get(ANCHOR)
        return Head(anchor["upto"], anchor["hash"]) if anchor else Head(0, GENESIS)

    async def tidy(self) -> int:
        """How many entries were older than may be kept. The anchor moves first, so a crash in between loses nothing."""
        oldest = self._wall() - self._keep_ms
        over = await self.documents.find({"n": {"$gt": 0}, "at": {"$lt": oldest}}, sort=("-n",), limit=1)
        if not over:
            return 0
        last = over[0]
        await self.documents.replace({"_id": ANCHOR, "upto": last["n"], "hash": last["hash"]}, upsert=True)
        return await self.documents.delete({"n": {"$gt": 0, "$lte": last["n"]}})

    async def verify(self, attested: Head | None = None) -> tuple[int, str, Broken | None]:
        """(entries, head hash, the first fault): dense, each entry's hash right, each naming the one before, and what was
        attested there with the same hash."""
        at = await self._anchor()
        entries = 0
        while portion := await self._portion(at.n):
            for entry in portion:
                if fault := _fault(entry, at, attested):
                    return entries, at.hash, Broken(entry["n"], fault)
                at, entries = Head(entry["n"], entry["hash"]), entries + 1
        if attested is not None and at.n < attested.n:
            return entries, at.hash, Broken(at.n + 1, "its end is missing")
        return entries, at.hash, None

    async def _portion(self, at: int) -> list[Document]:
        """Bounded, and only where that finds nothing (the end, or a hole that somebody has made) everything beyond."""
        near = await self.documents.find({"n": {"$gt": at, "$lte": at + PORTION}}, sort=("n",), limit=PORTION)
        return near or await self.documents.find({"n": {"$gt": at}}, sort=("n",), limit=1)

    async def close(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self.settled()


def _fault(entry: Document, before: Head, attested: Head | None) -> str:
    if entry["n"] != before.n + 1 or entry["_id"] != place_of(before.n + 1):
        return "an entry is missing"
    if entry["previous"] != before.hash:
        return "it does not follow the one before"
    if hash_of(entry) != entry["hash"]:
        return "it was changed"
    if attested is not None and attested.n == entry["n"] and attested.hash != entry["hash"]:
        return "it is not what was attested"
    return ""

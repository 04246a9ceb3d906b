"""Time passing as commands: due dates folded from the log, and a leased clock that turns them into ticks."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog

from libs.events.clock import wall_seconds
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import contracts
from libs.events.contracts.times import parse_time, time_text
from libs.events.decider import Decider, Tick
from libs.events.errors import Conflict, Refused, Transient
from libs.events.flow.projections import Document, Projection
from libs.events.handling import Handler
from libs.events.ids import tick_id
from libs.events.names import category_of
from libs.events.points import reach
from libs.events.recorded import Recorded
from libs.events.store.ports import Documents

log = structlog.get_logger("clock")

NAME = "due_dates"
VERSION = 1
POLL_SECONDS = 1.0
LEASE_SECONDS = 10.0
NOT_YET_SECONDS = 30.0
PORTION = 200


def due_dates(service: str, aggregates: Sequence[Decider[Any]]) -> Projection:
    """The read model of what is due: one document per stream with `dues` (kind → ISO time) and the next of them."""
    deciders = {decider.category: decider for decider in aggregates}

    def key(event: Recorded[Any]) -> str | None:
        decider = deciders.get(category_of(event.stream))
        return event.stream if decider is not None and decider.due(event.data) else None

    def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
        dues = dict(document["dues"]) if document else {}
        for kind, at in deciders[category_of(event.stream)].due(event.data).items():
            if kind == "*":
                dues.clear()
            elif at is None:
                dues.pop(kind, None)
            else:
                dues[kind] = time_text(at)
        return {"dues": dues, "next": min(dues.values())} if dues else None

    handles = tuple({c.type for c in contracts().values() if service in c.services})
    return Projection(NAME, VERSION, (service,), handles, key, apply, (("next",),))


class Clock:
    """One process at a time holds the lease; ids of ticks are derived, so two holders do no harm."""

    def __init__(
        self, service: str, due: Documents, leases: Documents, handler: Handler, now: Callable[[], datetime]
    ) -> None:
        self._actor = Actor("service", service)
        self._due, self._leases, self._handler, self._now = due, leases, handler, now
        self._holder = uuid4().hex
        self._until = 0.0
        self._not_yet: dict[tuple[str, str, str], float] = {}

    async def run(self) -> None:
        while True:
            try:
                if await self._leased():
                    await self._tick_all()
            except (Transient, Conflict) as error:
                await log.awarning("clock.waiting", error=str(error))
            await asyncio.sleep(POLL_SECONDS)

    async def _leased(self) -> bool:
        now = wall_seconds()
        if now < self._until - LEASE_SECONDS / 2 and self._until <= now + LEASE_SECONDS:
            return True
        until = now + LEASE_SECONDS
        # One farther ahead than a lease lasts was written by a clock that was wrong: it must not stop time for an hour.
        over = [{"until": {"$lt": now}}, {"until": {"$gt": until + LEASE_SECONDS}}]
        free = {"$or": [{"holder": self._holder}, *over]}
        taken = await self._leases.replace({"_id": "clock", "holder": self._holder, "until": until}, free, upsert=True)
        reach("clock.leased")
        self._until = until if taken else 0.0
        return taken

    async def _tick_all(self) -> None:
        now = self._now()
        text = time_text(now)
        self._not_yet = {due: until for due, until in self._not_yet.items() if until > time.monotonic()}
        limit = PORTION + len(self._not_yet)  # what has to wait must not starve what is due after it
        for document in await self._due.find({"next": {"$lte": text}}, sort=("next",), limit=limit):
            for kind, at in sorted(document["dues"].items(), key=lambda item: item[1]):
                if at <= text:
                    await self._tick(document["_id"], kind, at, now)

    async def _tick(self, stream: str, kind: str, at: str, now: datetime) -> None:
        if self._not_yet.get((stream, kind, at), 0) > time.monotonic():
            return
        command = Tick(tick_id(stream, kind, at), now, self._actor, stream, kind, parse_time(at))
        try:
            decided = await self._handler.handle(command)
        except (Transient, Conflict):
            raise
        except Refused as refusal:
            await log.aerror("clock.refused", stream=stream, kind=kind, code=refusal.code)
            decided = None
        except Exception as error:  # noqa: BLE001 - one stream's defect must not stop every other's time
            await log.aerror("clock.defect", stream=stream, kind=kind, error=repr(error))
            decided = None
        reach("clock.ticked")
        if decided is None or decided.commit is None or decided.repeated:
            self._not_yet[stream, kind, at] = time.monotonic() + NOT_YET_SECONDS

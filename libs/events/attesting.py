"""Attesting the access log: how long its chain is and its newest hash enter the domain's log, which others hold copies of.

A chain shows what was changed within it, but not that its end was cut off. What was attested once must be there for as long
as it is kept, with the same hash; so at most what was noted since the last attestation can go unseen.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, assert_never

import msgspec

from libs.events.access import Head
from libs.events.contracts.base import Event
from libs.events.contracts.platform import AccessLogAttested
from libs.events.decider import Command, Decider, Facts
from libs.events.errors import Conflict, Transient, Unavailable
from libs.events.ids import make_id
from libs.events.names import stream_name
from libs.events.points import reach

if TYPE_CHECKING:
    from libs.events.runtime import Runtime


class AttestAccessLog(Command, frozen=True):
    """`n` entries were there, the last with the hash `head`."""

    empty_is_fine = True

    service: str
    n: int
    head: str

    @property
    def stream(self) -> str:
        return stream_of(self.service)


class Attested(msgspec.Struct, frozen=True):
    n: int = 0
    head: str = ""

    def as_head(self) -> Head | None:
        return Head(self.n, self.head) if self.n else None


def stream_of(service: str) -> str:
    return stream_name("accesses", service)


def evolve(state: Attested, event: Event) -> Attested:
    return Attested(event.n, event.head) if isinstance(event, AccessLogAttested) else state


def decide(command: AttestAccessLog, state: Attested, facts: Facts) -> list[Event]:
    match command:
        case AttestAccessLog():
            # Another process of the service may have attested more in between: what was said is never taken back.
            return [AccessLogAttested(command.received_at, command.n, command.head)] if command.n > state.n else []
        case _:
            assert_never(command)


attesting_decider: Decider[Attested] = Decider("accesses", (AttestAccessLog,), Attested, evolve, decide)


async def attest(runtime: Runtime) -> None:
    """Raises Unavailable, Transient or Conflict."""
    name = runtime.service.name
    said: Attested = (await runtime.state(attesting_decider, stream_of(name))).state
    head = await runtime.notes.head(said.n)
    if head.n > said.n:
        id_ = make_id("attestation", name, str(head.n), head.hash)
        command = AttestAccessLog(id_, runtime.business.now(), runtime.actor, name, head.n, head.hash)
        await runtime.handle(command)
        reach("access.attested")


async def keep_attesting(runtime: Runtime) -> None:
    while True:
        await asyncio.sleep(runtime.settings.access_attest_seconds)
        with suppress(Unavailable, Transient, Conflict):
            await attest(runtime)


async def last_attested(runtime: Runtime) -> Head | None:
    state: Attested = (await runtime.state(attesting_decider, stream_of(runtime.service.name))).state
    return state.as_head()

"""The append alone: the kernel's handler in this process (look up, fold, decide, group commit), no HTTP, no topic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from bench.frame import check_count
from libs.events.clock import system_wall
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.review import ReviewStarted
from libs.events.contracts.times import instant
from libs.events.decider import Command, Decider, Facts
from libs.events.fingerprint import Fingerprints
from libs.events.handling import Handler
from libs.events.ids import make_id
from libs.events.names import stream_name
from libs.events.policies import PolicyIndex
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.ports import Meta
from libs.events.store.provision import COMMIT_INDEXES

SHARDS, STREAMS = 6, 1_000


class Begin(Command, frozen=True):
    """A review begins, again and again: as small a decision as there is."""

    enterprise: str
    application: str

    @property
    def stream(self) -> str:
        return stream_name("case", self.enterprise, self.application)


def decide(command: Command, state: int, facts: Facts) -> list[Event]:
    assert isinstance(command, Begin)
    return [
        ReviewStarted(
            received_at=command.received_at, application=command.application, enterprise=command.enterprise,
            enterprise_name="南京负载示例精密科技有限公司", authority="320000", region="320102", level="county", round=1,
            officer=command.actor.id,
        )
    ]  # fmt: skip


def evolve(state: int, event: Event) -> int:
    return state + 1


decider: Decider[int] = Decider("case", (Begin,), lambda: 0, evolve, decide)


class Appending:
    """`one(n)` is one command through the handler; `document` is a commit as it stands in the log."""

    def __init__(self, store: MongoCommits, handler: Handler) -> None:
        self.store, self._handler, self._n = store, handler, 0
        self.document: Mapping[str, Any] = {}

    async def one(self, _: int = 0) -> str:
        self._n += 1
        number = str(self._n % STREAMS)
        command = Begin(
            id=make_id("command", "append", str(self._n)), received_at=instant(system_wall()),
            actor=Actor("service", "review"), enterprise=make_id("enterprise", number),
            application=make_id("entity", number),
        )  # fmt: skip
        await self._handler.handle(command)
        return ""

    async def first(self) -> None:
        for _ in range(SHARDS * 4):
            await self.one()
        found = await self.store.read_shard(0, 0, 1)
        self.document = msgspec.to_builtins(found[0])

    async def check(self) -> None:
        """Dense positions: as many events as commands. Raises Lost."""
        heads = [(await self.store.head(shard)).position for shard in range(SHARDS)]
        check_count(self._n, sum(heads), "events appended")


@asynccontextmanager
async def appending(uri: str) -> AsyncIterator[Appending]:
    """In a database of its own, with the indexes of a log."""
    client = connect(uri)
    try:
        await client["bench_log"]["commits"].drop()
        await client["bench_log"]["commits"].create_indexes(COMMIT_INDEXES)
        store = MongoCommits(client, "bench")
        handler = Handler(
            "review",
            [decider],
            store,
            Meta("bench", SHARDS, 1),
            PolicyIndex(),
            system_wall,
            Fingerprints("1:bench-only"),
        )
        made = Appending(store, handler)
        await made.first()
        try:
            yield made
        finally:
            await handler.close()
    finally:
        client.close()

"""A read model rebuilt beside the one that serves: equal, switched at once, whatever dies; nobody reads a half."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from libs.events.contracts.base import SERVICES
from libs.events.contracts.notifications import MessagePosted
from libs.events.flow.live import LIVE, Pointer, Pointers
from libs.events.flow.projections import Document, Projection
from libs.events.flow.rebuild import Rebuild
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from tests.backends import SHARDS, Backends
from tests.integration.lab import SERVICE, Log, log_of
from tests.integration.running import eventually, running
from tests.toy import counters, service

pytestmark = pytest.mark.integration
second = msgspec.structs.replace(counters, build=2)


class Died(Exception):
    """The rebuild's process ended here."""


def _longer(document: Document | None, event: Recorded[MessagePosted]) -> Document:
    return {**(counters.apply(document, event) or {}), "length": event.data.title}


newer = msgspec.structs.replace(counters, version=2, apply=_longer)
release = replace(service, projections=[newer])


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


def consuming(log: Log, what: Any = service) -> Any:
    return running(log.backends, log.prefix, what, "consume")


def rebuild(log: Log, projection: Projection = counters) -> Rebuild:
    topics = {name: f"{log.prefix}{name}.events" for name in SERVICES}
    return Rebuild(SERVICE, projection, log.state, topics, SHARDS, log.backends.kafka)


async def held(log: Log, projection: Projection) -> dict[str, Any]:
    return {d["_id"]: d for d in await log.state.documents(projection.collection).find({}, limit=10_000)}


async def pointer(log: Log) -> Pointer:
    found = await Pointers(SERVICE, log.state).get("counters")
    assert found is not None
    return found


async def fill(log: Log, count: int = 40, first: int = 0) -> None:
    await asyncio.gather(*(log.post(n, key=f"a{n % 5}", name=f"m{n % 9}") for n in range(first, first + count)))
    await log.relayed()


async def level(log: Log, projection: Projection = counters) -> None:
    commits = await log.commits()
    posted = sum(e.type.endswith("MessagePosted.v1") for c in commits for e in c.events)

    async def all_seen() -> bool:
        return sum(len(d["seen"]) for d in (await held(log, projection)).values()) == posted

    await eventually(all_seen, f"for {projection.collection} to hold {posted} messages")


async def writing(log: Log, stop: asyncio.Event) -> int:
    """Commands without pause until told; how many."""
    n = 0
    relay = log.relay()
    while not stop.is_set():
        await log.post(f"w{n}", key=f"a{n % 5}", name="busy")
        for shard in range(SHARDS):
            await relay.copy_window(shard)
        n += 1
    await relay._drop_producer()
    return n


async def reading(runtime: Runtime, stop: asyncio.Event) -> int:
    """Look again and again: every document is a beginning of its stream's messages and never goes back."""
    seen: dict[str, list[str]] = {}
    looks = 0
    while not stop.is_set():
        found = {d["_id"]: d["seen"] for d in await runtime.view("counters").find({}, limit=10_000)}
        assert set(seen) <= set(found), "a document was read that is gone now"
        for key, before in seen.items():
            assert found[key][: len(before)] == before, f"{key} went back"
        seen, looks = found, looks + 1
    return looks


@asynccontextmanager
async def beside(*works: Callable[[asyncio.Event], Any]) -> AsyncIterator[list[Any]]:
    """Work that goes on for as long as the block; its results are in the list afterwards."""
    stop, results = asyncio.Event(), list[Any]()
    tasks = [asyncio.create_task(work(stop)) for work in works]
    try:
        yield results
    finally:
        stop.set()
        results += await asyncio.gather(*tasks)


async def test_a_build_beside_the_live_one_is_equal_and_switched_to_while_everything_goes_on(log: Log) -> None:
    async with consuming(log) as one, consuming(log) as two:
        await fill(log, 100)
        await level(log)
        async with beside(
            lambda stop: writing(log, stop), lambda stop: reading(one, stop), lambda stop: reading(two, stop)
        ) as results:
            await asyncio.sleep(0.3)
            done = await rebuild(log).run()
            assert done.parity is not None and done.parity.equal and done.parity.against == LIVE
            assert (await one.live.pointers.get("counters") or done) != done
            before = len((await held(log, second))["message-a0-busy"]["seen"])

            async def fed_alone() -> bool:
                names = [c.name for s in (*one.subscriptions.values(), *two.subscriptions.values()) for c in s.consumers]
                return counters.consumer(SERVICE) not in names and names.count(second.consumer(SERVICE)) == 2

            await eventually(fed_alone, "for both processes to leave the old build")
        written, *looks = results
        assert written > 10 and min(looks) > 10
        await level(log, second)
        assert len((await held(log, second))["message-a0-busy"]["seen"]) > before
        assert (await pointer(log)).build == 2
        assert not one.ready() and not two.ready()

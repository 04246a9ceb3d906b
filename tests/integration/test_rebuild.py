"""A read model rebuilt beside the one that serves: equal, switched at once, whatever dies; nobody reads a half."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from libs.events.contracts.base import SERVICES
from libs.events.contracts.notifications import MessagePosted
from libs.events.errors import Unavailable
from libs.events.flow import bulk, folding
from libs.events.flow.dropping import NotDroppable, drop
from libs.events.flow.live import LIVE, OFFERED, WRITING, Pointer, Pointers
from libs.events.flow.projections import Document, Projection
from libs.events.flow.rebuild import Differs, Done, Overtaken, Rebuild
from libs.events.points import armed
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from tests.backends import SHARDS, Backends
from tests.integration.lab import SERVICE, Log, log_of, process, said
from tests.integration.running import eventually, running, settings
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


@asynccontextmanager
async def once_consuming(log: Log, what: Any = service) -> AsyncIterator[Runtime]:
    """Nobody runs afterwards, and the store does not think so for ten seconds."""
    async with consuming(log, what) as runtime:
        yield runtime
    await log.state.documents("leases").delete({})


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
                names = [
                    c.name
                    for s in (*one.consuming.subscriptions.values(), *two.consuming.subscriptions.values())
                    for c in s.consumers
                ]
                return counters.consumer(SERVICE) not in names and names.count(second.consumer(SERVICE)) == 2

            await eventually(fed_alone, "for both processes to leave the old build")
        written, *looks = results
        assert written > 10 and min(looks) > 10
        await level(log, second)
        assert len((await held(log, second))["message-a0-busy"]["seen"]) > before
        assert (await pointer(log)).build == 2
        assert not one.ready() and not two.ready()


async def test_a_build_that_is_read_cannot_be_dropped_an_old_one_can(log: Log) -> None:
    async with once_consuming(log):
        await fill(log)
        await level(log)
    await rebuild(log).run()
    with pytest.raises(NotDroppable, match="is live"):
        await drop(SERVICE, counters, log.state, 1, 2)
    with pytest.raises(NotDroppable, match="s after the switch"):
        await drop(SERVICE, counters, log.state, 1, 1)
    with pytest.raises(NotDroppable, match="there are: v1 b1"):
        await drop(SERVICE, counters, log.state, 1, 7)
    before = await held(log, second)
    assert before
    assert await drop(SERVICE, counters, log.state, 1, 1, quiet_seconds=0) == len(before)
    assert await held(log, counters) == {} and await held(log, second) == before
    assert [(b.version, b.build) for b in (await pointer(log)).builds] == [(1, 2)]
    assert (await rebuild(log).run()).collection == "counters_v1_b3", "a number is never given twice"


async def test_another_version_is_made_beside_and_only_its_release_is_ready_after_the_switch(log: Log) -> None:
    async with consuming(log) as old:
        await fill(log)
        await level(log)
        new = Runtime(release, settings(log.backends, log.prefix), "consume")
        new.start()
        try:

            async def says_the_way_out() -> bool:
                return any("tidu rebuild notifications counters" in words for words in new.ready().values())

            await eventually(says_the_way_out, "for the new release to say why it is not ready")
            done = await rebuild(log, newer).run()
            assert done.collection == "counters_v2" and done.parity is not None
            assert done.parity.against == "genesis" and done.parity.equal
            assert done.parity.count == done.parity.live_count > 0

            async def changed_over() -> bool:
                return not new.ready() and any("version 2 is live" in words for words in old.ready().values())

            await eventually(changed_over, "for the new release to be ready, and the old one not")
            await fill(log, 20, first=500)
            await level(log, newer)
            documents = await new.view("counters").find({}, limit=100)
            assert documents and all("length" in document for document in documents)
            with pytest.raises(Unavailable):
                await old.view("counters").find({})
        finally:
            await new.stop()


@pytest.mark.parametrize(
    "point", ["live.changed", "rebuild.written", "rebuild.compared", "rebuild.offered", "rebuild.switched"]
)
async def test_a_rebuild_that_died_goes_on_where_it_was(log: Log, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "EVENTS_A_PORTION", 10)
    monkeypatch.setattr(bulk, "PORTION", 10)

    def die(reached: str) -> None:
        if reached == point:
            raise Died

    async with once_consuming(log):
        await fill(log, 60)
        await level(log)
    for more in range(2 if point in ("live.changed", "rebuild.written") else 1):
        with armed(die), suppress(Died):
            await rebuild(log).run()
        await fill(log, 5, first=100 * (more + 1))
    done = await rebuild(log).run()
    made = (await pointer(log)).live.of(counters)
    assert done.collection == made.collection
    assert point == "rebuild.switched" or (done.resumed and made.build == 2)
    await level(log, made)
    async with once_consuming(log):
        await fill(log, 5, first=900)
        await level(log, made)


async def test_a_rebuild_killed_between_two_portions_leaves_nothing_doubled(log: Log) -> None:
    async with once_consuming(log):
        await fill(log, 200)
        await level(log)
    async with process(log.backends, log.prefix, "rebuild", portions=3) as doomed:
        assert await said(doomed) == "begun"
        assert await asyncio.wait_for(doomed.wait(), 60) == -9
    build = (await pointer(log)).get(1, 2)
    assert build is not None and build.state == WRITING
    done = await rebuild(log).run()
    assert done.resumed and 0 < done.events < 200
    assert await held(log, second) == await held(log, counters)


def _undated(document: Document | None, event: Recorded[MessagePosted]) -> Document:
    """What no store can hold, from the first message with a date."""
    found = {**(document or {}), **(counters.apply(document, event) or {})}
    return {**found, "day": date(2024, 9, 2)} if event.data.title == "date" else found


async def test_what_cannot_be_stored_is_parked_as_by_who_serves(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """It shows with a portion of many events only: then that portion is folded again, document by document."""
    monkeypatch.setattr(folding, "EVENTS_A_PORTION", 25)
    ill = msgspec.structs.replace(counters, apply=_undated)
    async with once_consuming(log, replace(service, projections=[ill])):
        for n in range(40):
            await log.post(n, key=f"a{n % 5}", name=f"m{n % 3}", title="date" if n % 7 == 3 else "a title")
        await log.relayed()
        await eventually(lambda: _caught_up(log, ill), "for the live build to be level")
        live = await held(log, ill)
    done = await rebuild(log, ill).run()
    assert done.events == 40 and done.parity is not None and done.parity.equal
    assert done.parity.parked == done.parity.live_parked > 0
    assert await held(log, msgspec.structs.replace(ill, build=2)) == live


async def _caught_up(log: Log, projection: Projection) -> bool:
    found = await log.state.checkpoints(projection.consumer(SERVICE), log.topic)
    return sum(at.position for at in found.values()) == 40


async def test_a_planted_difference_is_found_and_nothing_is_switched_unless_accepted(log: Log) -> None:
    async with once_consuming(log):
        await fill(log)
        await level(log)
    documents = log.state.documents(counters.collection)
    (planted, gone, *_) = await documents.find({}, sort=("_id",))
    await documents.replace({**planted, "seen": [*planted["seen"], "x"]})
    await documents.delete({"_id": gone["_id"]})
    await documents.insert({"_id": "made-up", "seen": [], "position": 1})
    with pytest.raises(Differs) as found:
        await rebuild(log).run()
    parity = found.value.parity
    assert parity.differences == [
        "made-up: only in the live build", f"{planted['_id']}: seen", f"{gone['_id']}: only in the new build",
    ]  # fmt: skip
    assert not parity.equal and parity.count == parity.live_count and (await pointer(log)).build == 1
    done = await rebuild(log).run(accept=True)
    assert done.resumed and done.parity is not None and done.parity.different == 3
    assert (await pointer(log)).build == 2


async def test_a_build_that_was_written_wrongly_is_not_what_its_fold_says(log: Log) -> None:
    """Another version cannot be compared with the live one: it is compared with a fold from genesis in memory."""
    async with once_consuming(log):
        await fill(log)
        await level(log)

    def spoil(point: str) -> None:
        if point == "live.changed":
            raise Died

    with armed(spoil), suppress(Died):
        await rebuild(log, newer).run()
    await log.state.documents(newer.collection).insert({"_id": "made-up", "seen": []})
    with pytest.raises(Differs):
        await rebuild(log, newer).run()
    assert (await pointer(log)).version == 1


async def test_two_rebuilds_at_once_make_one_build_and_do_no_harm(log: Log) -> None:
    async with consuming(log):
        await fill(log, 100)
        await level(log)
        ends = await asyncio.gather(rebuild(log).run(), rebuild(log).run(), return_exceptions=True)
        assert any(isinstance(end, Done) for end in ends)
        assert all(isinstance(end, Done | Overtaken) for end in ends), ends
        made = (await pointer(log)).live.of(counters)
        assert all(b.state != OFFERED and b.state != WRITING for b in (await pointer(log)).builds)
        await fill(log, 20, first=300)
        await level(log, made)


async def test_a_read_model_of_two_sources_is_rebuilt_part_by_part(log: Log) -> None:
    joined = msgspec.structs.replace(counters, name="joined", sources=(SERVICE, "review"))
    async with consuming(log, replace(service, projections=[joined])):
        await fill(log)

        async def folded() -> bool:
            found = await held(log, joined)
            return sum(len(d[SERVICE]["seen"]) for d in found.values()) == 40

        await eventually(folded)
        done = await rebuild(log, joined).run()
        assert done.parity is not None and done.parity.equal and done.parity.count == done.parity.live_count > 0


async def test_what_was_folded_before_there_were_pointers_is_found_and_not_folded_again(log: Log) -> None:
    async with once_consuming(log):
        await fill(log)
        await level(log)
    await log.state.documents("live").delete({})
    async with consuming(log):
        assert (await pointer(log)).version == 1
    await log.state.documents("live").delete({})
    topics = {name: f"{log.prefix}{name}.events" for name in SERVICES}
    found = await Pointers(SERVICE, log.state).settle([newer], topics)
    assert found["counters"].version == 1, "a release with version 2 must not take an empty one for the live one"

"""Death at the crash points that no load of whole cases comes to: what an operator does, and where reactions begin."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from libs.events import points
from libs.events.audit.backup import check_backup, write_backup
from libs.events.audit.heads import Signer, check
from libs.events.audit.republish import republish
from libs.events.audit.restore import remember_places, restore
from libs.events.audit.verify import verify_service
from libs.events.flow.asking import ask, first_of
from libs.events.flow.dropping import drop
from libs.events.flow.parking import REQUESTS
from libs.events.flow.places import Place, Places
from libs.events.store.dump import Dump
from libs.events.store.mongo import connect
from tests import toy
from tests.backends import SHARDS, Backends
from tests.integration.dying_process import beginning_late
from tests.integration.lab import SERVICE, Log, copied, log_of
from tests.integration.running import eventually, running
from tests.integration.test_heads import KEY, KEYS, at
from tests.integration.test_parking import LOT, consuming, event, ill, parked, parks, shows
from tests.integration.test_rebuild import held, level, once_consuming, pointer, rebuild, second
from tests.toy import counters

pytestmark = pytest.mark.integration
SICK, INSTANCE = "message-a1-sick", "one"
__all__ = ["ill"]


class Died(BaseException):
    """The process of whoever operates ended here."""


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


async def dies(log: Log, **how: Any) -> None:
    """The service's process, killed by itself with SIGKILL at a point; the next one starts without its lease."""
    backends = log.backends
    given = {
        "TIDU_KAFKA": backends.kafka, "TIDU_STORE_URI": backends.store_uri, "TIDU_PREFIX": log.prefix,
        "TIDU_DEPLOYMENT": "test", "TIDU_SHARDS": str(SHARDS), "TIDU_PROFILE": "test", "TIDU_INSTANCE": INSTANCE,
    }  # fmt: skip
    words = [sys.executable, "-m", "tests.integration.dying_process", json.dumps(how)]
    started = await asyncio.create_subprocess_exec(*words, env={**os.environ, **given})
    async with asyncio.timeout(60):
        assert await started.wait() == -signal.SIGKILL
    await log.state.documents("leases").delete({})


def next_process(log: Log, what: Any = toy.service, role: Any = "consume") -> Any:
    """Of the same name, as the supervisor starts it: it need not wait until the dead one's session is over."""
    return running(log.backends, log.prefix, what, role, instance=INSTANCE)


async def breaks_off(point: str, work: Callable[[], Awaitable[Any]], times: int = 1) -> None:
    """An operator's command that ends where its process dies."""
    left = times

    def watch(reached: str) -> None:
        nonlocal left
        left -= reached == point
        if left == 0:
            raise Died(point)

    with pytest.raises(Died), points.armed(watch):
        await work()


@pytest.mark.parametrize(
    ("point", "cured"),
    [
        ("parking.tried", False), ("parking.taken-out", True), ("parking.applied", True), ("parking.answered", True),
        ("foreign.kept", True),
    ],
)  # fmt: skip
async def test_a_retry_goes_on_where_its_process_died(log: Log, point: str, cured: bool) -> None:
    async with consuming(log):
        events = [await event(log, n, name="sick", title="t" if n else "poison") for n in range(4)]
        await log.relayed()
        await parks(log, *events)
    await log.state.documents("leases").delete({})
    request = {"_id": f"{LOT}|{SICK}", "consumer": LOT, "key": SICK, "kind": "retry", "ask": "n", "topic": log.topic}
    await log.state.documents(REQUESTS).replace(request, upsert=True)
    if point == "foreign.kept":
        await _stray(log)
    await dies(log, point=point, cured=cured)
    toy.CURED.append(True)
    async with next_process(log):

        async def dealt_with() -> bool:
            return not await log.state.documents(REQUESTS).find({}) and not await parked(log)

        await eventually(dealt_with, "for the request to be dealt with")
        await shows(log, SICK, "0", "1", "2", "3")
        assert await log.state.documents("foreign").count({}) == (point == "foreign.kept")


async def _stray(log: Log) -> None:
    from aiokafka import AIOKafkaProducer

    producer = AIOKafkaProducer(bootstrap_servers=log.backends.kafka)
    await producer.start()
    try:
        await producer.send_and_wait(log.topic, b"not an event", partition=0)
    finally:
        await producer.stop()


async def test_a_request_stays_when_whoever_asked_dies(log: Log) -> None:
    async with consuming(log):
        events = [await event(log, n, name="sick", title="t" if n else "poison") for n in range(2)]
        await log.relayed()
        await parks(log, *events)
        toy.CURED.append(True)
        first = await first_of(log.state, LOT, SICK)
        await breaks_off("parking.asked", lambda: ask(log.state, first, {"kind": "retry"}))
        await shows(log, SICK, "0", "1")


@pytest.mark.parametrize(("point", "times"), [("starts.begun", 2), ("starts.written", 1)])
async def test_a_reaction_that_begins_at_the_head_begins_there_once(log: Log, point: str, times: int) -> None:
    await log.post("before", name="old", title="echo")
    await log.relayed()
    await dies(log, point=point, times=times, begins_late=True)
    async with next_process(log, beginning_late(), "all"):
        await log.post("after", name="new", title="echo")
        await log.relayed()

        async def echoed() -> list[str]:
            return [c.stream for c in await log.commits() if c.stream.endswith("-echo")]

        assert await eventually(echoed, "for the echo") == ["message-a1-new-echo"]


async def test_a_build_is_fed_and_switched_although_its_feeder_died(log: Log) -> None:
    async with once_consuming(log):
        for n in range(20):
            await log.post(n, key=f"a{n % 5}")
        await log.relayed()
        await level(log)
    feeder = asyncio.create_task(dies(log, point="rebuild.fed", times=2))

    async def feeds() -> bool:
        return bool(await log.state.documents("leases").find({}, limit=1))

    await eventually(feeds, "for the feeder to run: a rebuild that finds nobody does without")
    work = asyncio.create_task(rebuild(log).run())
    await feeder
    async with next_process(log):
        done = await asyncio.wait_for(work, 60)
    assert done.parity is not None and done.parity.equal
    assert (await pointer(log)).build == 2 and await held(log, second) == await held(log, counters)


@pytest.mark.parametrize("point", ["rebuild.dropping", "rebuild.dropped", "live.changed"])
async def test_a_build_that_was_being_dropped_is_dropped_by_a_repetition(log: Log, point: str) -> None:
    async with once_consuming(log):
        await log.post(1)
        await log.relayed()
        await level(log)
    await rebuild(log).run()
    await breaks_off(point, lambda: drop(SERVICE, counters, log.state, 1, 1, quiet_seconds=0))
    await drop(SERVICE, counters, log.state, 1, 1, quiet_seconds=0)
    assert await held(log, counters) == {} and len(await held(log, second)) == 1
    assert [(b.version, b.build) for b in (await pointer(log)).builds] == [(1, 2)]


async def test_a_restore_goes_on_where_it_died(log: Log, backends: Backends) -> None:
    for n in range(60):
        await log.post(n, key=f"a{n % 7}")
    await log.relayed()
    async with log_of(backends, await backends.fresh()) as empty:

        def again() -> Awaitable[int]:
            return restore(empty.store, backends.kafka, log.topic, SHARDS)

        await breaks_off("restore.inserted", again)
        assert 0 < len(await empty.commits()) < 60
        await again()
        assert await empty.commits() == await log.commits()
        report = await verify_service(SERVICE, empty.store, backends.kafka, log.topic, "both")
        places = Places(log.topic, empty.state.documents("relay"))
        await breaks_off("restore.placed", lambda: remember_places(places, report))
        await remember_places(places, report)
        heads = {shard: (await log.store.head(shard)).position for shard in range(SHARDS)}
        found = await places.read(range(SHARDS))
        assert {shard: place.position for shard, place in found.items()} == {s: p for s, p in heads.items() if p}


async def test_a_republication_goes_on_where_it_died(log: Log) -> None:
    """The topic holds less than the relay believes, in every shard."""
    for n in range(40):
        await log.post(n, key=f"a{n % 9}")
    await log.relayed()
    places = Places(log.topic, log.state.documents("relay"))
    for n in range(40, 80):
        await log.post(n, key=f"a{n % 9}")
    for shard, place in (await places.read(range(SHARDS))).items():
        assert await places.move(shard, place, Place((await log.store.head(shard)).position, place.offset))

    async def again() -> Any:
        return await republish(log.store, places, log.backends.kafka, log.topic, lambda *_: None)

    await breaks_off("republish.moved", again)
    async with running(log.backends, log.prefix, toy.service, "relay"):
        await again()
    assert await copied(log.backends, log.topic) == await log.places()


async def test_signing_goes_on_after_a_death(log: Log, tmp_path: Path) -> None:
    await log.post(1)
    signer = Signer(tmp_path, KEY, "test")
    await breaks_off("heads.signed", lambda: signer.sign({SERVICE: log.store}, at(1)))
    await log.post(2)
    await Signer(tmp_path, KEY, "test").sign({SERVICE: log.store}, at(2))
    found = check(tmp_path, KEYS)
    assert [line.number for line in found.lines] == [1, 2] and found.faults == ()


async def test_a_backup_is_whole_or_not_there_and_its_documents_are_put_back_once(log: Log, tmp_path: Path) -> None:
    await log.post(1)
    drafts = log.state.documents("drafts")
    for n in range(3):
        await drafts.insert({"_id": f"d{n}"})
    client, path = connect(log.backends.store_uri), tmp_path / "backup.gz"
    try:
        beside = Dump(client, SERVICE, log.prefix)
        await breaks_off("backup.written", lambda: write_backup(path, SERVICE, log.store, beside, at(1)))
        content = check_backup(path, SERVICE)
        assert (content.commits, content.documents) == (1, 3) and os.listdir(tmp_path) == [path.name]
        kept = [document async for document in beside.documents()]
        await drafts.delete({})
        await breaks_off("restore.document", lambda: beside.put(kept), times=2)
        assert await beside.put(kept) == 1
        assert sorted(d["_id"] for d in await drafts.find({})) == ["d0", "d1", "d2"]
    finally:
        client.close()

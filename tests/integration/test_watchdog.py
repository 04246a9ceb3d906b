"""Clients that hang: noticed by an independent look at the ends, replaced, counted; nobody restarts anything."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock

import msgspec
import pytest
from prometheus_client import generate_latest

from libs.events.clock import BusinessClock
from libs.events.flow import broker as flow_broker
from libs.events.flow import detached, follower
from libs.events.flow import relay as flow_relay
from libs.events.flow.clients import reading
from libs.events.flow.watchdog import LOOK_SECONDS, STILL_SECONDS, STUCK_SECONDS, Stuck, Watchdog
from libs.events.observe import Seldom
from libs.events.web.health import measure, readiness
from tests.backends import Backends
from tests.integration.lab import SERVICE, Log, log_of
from tests.integration.running import eventually, post, running
from tests.integration.test_runner import all_attached, fill, level
from tests.toy import counters, service

pytestmark = pytest.mark.integration


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


def hang(kafka: Any) -> None:
    """A client that fetches no more: it goes on to beat its heart and to answer with nothing."""
    kafka._fetcher._fetch_task.cancel()


async def test_a_consumer_and_a_producer_that_hang_are_replaced_and_everything_flows(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_relay, "SEND_TIMEOUT", 3.0)
    async with running(log.backends, log.prefix, service) as runtime:
        await runtime.handle(post(runtime, 0))
        await level(log)
        feed, relay = runtime.consuming.feeds[SERVICE], runtime.relay
        assert relay is not None and relay._producer is not None
        before = feed.kafka
        hang(before)
        relay._producer._sender._sender_task.cancel()
        for n in range(1, 9):
            await runtime.handle(post(runtime, n, key=f"a{n}"))

        async def noticed() -> bool:
            return runtime.consuming.rebuilt()["producer"] == 1 and runtime.consuming.rebuilt()["consumer"] == 1

        # One after the other: until the producer was replaced, the consumer has nothing to miss.
        await eventually(noticed, "for both to be replaced")
        await level(log)
        assert feed.kafka is not before
        assert readiness(runtime)[1]["rebuilt"]["consumer"] == 1
        measure(runtime)
        told = generate_latest(runtime.figures.registry).decode()
        assert f'tidu_clients_rebuilt{{kind="consumer",service="{SERVICE}"}} 1.0' in told
        assert f'tidu_clients_rebuilt{{kind="producer",service="{SERVICE}"}} 1.0' in told
        await runtime.handle(post(runtime, 99))
        await level(log)
        await all_attached(runtime)
        assert runtime.consuming.rebuilt()["consumer"] == 1


async def test_a_figure_that_cannot_be_shown_holds_nothing_up(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its broker was killed the library may look for the group's coordinator without end."""
    monkeypatch.setattr(flow_broker, "COMMIT_PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(flow_broker, "COMMIT_SECONDS", 1.0)
    async with running(log.backends, log.prefix, service) as runtime:
        await runtime.handle(post(runtime, 0))
        await level(log)
        async with runtime.consuming.feeds[SERVICE].kafka._coordinator._commit_lock:
            for n in range(1, 4):
                await asyncio.sleep(flow_broker.COMMIT_SECONDS)
                await runtime.handle(post(runtime, n, key=f"a{n}"))
            async with asyncio.timeout(8):
                await level(log)
        assert not runtime.consuming.rebuilt()["consumer"]


async def test_a_follower_that_hangs_is_replaced(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    clients: list[Any] = []

    @asynccontextmanager
    async def watched(bootstrap: str) -> AsyncIterator[Any]:
        async with reading(bootstrap) as kafka:
            clients.append(kafka)
            yield kafka

    monkeypatch.setattr(follower, "reading", watched)
    monkeypatch.setattr(follower, "HUNG_SECONDS", 2.0)
    follows = follower.Follower(log.backends.kafka, log.topic, BusinessClock())
    task = asyncio.create_task(follows.run())

    async def is_level() -> bool:
        return follows.level()

    async def has_seen_all() -> bool:
        return all(follows.passed(c.shard, c.last_position) for c in await log.commits())

    try:
        await eventually(is_level)
        hang(clients[0])
        await fill(log, 6)
        await log.relayed()
        await eventually(has_seen_all, "for the follower to read on")
        assert follows.rebuilt == 1 and len(clients) == 2
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_consumer_alone_that_hangs_is_counted_and_gets_another_client(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(log, 10)
    await log.relayed()
    async with running(log.backends, log.prefix, service, "consume"):
        await level(log)
    dead = True

    @asynccontextmanager
    async def broken(bootstrap: str) -> AsyncIterator[Any]:
        async with reading(bootstrap) as kafka:
            if dead:
                hang(kafka)
            yield kafka

    monkeypatch.setattr(detached, "reading", broken)
    monkeypatch.setattr(detached, "HUNG_SECONDS", 1.0)
    late = msgspec.structs.replace(counters, name="late")
    both = replace(service, projections=[counters, late])
    async with running(log.backends, log.prefix, both, "consume") as runtime:

        async def counted() -> bool:
            return runtime.consuming.rebuilt()["detached"] > 0

        await eventually(counted, "for the hang to be counted")
        dead = False
        await level(log, projection=late)


def fed(fetched: int, *, working: int = 0, assigned: bool = True) -> Any:
    subscription = SimpleNamespace(
        topic="t.events", service="t", shards={0, 1}, fetched={0: fetched, 1: 5}, consumers=[], cursors={}
    )
    return SimpleNamespace(subscription=subscription, working=working, assigned=assigned, taken=0, since=100.0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("libs.events.flow.watchdog.time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_one_that_has_lag_and_does_not_move_hangs(clock: list[float]) -> None:
    dog = Watchdog("", [], None)
    assert not dog._hangs(fed(3), {0: 10, 1: 5})
    clock[0] += STILL_SECONDS + 1
    assert dog._hangs(fed(3), {0: 10, 1: 5})


def test_one_that_moves_waits_for_the_store_or_has_no_lag_does_not_hang(clock: list[float]) -> None:
    for fetched, working, end in ((4, 0, 10), (3, 1, 10), (3, 0, 3)):
        dog = Watchdog("", [], None)
        assert not dog._hangs(fed(3, working=working), {0: end, 1: 5})
        clock[0] += STILL_SECONDS + 1
        assert not dog._hangs(fed(fetched, working=working), {0: end, 1: 5})


def test_after_the_store_is_back_a_consumer_has_its_time_again(clock: list[float]) -> None:
    dog = Watchdog("", [], None)
    dog._hangs(fed(3), {0: 10})
    clock[0] += STILL_SECONDS + 1
    assert not dog._hangs(fed(3, working=1), {0: 10})
    clock[0] += 1
    assert not dog._hangs(fed(3), {0: 10})


async def test_a_call_without_an_end_begins_the_process_anew(clock: list[float]) -> None:
    dog, feed = Watchdog("", [], None), fed(3, working=1)
    dog._ends = AsyncMock(return_value={0: 10, 1: 5})  # type: ignore[method-assign]
    clock[0] += STUCK_SECONDS
    await dog._look_at_feed(cast(Any, None), feed)
    clock[0] += 1
    with pytest.raises(Stuck):
        await dog._look_at_feed(cast(Any, None), feed)
    feed.since = clock[0]  # the store was away until now
    await dog._look_at_feed(cast(Any, None), feed)


def looks(dog: Watchdog, clock: list[float], times: int, **how: Any) -> list[bool]:
    """Every two seconds, at a consumer of which one shard moves and the other stands."""
    found = []
    for _ in range(times):
        feed = fed(3, **how)
        feed.subscription.fetched[1] = feed.taken = int(clock[0])
        found.append(dog._hangs(feed, {0: 10, 1: 1_000}))
        clock[0] += LOOK_SECONDS
    return found


def test_one_shard_that_stands_while_others_move_is_seen_within_fifteen_seconds(clock: list[float]) -> None:
    found = looks(Watchdog("", [], None), clock, 8)
    assert found[-1] and not any(found[:5])


def test_one_shard_stands_although_the_consumer_was_busy_at_every_look(clock: list[float]) -> None:
    found = looks(Watchdog("", [], None), clock, 40, working=1)
    assert found[-1] and not any(found[:20])


def test_a_consumer_that_waits_for_the_store_is_let_be(clock: list[float]) -> None:
    dog, feed = Watchdog("", [], None), fed(3, working=1)
    for _ in range(100):
        assert not dog._hangs(feed, {0: 10, 1: 1_000})
        clock[0] += LOOK_SECONDS


def test_a_library_that_repeats_itself_is_heard_once_in_ten_seconds_and_says_how_often() -> None:
    seldom = Seldom()

    def said(seconds: float, words: str, *args: object) -> str | None:
        record = logging.LogRecord("aiokafka", logging.ERROR, "", 0, words, args, None)
        record.created = 1_000.0 + seconds
        return record.getMessage() if seldom.filter(record) else None

    assert said(0, "cannot connect to %s", 1) == "cannot connect to 1"
    assert [said(n / 100, "cannot connect to %s", n) for n in range(1, 500)] == [None] * 499
    assert said(1, "something else") == "something else"
    assert said(11, "cannot connect to %s", 2) == "cannot connect to 2 (and 499 more like it)"
    assert said(22, "cannot connect to %s", 3) == "cannot connect to 3"

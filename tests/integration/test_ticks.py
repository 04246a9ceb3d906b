"""Time passing: what is due becomes one tick, however many clocks there are, and business time decides when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from libs.events.clock import BusinessClock, system_wall
from libs.events.contracts.actors import Actor
from libs.events.contracts.identity import BusinessClockMoved
from libs.events.contracts.times import instant, time_text
from libs.events.decider import Tick
from libs.events.flow.ticks import Clock
from libs.events.ids import make_id, tick_id
from libs.events.runtime import Runtime
from tests.backends import Backends
from tests.integration.lab import SERVICE, Log, log_of, say, saying
from tests.integration.running import eventually, running
from tests.toy import Post, service

pytestmark = pytest.mark.integration
DAY = timedelta(days=1)
DUE = "due_dates_v1"


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


def now() -> datetime:
    return instant(system_wall())


def due_at(moment: datetime, name: str) -> Post:
    """A post whose tick is due at a moment of business time (a day after it was received)."""
    return Post(make_id("due", name), moment - DAY, Actor("service", "t"), key="a1", name=name, title="due")


async def ticked(log: Log) -> list[str]:
    """The streams in which a tick was acted on, one entry for each."""
    return sorted(c.stream for c in await log.commits() for e in c.events if "MessageDeclined" in e.type)


async def waits_for(log: Log, *names: str) -> None:
    async def noted() -> bool:
        found = await log.state.documents(DUE).find({}, limit=1_000)
        return {d["_id"] for d in found} == {f"message-a1-{name}" for name in names}

    await eventually(noted, "for the due dates to be noted")


async def test_what_is_due_becomes_one_tick_whose_id_follows_from_what_was_due(log: Log) -> None:
    moment = now() - timedelta(hours=1)
    async with running(log.backends, log.prefix, service) as runtime:
        await runtime.handle(due_at(moment, "past"))
        await runtime.handle(due_at(now() + DAY, "future"))

        async def acted() -> bool:
            return await ticked(log) == ["message-a1-past"]

        await eventually(acted)
        await waits_for(log, "future")
        ids = [c.id for c in await log.commits() if c.stream == "message-a1-past"]
        assert ids[1:] == [tick_id("message-a1-past", "tick", time_text(moment))]
    assert await ticked(log) == ["message-a1-past"]


async def test_business_time_moved_forward_makes_ticks_fire_once(log: Log) -> None:
    async with AsyncExitStack() as stack:
        identity = await stack.enter_async_context(log_of(log.backends, log.prefix, "identity", saying("clock")))
        runtime: Runtime = await stack.enter_async_context(running(log.backends, log.prefix, service))
        for day in (1, 2, 3):
            await runtime.handle(due_at(now() + day * DAY, f"day{day}"))
        await waits_for(log, "day1", "day2", "day3")
        assert await ticked(log) == []
        for days, expected in ((1.5, ["day1"]), (2.5, ["day1", "day2"]), (9, ["day1", "day2", "day3"])):
            moved = BusinessClockMoved(now(), int(days * 86_400_000), "test")
            await say(identity, "clock-platform", moved)
            await identity.relayed()
            wanted = [f"message-a1-{name}" for name in expected]

            async def fired(wanted: list[str] = wanted) -> bool:
                return await ticked(log) == wanted

            await eventually(fired, f"for {expected}")
        await waits_for(log)
        last = [c for c in await log.commits() if c.stream == "message-a1-day3"][-1]
        assert last.recorded_at[:10] == time_text(now())[:10], "wall time is never moved"


async def filled(log: Log, count: int) -> None:
    """Due dates as the read model holds them, without a runtime."""
    for n in range(count):
        moment = now() - timedelta(minutes=count - n)
        await log.handler.handle(due_at(moment, f"m{n}"))
        text = time_text(moment)
        document = {"_id": f"message-a1-m{n}", "dues": {"tick": text}, "next": text}
        await log.state.documents(DUE).insert(document)


def clock(log: Log, leases: str = "leases") -> Clock:
    due, business = log.state.documents(DUE), BusinessClock()
    return Clock(SERVICE, due, log.state.documents(leases), log.handler, business.now)


async def test_two_clocks_at_once_do_no_harm(log: Log) -> None:
    await filled(log, 25)
    async with log_of(log.backends, log.prefix) as other:
        clocks = [clock(log, "leases_one"), clock(other, "leases_two")]
        tasks = [asyncio.create_task(one.run()) for one in clocks]

        async def all_acted() -> bool:
            return len(set(await ticked(log))) == 25

        await eventually(all_acted)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert len(await ticked(log)) == 25


async def test_one_process_holds_the_lease_and_another_takes_it_when_it_has_run_out(log: Log) -> None:
    one, two = clock(log), clock(log)
    assert await one._leased() and not await two._leased()
    assert await one._leased()
    await log.state.documents("leases").update("clock", {"until": 0})
    assert await two._leased()
    assert (await log.state.documents("leases").get("clock") or {})["holder"] == two._holder


async def test_a_tick_that_comes_again_later_is_the_same_commit(log: Log) -> None:
    moment = now() - DAY
    first = await log.handler.handle(due_at(moment, "m"))
    tick = Tick(
        tick_id(first.stream, "tick", time_text(moment)), now(), Actor("service", "t"), first.stream, "tick", moment
    )
    one, two = await log.handler.handle(tick), await log.handler.handle(tick)
    assert one.commit == two.commit and two.repeated
    assert await ticked(log) == [first.stream]

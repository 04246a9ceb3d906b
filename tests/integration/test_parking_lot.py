"""What operators do about parked records, and in which order they apply: asked of a running process, answered by it."""

import asyncio
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from deploy.cli.parked import described
from libs.events import codec
from libs.events.codec import decode
from libs.events.contracts import upcasts
from libs.events.contracts.base import Contract, Event, _by_name
from libs.events.contracts.notifications import MessagePosted
from libs.events.contracts.platform import ParkedDiscarded
from libs.events.flow import parking
from libs.events.flow.asking import NothingParked, ask, ask_everybody, first_of
from libs.events.flow.parking import COLLECTION, MOST_KEYS_IN_A_ROW
from libs.events.flow.projections import Document
from libs.events.points import armed
from libs.events.recorded import Recorded
from libs.events.runtime import Runtime
from tests import toy
from tests.backends import SHARDS
from tests.integration.lab import SERVICE, Log, posted, produce_commits
from tests.integration.running import eventually
from tests.integration.test_parking import (
    LOT,
    REACTIONS,
    changed,
    consuming,
    event,
    ill,
    log,
    parked,
    parks,
    refusing,
    shows,
)
from tests.toy import counters, service

pytestmark = pytest.mark.integration
WALL = "partition:a1"
SICK = "message-a1-sick"
__all__ = ["ill", "log"]


class Died(BaseException):
    """The process ended here."""


async def asked(log: Log, key: str, kind: str = "retry", consumer: str = LOT, **more: Any) -> dict[str, Any]:
    """What `tidu parked` asks and gets."""
    answer = await ask(log.state, await first_of(log.state, consumer, key), {"kind": kind, **more})
    return {name: value for name, value in answer.items() if name not in ("_id", "request", "ask")}


async def sick(log: Log, count: int = 3) -> list[str]:
    """A stream whose first message cannot be applied, and what queues behind it."""
    events = [await event(log, n, name="sick", title="t" if n else "poison") for n in range(count)]
    await log.relayed()
    await parks(log, *events)
    return events


async def discards(log: Log) -> list[ParkedDiscarded]:
    found = [decode(e.type, e.body) for c in await log.commits() for e in c.events]
    return [data for data in found if isinstance(data, ParkedDiscarded)]


async def test_the_answer_to_a_retry_says_what_happened(log: Log) -> None:
    async with consuming(log):
        events = await sick(log)
        answer = await asked(log, SICK)
        assert answer["left"] == 3 and answer["event"] == events[0] and "cannot apply this" in answer["error"]
        toy.CURED.append(True)
        assert await asked(log, SICK) == {"applied": 3}
        await shows(log, SICK, "0", "1", "2")
        with pytest.raises(NothingParked):
            await first_of(log.state, LOT, SICK)


async def test_a_record_is_shown_with_its_error_its_queue_and_the_next_step(log: Log) -> None:
    async with consuming(log):
        events = await sick(log)
        await asked(log, SICK)
        first, *behind = await parked(log)
    shown = described(first, behind, "here")
    assert shown["event"] == events[0] and shown["attempts"] == 1 and "cannot apply this" in shown["error"]
    assert shown["body"]["title"] == "poison" and shown["headers"]["ce_id"] == events[0]
    assert [b["event"] for b in shown["behind"]] == events[1:] and "retry here" in shown["next"]


async def test_what_is_discarded_is_in_the_log_with_who_and_why_and_the_rest_applies(log: Log) -> None:
    async with consuming(log):
        events = await sick(log)
        answer = await asked(log, SICK, "discard", reason="sent by mistake", by="op7")
        assert answer == {"discarded": 1, "left": 2}
        (given_up,) = await discards(log)
        assert (given_up.event, given_up.reason, given_up.by) == (events[0], "sent by mistake", "op7")
        assert (given_up.consumer, given_up.key, given_up.topic) == (LOT, SICK, log.topic)
        assert await asked(log, SICK) == {"applied": 2}
        await shows(log, SICK, "1", "2")
        await log.relayed()
        await event(log, 9, name="sick")
        await log.relayed()
        await shows(log, SICK, "1", "2", "3")


async def test_all_of_a_key_can_be_given_up(log: Log) -> None:
    async with consuming(log):
        events = await sick(log)
        assert await asked(log, SICK, "discard", reason="r", by="b", all=True) == {"discarded": 3}
        assert sorted(d.event for d in await discards(log)) == sorted(events) and await parked(log) == []


async def test_a_death_between_the_event_and_the_leaving_records_it_once(log: Log) -> None:
    def die(point: str) -> None:
        if point == "parking.recorded":
            raise Died

    async with consuming(log) as runtime:
        events = await sick(log)
        operator = runtime.consuming.subscriptions[SERVICE].operator
        request = {"_id": "r", "kind": "discard", "consumer": LOT, "key": SICK, "reason": "r", "by": "b"}
        consumer = next(c for c in runtime.consuming.subscriptions[SERVICE].consumers if c.lot.consumer == LOT)
        with armed(die), pytest.raises(Died):
            await operator._discard(consumer, request)
        assert [d["event"] for d in await parked(log)] == events and len(await discards(log)) == 1
        assert await asked(log, SICK, "discard", reason="another", by="c") == {"discarded": 1, "left": 2}
        assert [d.reason for d in await discards(log)] == ["r"], "the first said stays"


async def test_a_reactions_record_can_be_given_up_too(log: Log) -> None:
    async with consuming(log, refusing):
        bad = await event(log, 1, title="overfill")
        await log.relayed()
        await parks(log, bad, consumer=REACTIONS)
        assert await asked(log, "a1", "discard", REACTIONS, reason="r", by="b") == {"discarded": 1}


def _by_who(event: Recorded[MessagePosted]) -> str:
    return event.partition_key


def _listed(document: Document | None, event: Recorded[MessagePosted]) -> Document:
    if event.data.title == "poison" and not toy.CURED:
        raise RuntimeError("cannot apply this")
    return {"seen": [*(document["seen"] if document else []), event.data.message]}


by_who = msgspec.structs.replace(counters, name="by_who", key=_by_who, apply=_listed)
grouping = replace(service, projections=[by_who])
GROUPED = f"{by_who.consumer(SERVICE)}|{SERVICE}"


async def test_documents_of_several_streams_get_what_was_parked_before_what_came_later(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One document of two streams: an event of the one cannot be decoded; later ones of the other wait for it."""

    async def seen() -> list[str]:
        found = await log.state.documents(by_who.collection).get("a1")
        return found["seen"] if found else []

    real = codec.decode

    def defect(type_: str, body: bytes | str) -> Event | None:
        found = real(type_, body)
        if isinstance(found, MessagePosted) and found.message == "second":
            raise codec.Poison("this release cannot read it")
        return found

    async with consuming(log, grouping):
        with monkeypatch.context() as ill:
            ill.setattr("libs.events.flow.wire.decode", defect)
            events = [await event(log, 0, name="first", title="poison")]
            events += [await event(log, n, name=name) for n, name in enumerate(("second", "third"), start=1)]
            await log.relayed()
            await parks(log, events[0], *events[1:], consumer=GROUPED)
            assert [d["key"] for d in await parked(log, GROUPED)] == ["a1", WALL, WALL]
            answer = await asked(log, WALL, consumer=GROUPED)
            assert answer["event"] == events[0] and answer["left"] == 3 and await seen() == []
            toy.CURED.append(True)
            answer = await asked(log, WALL, consumer=GROUPED)
            assert answer["applied"] == 1 and answer["left"] == 2 and "cannot read it" in answer["error"]
            assert await seen() == ["first"]
        events.append(await event(log, 3, name="fourth"))
        await log.relayed()
        await parks(log, *events[1:], consumer=GROUPED)
        assert await asked(log, WALL, consumer=GROUPED) == {"applied": 3}
        assert await seen() == ["first", "second", "third", "fourth"]


async def test_who_asks_for_one_key_is_told_behind_what_it_waits(log: Log) -> None:
    async with consuming(log):
        await event(log, 0, name="sick", title="poison")
        await log.relayed()
        await parks(log, (await parked_first(log))["event"])
        waiting = await parked_first(log)
        wall = {**waiting, "_id": f"{waiting['_id']}0", "key": WALL, "n": 0, "event": "earlier"}
        await log.state.documents(COLLECTION).insert(wall)
        toy.CURED.append(True)
        answer = await asked(log, SICK)
        assert answer["left"] == 1 and answer["event"] == waiting["event"] and WALL in answer["error"]
        await shows(log, SICK)


async def parked_first(log: Log) -> dict[str, Any]:
    async def first() -> Any:
        return await parked(log)

    return (await eventually(first))[0]


async def test_a_fetch_of_a_thousand_bad_ones_parks_no_more_than_the_limit(log: Log) -> None:
    handle = log.handler.handle
    await asyncio.gather(*(handle(posted(n, name=f"m{n}", title="poison")) for n in range(300)))
    await log.relayed()
    async with consuming(log) as runtime:

        async def stopped() -> bool:
            cursors = runtime.consuming.subscriptions[SERVICE].cursors
            return any((cursors[counters.consumer(SERVICE), s].trouble or "").startswith("stopped") for s in range(4))

        await eventually(stopped, "for the consumer to stop")
        assert len(await parked(log)) == MOST_KEYS_IN_A_ROW
        shard = log.handler.shard("message-a1-m")
        saved = (await log.state.checkpoints(counters.consumer(SERVICE), log.topic))[shard]
        assert saved.position == MOST_KEYS_IN_A_ROW
        toy.CURED.append(True)
        assert await ask_everybody(log.state, counters.consumer(SERVICE), SHARDS) == list(range(SHARDS))
        await shows(log, "message-a1-m299", "0")
        assert len(await parked(log)) == MOST_KEYS_IN_A_ROW, "what was parked before waits for a retry"


async def test_five_in_a_hundred_stop_it_inside_the_fetch(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "WATCHED", 100)
    titles = ["poison" if n % 12 == 0 else "t" for n in range(400)]
    handle = log.handler.handle
    await asyncio.gather(*(handle(posted(n, name=f"m{n}", title=title)) for n, title in enumerate(titles)))
    await log.relayed()
    async with consuming(log) as runtime:

        async def stopped() -> bool:
            cursors = runtime.consuming.subscriptions[SERVICE].cursors
            return any("of the last 100" in (cursors[counters.consumer(SERVICE), s].trouble or "") for s in range(4))

        await eventually(stopped, "for the consumer to stop")
        assert len(await parked(log)) == 9, "eight in the first hundred are seen when the hundred is full"


async def test_resume_is_heard_by_every_process(log: Log) -> None:
    async with consuming(log) as one, consuming(log) as two:

        async def shared() -> bool:
            shards = [r.consuming.subscriptions[SERVICE].shards for r in (one, two)]
            return all(shards) and shards[0] | shards[1] == set(range(SHARDS))

        await eventually(shared, "for the shards to be shared")
        for runtime in (one, two):
            stop(runtime)
        await sick(log, 0)
        await log.state.documents(COLLECTION).insert(
            {"_id": "x", "consumer": LOT, "key": "x", "n": 1, "event": "x", "record": {"topic": log.topic}}
        )
        assert await ask_everybody(log.state, counters.consumer(SERVICE), SHARDS) == list(range(SHARDS))
        await event(log, 1, key="b2", name="m")
        await event(log, 2, key="c3", name="m")
        await log.relayed()
        await shows(log, "message-b2-m", "0")
        await shows(log, "message-c3-m", "0")


def stop(runtime: Runtime) -> None:
    """As if too much had failed here."""
    subscription = runtime.consuming.subscriptions[SERVICE]
    for shard in subscription.shards:
        subscription._detach(subscription.cursors[counters.consumer(SERVICE), shard], "stopped: for the test")


async def test_a_record_parked_under_an_old_release_is_brought_up_to_date_when_it_is_tried(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old body lacks what the release needs; the next release has a new version and a hop to it."""
    old, behind = await changed(log, [("a1", "sick"), ("a1", "sick")], body='{"received_at":"2026-01-05T01:00:00Z"}')

    def filled(body: dict[str, Any]) -> dict[str, Any]:
        rest = {"recipient": {"enterprise": "a1"}, "group": "g", "template": "t", "title": "t", "link": "", "cause": ""}
        return {"message": "sick", "body": "upcast", **rest, **body}

    async with consuming(log):
        await produce_commits(log.backends, log.topic, [old, behind])
        await parks(log, old.events[0].id, behind.events[0].id)
        newer = Contract("MessagePosted", 2, ("notifications",), MessagePosted)
        monkeypatch.setitem(_by_name, ("notifications", "MessagePosted"), newer)
        # A release is another process: it remembers nothing of what was registered before.
        monkeypatch.setattr(codec, "_known", codec._known.__wrapped__)
        monkeypatch.setitem(upcasts.UPCASTS, "notifications.MessagePosted.v1", filled)
        assert await asked(log, WALL) == {"applied": 2}
        await shows(log, SICK, "upcast", "1")

"""What cannot be applied waits behind its key, in order; everything else flows; too much of it stops the consumer."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from libs.events.contracts.notifications import MessagePosted
from libs.events.decider import Command
from libs.events.envelope import Commit, chained
from libs.events.flow.parking import COLLECTION, MOST_KEYS_IN_A_ROW, REQUESTS
from libs.events.flow.reactions import Reaction
from libs.events.points import armed
from libs.events.recorded import Recorded, because
from libs.events.runtime import Runtime
from libs.events.web.health import readiness
from tests import toy
from tests.backends import Backends
from tests.integration.lab import SERVICE, Log, log_of, produce_commits
from tests.integration.running import eventually, running
from tests.toy import counters, service

pytestmark = pytest.mark.integration
LOT = f"{counters.consumer(SERVICE)}|{SERVICE}"
REACTIONS = f"{SERVICE}.reactions.{SERVICE}"


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


@pytest.fixture(autouse=True)
def ill() -> Iterator[None]:
    toy.CURED.clear()
    yield
    toy.CURED.clear()


def consuming(log: Log, what: Any = service) -> Any:
    return running(log.backends, log.prefix, what, "consume")


async def parked(log: Log, consumer: str = LOT) -> list[dict[str, Any]]:
    return await log.state.documents(COLLECTION).find({"consumer": consumer}, sort=("key", "n"), limit=1_000)


async def parks(log: Log, *events: str, consumer: str = LOT) -> None:
    async def parked_so() -> bool:
        return [d["event"] for d in await parked(log, consumer)] == list(events)

    await eventually(parked_so, f"for exactly {len(events)} records to be parked")


async def shows(log: Log, stream: str, *bodies: str) -> None:
    async def seen() -> bool:
        found = await log.state.documents(counters.collection).get(stream)
        return (found["seen"] if found else []) == list(bodies)

    await eventually(seen, f"for {stream} to show {bodies}")


async def retry(log: Log, key: str, consumer: str = LOT) -> None:
    """What `tidu parked retry` asks for, until it is dealt with."""
    requests = log.state.documents(REQUESTS)
    request = {"_id": f"{consumer}|{key}", "kind": "retry", "consumer": consumer, "key": key, "topic": log.topic}
    await requests.replace(request, upsert=True)

    async def dealt_with() -> bool:
        return await requests.get(request["_id"]) is None

    await eventually(dealt_with, "for the request to be dealt with")


def counted(runtime: Runtime) -> int:
    found: int = readiness(runtime)[1]["topics"][SERVICE]["parked"]
    return found


async def event(log: Log, n: int, **more: Any) -> str:
    """Post one message and say its event's id."""
    commit = (await log.post(n, **more)).commit
    assert commit is not None
    return commit.events[0].id


async def test_poison_parks_its_key_and_only_its_key(log: Log) -> None:
    async with consuming(log) as runtime:
        await event(log, 1, name="sick")
        bad = await event(log, 2, name="sick", title="poison")
        await event(log, 3, name="well")
        await log.relayed()
        await shows(log, "message-a1-well", "0")
        await shows(log, "message-a1-sick", "0")
        await parks(log, bad)
        (document,) = await parked(log)
        assert document["key"] == "message-a1-sick" and "cannot apply this" in document["error"]
        assert counted(runtime) == 1
        assert readiness(runtime)[1]["topics"][SERVICE]["halted"] == []


async def test_later_events_of_a_parked_key_queue_behind_it_in_order_also_after_a_restart(log: Log) -> None:
    async with consuming(log):
        events = [await event(log, 1, name="sick", title="poison")]
        await log.relayed()
        await parks(log, *events)
    async with consuming(log):
        events += [await event(log, n, name="sick") for n in (2, 3)]
        await event(log, 4, name="well")
        await log.relayed()
        await parks(log, *events)
        await shows(log, "message-a1-well", "0")
        await shows(log, "message-a1-sick")


async def test_after_the_cure_a_retry_drains_in_order_and_reopens_the_key(log: Log) -> None:
    async with consuming(log) as runtime:
        for n in range(1, 4):
            await event(log, n, name="sick", title="poison" if n == 1 else "t")
        await log.relayed()

        async def all_parked() -> bool:
            return len(await parked(log)) == 3

        await eventually(all_parked)
        toy.CURED.append(True)
        await retry(log, "message-a1-sick")
        await shows(log, "message-a1-sick", "0", "1", "2")
        assert await parked(log) == [] and counted(runtime) == 0
        await event(log, 4, name="sick")
        await log.relayed()
        await shows(log, "message-a1-sick", "0", "1", "2", "3")
        assert await parked(log) == []


async def test_a_retry_without_a_cure_leaves_everything_and_says_so(log: Log) -> None:
    async with consuming(log):
        events = [await event(log, n, name="sick", title="poison" if n == 1 else "t") for n in (1, 2)]
        await log.relayed()
        await parks(log, *events)
        await retry(log, "message-a1-sick")
        assert [d.get("attempts", 0) for d in await parked(log)] == [1, 0]
        await parks(log, *events)
        await shows(log, "message-a1-sick")


async def test_a_parked_record_that_somebody_changed_is_not_applied_and_stops_nothing(log: Log) -> None:
    async with consuming(log):
        bad = await event(log, 1, name="sick", title="poison")
        await log.relayed()
        await parks(log, bad)
        (document,) = await parked(log)
        document["record"]["value"] = "e30="
        await log.state.documents(COLLECTION).replace(document)
        toy.CURED.append(True)
        await retry(log, "message-a1-sick")
        (document,) = await parked(log)
        assert "hash does not verify" in document["error"]
        await event(log, 2, name="well")
        await log.relayed()
        await shows(log, "message-a1-well", "0")


def neighbour(log: Log, key: str = "a1") -> str:
    """Another partition key of the same shard."""
    shard = log.handler.shard(f"message-{key}-m")
    return next(f"n{n}" for n in range(1_000) if log.handler.shard(f"message-n{n}-m") == shard)


async def changed(log: Log, posts: Sequence[tuple[str, str]], **fields: str) -> list[Commit]:
    """A commit for each (partition key, name), all of one shard, the first of them saying something else."""
    found = [(await log.post(n, key=key, name=name)).commit for n, (key, name) in enumerate(posts)]
    first, *rest = [commit for commit in found if commit is not None]
    event = msgspec.structs.replace(first.events[0], **fields)
    chain = [chained(msgspec.structs.replace(first, events=[event]))]
    for commit in rest:
        chain.append(chained(msgspec.structs.replace(commit, previous_hash=chain[-1].hash)))
    return chain


async def test_a_body_that_cannot_be_decoded_parks_its_partition_key(log: Log) -> None:
    """Which document it would touch is not known, only whose: no document may get a later event first."""
    posts = [("a1", "sick"), ("a1", "other"), (neighbour(log), "well")]
    broken, behind, well = await changed(log, posts, body='{"message":7}')
    async with consuming(log):
        await produce_commits(log.backends, log.topic, [broken, behind, well])
        await shows(log, well.stream, "0")
        for consumer in (LOT, REACTIONS):
            await parks(log, broken.events[0].id, behind.events[0].id, consumer=consumer)
        assert {d["key"] for d in await parked(log)} == {"partition:a1"}
        assert await log.state.documents(counters.collection).get(behind.stream) is None


def _undated(document: Any, event: Recorded[MessagePosted]) -> Any:
    """What no store can hold, unless it is cured."""
    found = counters.apply(document, event) or {}
    ill = event.data.title == "date" and not toy.CURED
    return {**found, "seen": [*found["seen"][:-1], date(2024, 9, 2)]} if ill else found


async def test_a_document_that_the_store_cannot_hold_parks_its_key_and_harms_no_other(log: Log) -> None:
    unstorable = msgspec.structs.replace(counters, apply=_undated)
    async with consuming(log, replace(service, projections=[unstorable])) as runtime:
        await event(log, 1, name="sick")
        bad = [await event(log, 2, name="sick", title="date"), await event(log, 3, name="sick")]
        await event(log, 4, name="well")
        await log.relayed()
        await shows(log, "message-a1-well", "0")
        await shows(log, "message-a1-sick", "0")
        await parks(log, *bad)
        assert readiness(runtime)[1]["topics"][SERVICE]["halted"] == []
        await retry(log, "message-a1-sick")
        await parks(log, *bad)
        toy.CURED.append(True)
        await retry(log, "message-a1-sick")
        await shows(log, "message-a1-sick", "0", "1", "2")


async def test_a_defect_of_the_runner_itself_is_said_in_readiness(log: Log) -> None:
    def fail(point: str) -> None:
        if point == "runner.folded":
            raise ZeroDivisionError

    async with consuming(log) as runtime:
        with armed(fail):
            await event(log, 1)
            await log.relayed()

            async def said_so() -> bool:
                return any("ZeroDivisionError" in h for h in readiness(runtime)[1]["topics"][SERVICE]["halted"])

            await eventually(said_so, "for readiness to say so")
    async with consuming(log):
        await shows(log, "message-a1-m", "0")


async def test_an_event_that_nobody_knows_is_passed_over(log: Log) -> None:
    strange, follows = await changed(log, [("a1", "m"), ("a1", "n")], type="notifications.Unheard.v1", body="{}")
    async with consuming(log):
        await produce_commits(log.backends, log.topic, [strange, follows])
        await shows(log, "message-a1-n", "0")
        assert await parked(log) == []


async def test_a_newer_version_than_this_release_knows_waits_for_the_release_that_does(log: Log) -> None:
    newer, follows = await changed(log, [("a1", "m"), ("a1", "n")], type="notifications.MessagePosted.v99")
    async with consuming(log):
        await produce_commits(log.backends, log.topic, [newer, follows])
        await parks(log, newer.events[0].id, follows.events[0].id)
        assert "newer than this code" in (await parked(log))[0]["error"]


async def test_many_different_keys_in_a_row_stop_the_consumer(log: Log) -> None:
    async with consuming(log) as runtime:
        await asyncio.gather(*(log.post(n, name=f"m{n}", title="poison") for n in range(MOST_KEYS_IN_A_ROW)))
        await log.relayed()

        async def stopped() -> bool:
            halted = readiness(runtime)[1]["topics"][SERVICE]["halted"]
            return any(h.startswith("notifications.counters.v1/") and "different keys in a row" in h for h in halted)

        await eventually(stopped, "for readiness to say that the consumer stands")
        before = await parked(log)
        await log.post("after", name="well", title="echo")
        await log.relayed()

        async def others_go_on() -> bool:
            return bool(await log.store.read_stream(log.handler.shard("message-a1-well"), "message-a1-well-echo"))

        await eventually(others_go_on, "for the other consumers to go on")
        await shows(log, "message-a1-well")
        assert await parked(log) == before and len(before) == MOST_KEYS_IN_A_ROW


async def test_poison_with_good_events_between_does_not_stop_the_consumer(log: Log) -> None:
    async with consuming(log) as runtime:
        for n in range(MOST_KEYS_IN_A_ROW + 5):
            await log.post(n, name=f"m{n}", title="poison")
            await log.post(n, name=f"good{n}")
            await log.relayed()
        last = MOST_KEYS_IN_A_ROW + 4
        await shows(log, f"message-a1-good{last}", "0")
        assert readiness(runtime)[1]["topics"][SERVICE]["halted"] == []


class Overfill(toy.Post, frozen=True):
    """A command of a reaction that is refused."""


def _overfill(event: Recorded[MessagePosted]) -> list[Command]:
    if event.data.title != "overfill":
        return []
    count = 1 if toy.CURED else 100_000
    return [toy.Post(**because(event), key=event.partition_key, name="full", count=count)]


when_posted_then_overfill = Reaction("when_posted_then_overfill", SERVICE, (MessagePosted,), _overfill)
refusing = replace(service, reactions=[when_posted_then_overfill])


async def test_a_reaction_whose_command_is_refused_parks_by_partition_key(log: Log) -> None:
    async with consuming(log, refusing):
        same = [await event(log, 1, key="a1", title="overfill"), await event(log, 2, key="a1", name="n")]
        await event(log, 3, key="b2")
        await log.relayed()
        await parks(log, *same, consumer=REACTIONS)
        first, second = await parked(log, REACTIONS)
        assert {first["key"], second["key"]} == {"a1"}
        assert "满了" in first["error"] and "queued behind" in second["error"]
        await shows(log, "message-b2-m", "0")
        toy.CURED.append(True)
        await retry(log, "a1", REACTIONS)
        assert await parked(log, REACTIONS) == []
        full = await log.store.read_stream(log.handler.shard("message-a1-full"), "message-a1-full")
        assert [c.causation_id for c in full] == same[:1]

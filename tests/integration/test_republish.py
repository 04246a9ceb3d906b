"""A topic is lost, empty or begun anew: whoever reads it says so and waits; republished, it is the same, and all go on."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.events.audit.republish import NotRepublishable, Republished, republish
from libs.events.audit.verify import verify_service
from libs.events.clock import BusinessClock
from libs.events.contracts.identity import SessionEnded
from libs.events.contracts.times import instant
from libs.events.envelope import Commit
from libs.events.flow.clients import reading
from libs.events.flow.follower import Follower
from libs.events.flow.places import Place, Places
from libs.events.flow.watchdog import ends_of
from libs.events.runtime import Runtime
from libs.events.web.health import readiness
from tests.backends import SHARDS, Backends
from tests.integration.lab import SERVICE, Log, copied, log_of, produce_commits, records, say, saying
from tests.integration.running import eventually, running
from tests.integration.test_runner import all_attached, echoes_once, fill, forged, held, level, topic_of
from tests.toy import service

pytestmark = pytest.mark.integration


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


async def lose_topic(log: Log, *, again: bool = True) -> None:
    """Deleted and, as an operator would, created anew."""
    admin = AIOKafkaAdminClient(bootstrap_servers=log.backends.kafka)
    await admin.start()

    async def gone() -> bool:
        return log.topic not in await admin.list_topics()

    async def made() -> bool:
        answer = await admin.create_topics([NewTopic(log.topic, SHARDS, 1)])
        return answer.topic_errors[0][1] in (0, 36)  # 36: there already

    try:
        await admin.delete_topics([log.topic])
        await eventually(gone, "for the topic to be gone")
        if again:
            await eventually(made, "for the topic to be made anew")
    finally:
        await admin.close()


async def published(log: Log) -> Republished:
    """Republished by the relay of whatever runs."""
    shown: list[tuple[int, int]] = []
    places = Places(log.topic, log.state.documents("relay"))
    done = await republish(log.store, places, log.backends.kafka, log.topic, lambda *figures: shown.append(figures))
    assert shown[-1][0] == shown[-1][1] == sum(c.last_position - c.position + 1 for c in await log.commits())
    return done


async def lost_in_every_shard(runtime: Runtime) -> None:
    shards = {c.shard for c in [commit async for commit in everything(runtime)]}

    async def said() -> bool:
        halted = topic_of(runtime)["halted"]
        wanted = [f"counters.v1/{shard}: topic lost" for shard in shards]
        return all(any(w in h and f"tidu republish {SERVICE}" in h for h in halted) for w in wanted)

    await eventually(said, "for readiness to say that the topic is lost")


async def everything(runtime: Runtime) -> AsyncIterator[Commit]:
    for shard in range(SHARDS):
        for commit in await runtime.store.read_shard(shard, 0, 10_000):
            yield commit


async def same_as_store(log: Log) -> None:
    assert await copied(log.backends, log.topic) == await log.places()
    assert (await verify_service(SERVICE, log.store, log.backends.kafka, log.topic, "both")).faults == ()


async def _halts(runtime: Runtime) -> list[str]:
    return readiness(runtime)[1]["relay_halted"]


async def test_an_emptied_topic_is_said_and_republished_without_a_restart(log: Log) -> None:
    async with running(log.backends, log.prefix, service) as runtime:
        await fill(log)
        await level(log)
        await echoes_once(log)
        await level(log)
        before = await log.places()
        await lose_topic(log)
        await lost_in_every_shard(runtime)
        halts = await eventually(lambda: _halts(runtime), "for the relay to notice too")
        assert all(f"tidu republish {SERVICE}" in words for words in halts)
        for n in range(4):  # commands go on
            assert (await log.post("while lost", key=f"a{n}")).commit is not None
        await asyncio.sleep(0.5)
        assert (await copied(log.backends, log.topic)) == {}  # the relay writes no N+1 into an empty topic
        assert await held(log) != {}

        done = await published(log)
        assert sum(done.before) == 0
        now = await copied(log.backends, log.topic)
        assert {shard: now[shard][: len(places)] for shard, places in before.items()} == before
        await same_as_store(log)
        await level(log)
        await all_attached(runtime)
        await log.post("after", title="echo")
        await level(log)
        await echoes_once(log)
        assert topic_of(runtime)["halted"] == [] and readiness(runtime)[1]["relay_halted"] == []


async def test_a_topic_replaced_unseen_gets_one_window_that_hurts_nobody(log: Log) -> None:
    """The relay learns it from the broker's own answer, before anybody has looked at the ends."""
    await fill(log)
    relay = log.relay()
    await log.relayed(relay)
    await lose_topic(log)
    for n in range(3):
        await log.post("after", key=f"a{n}")
    shards = {c.shard for c in await log.commits()}
    for shard in shards:
        while await relay.copy_window(shard):
            pass
    first = await records(log.backends, log.topic)
    assert sum(len(found) for found in first.values()) == 3
    assert await copied(log.backends, log.topic) == {}  # nothing of it is next
    for shard in shards:
        assert await relay.copy_window(shard) == 0
    assert any("tidu republish" in words for words in relay.troubles.values())
    await relay._drop_producer()
    assert await records(log.backends, log.topic) == first
    again = log.relay()  # a new process knows it too
    for shard in shards:
        assert await again.copy_window(shard) == 0
    running_relay = asyncio.create_task(again.run())
    try:
        await published(log)
        await same_as_store(log)
        assert again.troubles == {}
    finally:
        running_relay.cancel()
        await asyncio.gather(running_relay, return_exceptions=True)


async def test_consumers_that_were_away_find_their_place_in_a_republished_topic(log: Log) -> None:
    """Their offsets are of a topic that is no more: here they lie beyond the end, or far behind the next event."""
    await fill(log, 10)
    await log.relayed()
    await log.state.documents("relay").delete({})
    await log.relayed()  # everything twice: offsets run ahead of positions
    async with running(log.backends, log.prefix, service, "consume"):
        await level(log)
        await echoes_once(log)
    await lose_topic(log)
    await log.state.documents("relay").delete({})
    await fill(log, 40, first=100)
    await log.relayed()
    async with running(log.backends, log.prefix, service, "consume") as runtime:
        await level(log)
        await echoes_once(log)
        await log.relayed()
        await level(log)
        await all_attached(runtime)


async def test_what_a_topic_still_holds_is_not_sent_again(log: Log) -> None:
    async with running(log.backends, log.prefix, service, "relay"):
        await fill(log)

        async def all_there() -> bool:
            return await copied(log.backends, log.topic) == await log.places()

        await eventually(all_there)
        length = sum(len(found) for found in (await records(log.backends, log.topic)).values())
        done = await published(log)
        assert done.before == done.after
        assert sum(len(found) for found in (await records(log.backends, log.topic)).values()) == length


async def test_a_topic_with_another_history_is_not_published_over(log: Log) -> None:
    await fill(log, 6)
    commits = await log.commits()
    other = forged(commits[0], actor="service:somebody")
    await produce_commits(log.backends, log.topic, [other])
    relay = log.state.documents("relay")
    await relay.insert({"_id": f"{log.topic}|{other.shard}", "position": 9, "offset": 9})
    with pytest.raises(NotRepublishable, match="another event at position"):
        await published(log)
    kept = await relay.get(f"{log.topic}|{other.shard}")
    assert kept is not None and kept["position"] == 9


async def test_a_place_moves_only_from_where_it_was(log: Log) -> None:
    documents = log.state.documents("relay")
    places = Places(log.topic, documents)
    assert await places.move(0, None, Place(1, 0))
    assert not await places.move(0, None, Place(2, 1))
    assert not await places.move(0, Place(1, None), Place(9, 9))
    assert not await places.move(0, Place(1, 0, lost=True), Place(9, 9))
    assert await places.read([0, 1]) == {0: Place(1, 0)}
    assert await places.move(0, Place(1, 0), Place(1, 0, lost=True))
    assert not await places.move(0, Place(1, 0), Place(2, 1))
    await documents.insert({"_id": f"{log.topic}|1", "position": 7})  # of a release that noted no offset
    assert await places.move(1, Place(7), Place(8, 12))
    assert await places.read([0, 1]) == {0: Place(1, 0, lost=True), 1: Place(8, 12)}


async def test_a_topic_that_is_gone_is_told_from_one_that_is_there(log: Log) -> None:
    """A client that was asked of one topic must also learn of the next."""
    async with reading(log.backends.kafka) as kafka:
        assert await ends_of(kafka, f"{log.prefix}nothing.events", [0]) is None
        assert await ends_of(kafka, log.topic, range(SHARDS)) == dict.fromkeys(range(SHARDS), 0)
        other = f"{log.prefix}review.events"
        assert await ends_of(kafka, other, [0]) == {0: 0}
        await lose_topic(log, again=False)

        async def gone() -> bool:
            return await ends_of(kafka, log.topic, [0]) is None

        await eventually(gone, "for the topic to be known as gone")
        assert await ends_of(kafka, other, [0]) == {0: 0}


async def test_a_follower_whose_topic_is_lost_trusts_nobody_until_it_is_back(backends: Backends) -> None:
    prefix = await backends.fresh()
    async with log_of(backends, prefix, "identity", saying("keys")) as identity:
        for n in range(3):
            await say(identity, "keys-platform", SessionEnded(instant(1_800_000_000_000), f"s{n}", "a", "signed out"))
        await identity.relayed()
        follower = Follower(backends.kafka, identity.topic, BusinessClock())
        task = asyncio.create_task(follower.run())

        async def is_level() -> bool:
            return follower.level()

        async def is_lost() -> bool:
            return not follower.level() and "tidu republish" in (follower.trouble() or "")

        try:
            await eventually(is_level)
            await lose_topic(identity)
            await eventually(is_lost, "for the follower to say so")
            relay = identity.relay()
            await identity.state.documents("relay").delete({})
            await say(identity, "keys-platform", SessionEnded(instant(1_800_000_000_000), "new", "a", "signed out"))
            await identity.relayed(relay)
            await eventually(is_level, "for the follower to go on")
            assert {"s0", "s1", "s2", "new"} <= follower.ended
            await relay._drop_producer()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

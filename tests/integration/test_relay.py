"""The relay dies, doubles, is refused and loses its broker: the topic still says exactly what the store says."""

import asyncio
import signal
from collections.abc import AsyncIterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import MessageSizeTooLargeError

from libs.events.flow import relay as flow_relay
from libs.events.flow.wire import commit_of, raw_record, verify
from libs.events.points import armed
from tests.backends import SHARDS, Backends
from tests.integration.lab import Log, copied, log_of, posted, process, produce_commits, records
from tests.integration.running import eventually, post, running
from tests.toy import service

pytestmark = pytest.mark.integration


class Killed(Exception):
    """The relay's process ended here."""


@pytest.fixture
async def log(backends: Backends) -> AsyncIterator[Log]:
    async with log_of(backends, await backends.fresh()) as made:
        yield made


async def fill(log: Log, count: int = 12) -> None:
    await asyncio.gather(*(log.post(n, key=f"a{n % 5}", count=1 + n % 3) for n in range(count)))


async def length(log: Log) -> int:
    return sum(len(found) for found in (await records(log.backends, log.topic)).values())


async def test_a_relay_killed_between_send_and_checkpoint_only_repeats(log: Log) -> None:
    await fill(log)
    events = sum(len(c.events) for c in await log.commits())
    async with process(log.backends, log.prefix, "relay") as doomed:
        assert await asyncio.wait_for(doomed.wait(), 30) == -signal.SIGKILL
    await log.relayed()
    assert await length(log) > events
    assert await copied(log.backends, log.topic) == await log.places()


async def test_a_relay_that_fails_before_its_checkpoint_sends_the_window_again(log: Log) -> None:
    await fill(log)
    events = sum(len(c.events) for c in await log.commits())
    shards = {c.shard for c in await log.commits()}

    def fail(point: str) -> None:
        if point == "relay.sent":
            raise Killed

    for shard in shards:
        doomed = log.relay()
        with armed(fail), pytest.raises(Killed):
            await doomed.copy_window(shard)
        await doomed._drop_producer()
    await log.relayed()
    assert await length(log) == 2 * events
    assert await copied(log.backends, log.topic) == await log.places()


async def test_two_relays_at_once_only_repeat(log: Log) -> None:
    one, two = log.relay(), log.relay(checkpoints="another_relay")
    running_both = [asyncio.create_task(relay.run()) for relay in (one, two)]
    for n in range(5):
        await asyncio.gather(*(log.post(f"{n}-{m}", key=f"a{m}", count=2) for m in range(6)))

    async def both_done() -> bool:
        return one.sent == two.sent == 60

    await eventually(both_done, "for both relays to have sent everything")
    for task in running_both:
        task.cancel()
    await asyncio.gather(*running_both, return_exceptions=True)
    assert await length(log) == 120
    assert await copied(log.backends, log.topic) == await log.places()


async def test_every_batch_holds_whole_commits(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow_relay, "WINDOW_BYTES", 1024 * 1024)
    for n in range(8):
        await log.post(n, count=60, title="企" * 500)
    stored = await log.commits()
    relay = log.relay()
    seen, windows = 0, 0
    while await relay.copy_window(stored[0].shard):
        windows += 1
        arrived = [verify(raw_record(r)) for r in (await records(log.backends, log.topic))[stored[0].shard]]
        assert arrived[-1].number == arrived[-1].size  # type: ignore[union-attr]
        assert len(arrived) > seen
        seen = len(arrived)
    await relay._drop_producer()
    assert windows > 1
    parts = [arrived[start : start + 60] for start in range(0, len(arrived), 60)]
    assert [commit_of(part) for part in parts] == stored  # type: ignore[arg-type]


async def test_the_largest_commit_travels_in_one_batch(log: Log) -> None:
    await log.post(1, count=250, title="x" * 400)
    await log.relayed()
    assert await copied(log.backends, log.topic) == await log.places()


async def small_topic(log: Log, limit: int) -> tuple[AIOKafkaAdminClient, str]:
    admin, topic = AIOKafkaAdminClient(bootstrap_servers=log.backends.kafka), f"{log.prefix}small"
    await admin.start()
    await admin.create_topics([NewTopic(topic, SHARDS, 1, topic_configs={"max.message.bytes": str(limit)})])
    return admin, topic


async def test_a_refused_batch_leaves_no_hole(log: Log) -> None:
    admin, topic = await small_topic(log, 6_000)
    relay = log.relay(topic)
    try:
        (first,) = [(await log.post(1)).commit]
        assert first is not None
        assert await relay.copy_window(first.shard) == 1
        await log.post(2, count=200)
        await log.post(3)
        with pytest.raises(MessageSizeTooLargeError):
            await relay.copy_window(first.shard)
        assert relay.replaced == 1
        other = next(n for n in range(100) if log.handler.shard(posted(0, key=f"b{n}").stream) != first.shard)
        await log.post(1, key=f"b{other}")
        await relay.copy_window(log.handler.shard(posted(0, key=f"b{other}").stream))
        assert len((await records(log.backends, topic))[first.shard]) == 1
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": "4194304"})])

        async def accepted() -> bool:
            try:
                await log.relayed(relay)
            except MessageSizeTooLargeError:
                return False
            return True

        await eventually(accepted, "for the broker to take larger batches")
        assert await copied(log.backends, topic) == await log.places()
    finally:
        await relay._drop_producer()
        await admin.close()


async def test_a_relay_goes_on_where_the_checkpoint_stands_and_repeats_nothing_without_need(log: Log) -> None:
    await fill(log)
    await log.relayed()
    before = await length(log)
    await log.post("later", key="a1")
    await log.relayed()
    assert await length(log) == before + 1


async def test_a_lost_checkpoint_republishes_the_same_bytes(log: Log) -> None:
    await fill(log)
    await log.relayed()
    await log.state.documents("relay").delete({})
    await log.relayed()
    for partition in (await records(log.backends, log.topic)).values():
        half = len(partition) // 2
        again = [(r.key, r.value, r.headers) for r in partition]
        assert again[:half] == again[half:]
    assert await copied(log.backends, log.topic) == await log.places()


async def test_records_of_a_stranger_between_the_relays_change_nothing_for_a_reader(log: Log) -> None:
    await fill(log, 6)
    stored = await log.commits()
    await produce_commits(log.backends, log.topic, reversed(stored))
    await log.relayed()
    assert await copied(log.backends, log.topic) == await log.places()


async def test_without_kafka_commands_go_on_and_are_relayed_later(backends: Backends) -> None:
    stack = backends.stack
    if stack is None:
        pytest.skip("only the embedded broker can be taken away")
    prefix = await backends.fresh()
    async with running(backends, prefix, service) as runtime:
        await runtime.handle(post(runtime, 0))
        await stack.hold("kafka")
        try:
            decided = [await runtime.handle(post(runtime, n)) for n in range(1, 21)]
        finally:
            await stack.release("kafka")
        assert [d.version for d in decided] == list(range(2, 22))
        assert runtime.relay is not None

        async def all_seen() -> bool:
            found = await runtime.view("counters").get("message-a1-m")
            return found is not None and len(found["seen"]) == 21

        await eventually(all_seen, "for the read model to catch up")
        assert runtime.relay.oldest_waiting() == 0
        shard = runtime.handler.shard("message-a1-m")
        topic = await copied(backends, runtime.topic("notifications"))
        stored = await runtime.store.read_shard(shard, 0, 100)
        assert [hash_ for _, hash_, _ in topic[shard]] == [e.hash for c in stored for e in c.events]

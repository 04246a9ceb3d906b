"""Looks at the ends of all partitions with a client of its own: a hung consumer does not know what it misses.

A consumer that has lag and does not move gets a new client; a partition that ends before what was read of it is another
topic. While the broker does not answer, nothing is said of anybody.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.events.flow.broker import Feed
from libs.events.flow.clients import reading, within
from libs.events.flow.cursors import DOUBTED
from libs.events.flow.relay import Relay

log = structlog.get_logger("watchdog")

LOOK_SECONDS = 2.0
ANSWER_SECONDS = 3.0
STILL_SECONDS = 8.0
ONE_SHARD_SECONDS = 10.0
ONE_SHARD_IDLE_LOOKS = 4
ONE_SHARD_FETCHES = 50
"""A shard may wait for its turn while others move. It stands when it waits as long as this although the consumer was
found idle so often, or took so many fetches without it."""
UNASSIGNED_SECONDS = 45.0
STUCK_SECONDS = 120.0
"""Longer than any fetch takes to be applied while the store answers (its own limit is half a minute)."""

Ends = Mapping[int, int]


async def ends_of(kafka: AIOKafkaConsumer, topic: str, shards: Iterable[int]) -> Ends | None:
    """The end offsets; None when the broker has no such topic. Raises KafkaError, TimeoutError."""
    partitions = [TopicPartition(topic, shard) for shard in shards]
    # A client that was asked of one topic learns of no other by itself.
    await within(ANSWER_SECONDS, kafka._client.add_topic(topic))
    known = kafka.partitions_for_topic(topic)
    if known is None or not {tp.partition for tp in partitions} <= known:
        await within(ANSWER_SECONDS, kafka._client.force_metadata_update())
        if kafka.partitions_for_topic(topic) is None:
            return None
    try:
        found = await within(ANSWER_SECONDS, kafka.end_offsets(partitions))
    except TimeoutError:
        await within(ANSWER_SECONDS, kafka._client.force_metadata_update())
        if kafka.partitions_for_topic(topic) is None:
            return None
        raise
    return {tp.partition: end for tp, end in found.items()}


class Stillness:
    """For how long something that should move has not."""

    def __init__(self) -> None:
        self._seen: dict[object, tuple[object, float]] = {}

    def seconds(self, what: object, state: object) -> float:
        before, since = self._seen.get(what, (None, 0.0))
        if before != state or what not in self._seen:
            since = time.monotonic()
            self._seen[what] = (state, since)
        return time.monotonic() - since

    def forget(self, what: object = None) -> None:
        """One thing, or all of them."""
        if what is None:
            self._seen.clear()
        else:
            self._seen.pop(what, None)


@dataclass
class Waiting:
    """A shard that has lag: where it stands since when, how many fetches had been taken then, looks at an idle consumer."""

    fetched: int
    since: float
    taken: int
    idle: int = 0


class Stuck(Exception):
    """A call never ends although the store answers: nobody inside can mend that, the process begins anew."""


class Watchdog:
    """Over the feeds of one process and its relay."""

    def __init__(self, bootstrap: str, feeds: Sequence[Feed], relay: Relay | None) -> None:
        self._bootstrap, self._feeds, self._relay = bootstrap, feeds, relay
        self._still, self._shorter = Stillness(), Stillness()
        self._waiting: dict[tuple[str, int], Waiting] = {}
        self.gone: set[str] = set()
        """Topics that the broker does not have."""

    async def run(self) -> None:
        while True:
            try:
                async with reading(self._bootstrap) as kafka:
                    while True:
                        await self._look(kafka)
                        await asyncio.sleep(LOOK_SECONDS)
            except (KafkaError, TimeoutError) as error:
                await log.awarning("watchdog.waiting", error=type(error).__name__)
                self._still.forget()
                self._shorter.forget()
                self._waiting.clear()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, kafka: AIOKafkaConsumer) -> None:
        for feed in self._feeds:
            await self._look_at_feed(kafka, feed)
        if self._relay is not None:
            await self._look_at_relay(kafka, self._relay)

    async def _look_at_feed(self, kafka: AIOKafkaConsumer, feed: Feed) -> None:
        mine = feed.subscription
        if feed.working and time.monotonic() - feed.since > STUCK_SECONDS:
            raise Stuck(f"{mine.topic}: one call has lasted for {STUCK_SECONDS:.0f} s")
        read = {
            shard: max([mine.fetched.get(shard, 0), *_offsets(feed, shard)]) for shard in sorted(mine.shards)
        }  # before the ends are asked for: what was read then cannot lie beyond them
        ends = await self._ends(kafka, mine.topic, read or (0,))
        if ends is None:
            return
        shorter = {shard: ends[shard] for shard in read if self._is_shorter(mine.topic, shard, read[shard], ends)}
        if shorter:
            await log.aerror("watchdog.topic-shorter", topic=mine.topic, ends=shorter)
            await feed.doubt(shorter)
        elif self._hangs(feed, ends):
            await self._rebuild(feed)

    async def _ends(self, kafka: AIOKafkaConsumer, topic: str, shards: Iterable[int]) -> Ends | None:
        ends = await ends_of(kafka, topic, shards)
        if ends is not None:
            self.gone.discard(topic)
        elif topic not in self.gone:
            self.gone.add(topic)
            await log.aerror("watchdog.no-topic", topic=topic, way_out=f"tidu republish {topic.split('.')[0]}")
        return ends

    def _is_shorter(self, name: str, shard: int, read: int, ends: Ends) -> bool:
        """Seen twice: a new leader may not know for a moment how far the others have confirmed."""
        what = (name, shard)
        if read <= ends[shard]:
            self._shorter.forget(what)
            return False
        return self._shorter.seconds(what, True) >= LOOK_SECONDS / 2

    def _hangs(self, feed: Feed, ends: Ends) -> bool:
        mine, topic = feed.subscription, feed.subscription.topic
        if not feed.assigned and not feed.working:
            return self._still.seconds(topic, "unassigned") > UNASSIGNED_SECONDS
        lag = [shard for shard, end in ends.items() if shard in mine.shards and end > mine.fetched.get(shard, 0)]
        for shard in ends.keys() - lag:
            self._waiting.pop((topic, shard), None)
        # No `any` over a generator: each shard's time is kept by being asked for.
        alone = [self._stands(feed, shard) for shard in lag]
        if feed.working or not lag:  # it waits for the store, is busy, or has nothing to do
            self._still.forget(topic)
            return any(alone)
        return any(alone) or self._still.seconds(topic, dict(mine.fetched)) > STILL_SECONDS

    def _stands(self, feed: Feed, shard: int) -> bool:
        """Whether a shard waits although others had their turn. While one call waits for the store, nothing counts."""
        fetched, now = feed.subscription.fetched.get(shard, 0), time.monotonic()
        one = self._waiting.get((feed.subscription.topic, shard))
        if one is None or one.fetched != fetched:
            one = self._waiting[feed.subscription.topic, shard] = Waiting(fetched, now, feed.taken)
        one.idle += not feed.working
        passed_over = one.idle > ONE_SHARD_IDLE_LOOKS or feed.taken - one.taken >= ONE_SHARD_FETCHES
        return passed_over and now - one.since > ONE_SHARD_SECONDS

    async def _rebuild(self, feed: Feed) -> None:
        topic = feed.subscription.topic
        self._still.forget()
        self._waiting.clear()
        feed.subscription.rebuilt["consumer"] += 1
        await log.aerror("watchdog.consumer-rebuilt", topic=topic, service=feed.subscription.service)
        await feed.rebuild()

    async def _look_at_relay(self, kafka: AIOKafkaConsumer, relay: Relay) -> None:
        sent = {s: offset + 1 for s in range(relay.shards) if (offset := relay.acknowledged(s)) is not None}
        ends = await self._ends(kafka, relay.topic, sent or (0,))
        if ends is None:
            return
        for shard, known in sent.items():
            if self._is_shorter(f"relay {relay.topic}", shard, known, ends):
                await relay.lost(shard, f"it ends at offset {ends[shard]}, and {known - 1} was acknowledged")


def _offsets(feed: Feed, shard: int) -> list[int]:
    """Where the consumers of a shard stand that do not doubt their place already."""
    cursors = (feed.subscription.cursors.get((c.name, shard)) for c in feed.subscription.consumers)
    return [cursor.at.offset for cursor in cursors if cursor is not None and cursor.trouble not in DOUBTED]

"""FastStream's part: one batch subscriber per topic through one helper, with our own parser and decoder."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from libs.events.errors import Unavailable
from libs.events.flow.clients import FETCH_WAIT_MS, METADATA_MS, put_away
from libs.events.flow.runner import Subscription
from libs.events.flow.wire import RawRecord, raw_record
from libs.events.points import reach

log = structlog.get_logger("broker")

FETCH_RECORDS = 2_000
FETCH_MS = 2_000
"""After this long without anything the library's loop is entered anew."""
COMMIT_SECONDS = 5.0
"""Reading starts at checkpoints: what Kafka is told is a figure for operators, and costs broker and client a request."""
COMMIT_PATIENCE_SECONDS = 2.0
"""The library tries for as long as it knows no coordinator, and the fetch would wait for a mere figure."""
JOIN_SECONDS = 45.0


def kafka_broker(bootstrap: str, service: str) -> KafkaBroker:
    """Consuming only: the relay has its own producer. No types are applied: records stay what they are."""
    return KafkaBroker(
        # FastStream takes one text for one address, where aiokafka takes a list with commas.
        bootstrap.split(","), client_id=f"tidu-{service}", apply_types=False, graceful_timeout=5.0, consumer_only=True,
        logger=None, metadata_max_age_ms=METADATA_MS,
    )  # fmt: skip


async def _parse(records: tuple[Any, ...]) -> KafkaMessage:
    """Never raises, whatever the records are: headers are not touched here (a bad one would take the whole batch)."""
    return KafkaMessage(
        body=b"", headers={}, batch_headers=[], raw_message=records, message_id="", correlation_id="",
        consumer=FAKE_CONSUMER,
    )  # fmt: skip


async def _decode(message: Any) -> list[RawRecord]:
    return [raw_record(record) for record in message.raw_message]


class Feed(ConsumerRebalanceListener):  # type: ignore[misc]
    """Joins one subscription to its FastStream subscriber: assignment, fetches, and the offsets shown as lag."""

    def __init__(self, broker: KafkaBroker, subscription: Subscription, group: str, instance: str = "") -> None:
        self.subscription = self._subscription = subscription
        self.working = 0
        """How many calls of the library are being answered now: while there is one, standing still is no hang."""
        self.since = 0.0
        """When the call that is being answered now began, or when the store was last found away meanwhile."""
        self.taken = 0
        """Fetches that were taken to their end."""
        self._committed = 0.0
        self._goodbyes: set[asyncio.Task[None]] = set()
        self._ready = asyncio.Event()
        self.subscriber: BatchSubscriber = _subscriber(broker, subscription.topic, group, instance, self)
        self.subscriber(self._consume)

    @property
    def kafka(self) -> AIOKafkaConsumer:
        assert self.subscriber.consumer is not None
        return self.subscriber.consumer

    @property
    def assigned(self) -> bool:
        return self._ready.is_set()

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        with self._at_work():
            await self._subscription.leave()
            self._ready.clear()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Kafka's committed offset is only a figure: reading starts at the lowest attached checkpoint."""
        shards = {tp.partition for tp in assigned}
        with self._at_work():
            offsets = await self._until_available(self._subscription.assigned, shards)
        for shard, offset in offsets.items():
            self.kafka.seek(TopicPartition(self._subscription.topic, shard), offset)
        self._ready.set()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        if not self.working:
            self.since = time.monotonic()
        self.working += 1
        try:
            yield
        finally:
            self.working -= 1

    async def doubt(self, ends: Mapping[int, int]) -> None:
        """These partitions end before what was read of them: each consumer looks for its place, we go on at the end."""
        async with self._subscription.lock:
            for shard, end in ends.items():
                if shard in self._subscription.shards:
                    self._subscription.doubt(shard, end)
                    self.kafka.seek(TopicPartition(self._subscription.topic, shard), end)

    async def rebuild(self) -> None:
        """A new client in place of one that hangs; the subscription and its checkpoints stay. Raises KafkaError."""
        old, self.subscriber.consumer = self.subscriber.consumer, None
        self._ready.clear()
        await self.subscriber.stop()
        if old is not None:
            # Its late words on assignments would be taken for the new one's. A goodbye may take long: nobody waits.
            old._subscription._listener = None
            goodbye = asyncio.create_task(put_away(old))
            self._goodbyes.add(goodbye)
            goodbye.add_done_callback(self._goodbyes.discard)
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                await self.subscriber.start()
        except TimeoutError as error:
            raise KafkaTimeoutError(f"the group did not answer within {JOIN_SECONDS:.0f} s") from error

    async def _consume(self, records: list[RawRecord]) -> None:
        with self._at_work():
            await self._take(records)
        self.taken += 1
        await self._subscription.gather(len(records))

    async def _take(self, records: list[RawRecord]) -> None:
        try:
            again = await self._until_available(self._subscription.fetched_records, records)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be lost
            # FastStream would drop the fetch and say nothing: the shards stand, and readiness says why.
            self._subscription.halt({record.partition for record in records}, f"defect: {error!r}")
            await log.aerror("broker.defect", topic=self._subscription.topic, exc_info=error)
            return
        if self.subscriber.consumer is None:
            return  # another client takes its place just now
        for shard, offset in again.items():
            self.kafka.seek(TopicPartition(self._subscription.topic, shard), offset)
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self._committed = time.monotonic()
            await self._show_lag()

    async def _until_available(self, step: Any, argument: Any) -> Any:
        """Retry in place while the store is away: nothing is skipped, and the group's heartbeat goes on beside it."""
        pause = 0.2
        while True:
            try:
                return await step(argument)
            except Unavailable as error:
                self.since = time.monotonic()
                await log.awarning("broker.waiting", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _show_lag(self) -> None:
        mine = self.kafka.assignment()
        offsets = {
            tp: offset
            for shard, offset in self._subscription.fetched.items()
            if (tp := TopicPartition(self._subscription.topic, shard)) in mine
        }
        try:
            async with asyncio.timeout(COMMIT_PATIENCE_SECONDS):
                await self.kafka.commit(offsets)
            reach("runner.offset")
        except (KafkaError, TimeoutError) as error:
            await log.ainfo("broker.offsets-not-shown", topic=self._subscription.topic, error=type(error).__name__)

    def lag(self) -> dict[int, int]:
        """Records between what was fetched and the partition's end, per shard, as far as the client knows."""
        found = {}
        for tp in self.kafka.assignment():
            end = self.kafka.highwater(tp)
            if end is not None:
                found[tp.partition] = max(0, end - self._subscription.fetched.get(tp.partition, 0))
        return found


class Attentive(BatchSubscriber):
    """Asks again at once after a fetch that found nothing. FastStream's own sleeps for as long as it had waited: half of
    what came after a silence lay in the client meanwhile."""

    __slots__ = ()

    async def get_msg(self, consumer: AIOKafkaConsumer) -> tuple[Any, ...]:
        while self.running:
            if found := await consumer.getmany(timeout_ms=self.batch_timeout_ms, max_records=self.max_records):
                return tuple(chain(*found.values()))
        return ()


def _subscriber(broker: KafkaBroker, topic: str, group: str, instance: str, feed: Feed) -> BatchSubscriber:
    """The one way to subscribe: manual, from the beginning, our parser and decoder. Never `ack()`, never `nack()`."""
    made: Any = broker.subscriber(
        topic, group_id=group, group_instance_id=instance or None, batch=True, max_records=FETCH_RECORDS,
        batch_timeout_ms=FETCH_MS, auto_offset_reset="earliest", ack_policy=AckPolicy.MANUAL, parser=_parse,
        decoder=_decode, listener=feed,
        session_timeout_ms=10_000, heartbeat_interval_ms=2_000, max_poll_interval_ms=300_000,
        max_partition_fetch_bytes=4 * 1024 * 1024, fetch_max_wait_ms=FETCH_WAIT_MS,
    )  # fmt: skip
    made.__class__ = Attentive  # a broker makes no subscribers of another class
    return made  # type: ignore[no-any-return]

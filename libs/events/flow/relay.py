"""The relay copies each shard to its partition: whole commits, one record batch at a time, then the checkpoint."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from libs.events.contracts.times import parse_time
from libs.events.envelope import Commit, records_of
from libs.events.errors import Unavailable
from libs.events.flow.clients import METADATA_MS, put_away, start
from libs.events.flow.places import Place, Places
from libs.events.points import reach
from libs.events.store.ports import CommitStore, Documents

log = structlog.get_logger("relay")

WINDOW_COMMITS = 800
"""Of what waits, so much is compressed in one piece: with two hundred, a topic is a fifth larger."""
WINDOW_BYTES = 4 * 1024 * 1024
LARGEST_REQUEST = 4 * 1024 * 1024
SEND_TIMEOUT = 12.0
AGAIN_SECONDS = 0.5
PLACES_SECONDS = 2.0
KEPT_EVERY_SECONDS = 2.0
"""A place need not be kept after every window: who goes on from an older one repeats records, which readers drop."""


def producer(bootstrap: str) -> AIOKafkaProducer:
    """Idempotent, all in-sync replicas, zstd; a batch is never split because it is sent whole by `send_batch`."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", compression_type="zstd", linger_ms=0,
        max_batch_size=WINDOW_BYTES, max_request_size=LARGEST_REQUEST, request_timeout_ms=20_000,
        metadata_max_age_ms=METADATA_MS,
    )  # fmt: skip


class Relay:
    """All shards of one service. Two relays at once can only repeat records, which readers drop.

    `troubles`: shards that stand, and why.
    """

    def __init__(
        self, service: str, topic: str, bootstrap: str, store: CommitStore, checkpoints: Documents, shards: int,
        poll_seconds: float, watches: bool = True,
    ) -> None:  # fmt: skip
        self.service, self.topic, self.bootstrap, self.store = service, topic, bootstrap, store
        self._stored, self.shards, self._poll = Places(topic, checkpoints), shards, poll_seconds
        self._watches = watches
        self._bells = [asyncio.Event() for _ in range(shards)]
        self._fresh = [deque[Commit](maxlen=WINDOW_COMMITS) for _ in range(shards)]
        self._heard = [0] * shards
        self._places: dict[int, Place | None] = {}
        self._kept: dict[int, Place | None] = {}
        self._kept_at: dict[int, float] = {}
        self._keeping = [asyncio.Lock() for _ in range(shards)]
        self._waiting_since: dict[int, float] = {}
        self._producer: AIOKafkaProducer | None = None
        self._making = asyncio.Lock()
        self._goodbyes: set[asyncio.Task[None]] = set()
        self.sent = 0
        self.replaced = 0
        self.troubles: dict[int, str] = {}

    def took(self, commit: Commit) -> None:
        """The doorbell, with what stands in the store already: this process has just committed it."""
        self._fresh[commit.shard].append(commit)
        self._heard[commit.shard] = max(self._heard[commit.shard], commit.last_position)
        self.ring(commit.shard)

    def seen(self, shard: int, position: int) -> None:
        """The doorbell of a change stream: some process has committed so far."""
        if position > self._heard[shard]:
            self.ring(shard)

    def ring(self, shard: int) -> None:
        self._waiting_since.setdefault(shard, time.time())
        self._bells[shard].set()

    def oldest_waiting(self) -> float:
        """Age in seconds of the oldest commit known here that has not reached the topic."""
        return max((time.time() - since for since in self._waiting_since.values()), default=0.0)

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._run_shard(shard)) for shard in range(self.shards)]
        tasks.append(asyncio.create_task(self._look_at_places()))
        if self._watches:
            tasks.append(asyncio.create_task(self._watch()))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(Unavailable):
                await self._keep_all()
            await self._drop_producer()

    async def _watch(self) -> None:
        """Other processes' commits ring here; polling stays the guarantee, so any trouble only slows it. Not for a process
        that commits itself: its own it knows of, others have relays of their own, and the store pays for every listener."""
        while True:
            with suppress(Unavailable):
                async for shard, position in self.store.watch():
                    self.seen(shard, position)
            await asyncio.sleep(5)

    async def _look_at_places(self) -> None:
        """Keep what is not kept yet. Somebody else may move a place: another relay forward, `tidu republish` back."""
        while True:
            await asyncio.sleep(PLACES_SECONDS)
            with suppress(Unavailable):
                await self._keep_all()
                before = dict(self._kept)
                found = await self._stored.read(before)
                for shard, place in before.items():
                    if found.get(shard) != place and self._kept.get(shard) == place:
                        self._forget(shard)
                        self._bells[shard].set()

    async def _run_shard(self, shard: int) -> None:
        troubled = AGAIN_SECONDS
        while True:
            pause = self._poll
            try:
                more = True
                while more and await self._copy(shard):
                    troubled, more = AGAIN_SECONDS, not self._all_copied(shard)
                    if time.monotonic() - self._kept_at.get(shard, 0.0) >= KEPT_EVERY_SECONDS:
                        await self._keep(shard)
            except (KafkaError, Unavailable, TimeoutError) as error:
                await log.awarning("relay.waiting", service=self.service, shard=shard, error=type(error).__name__)
                pause, troubled = troubled, min(troubled * 2, 5.0)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._bells[shard].wait()
            self._bells[shard].clear()

    async def copy_window(self, shard: int) -> int:
        """Copy the next window of whole commits, and keep how far that is; how many. Kafka's or the store's errors are
        the caller's."""
        copied = await self._copy(shard)
        await self._keep(shard)
        return copied

    async def _copy(self, shard: int) -> int:
        place = await self._place(shard)
        if place is not None and place.lost:
            return 0
        position = place.position if place else 0
        commits = self._next(shard, position) or await self.store.read_shard(shard, position, WINDOW_COMMITS)
        if not commits:
            self._waiting_since.pop(shard, None)
            return 0
        self._waiting_since[shard] = parse_time(commits[0].recorded_at).timestamp()
        reach("relay.read")
        sending = await self._ready_producer()
        batch, window = self._batch(sending, commits)
        records = sum(len(commit.events) for commit in window)
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                told = await (await sending.send_batch(batch, self.topic, partition=shard))
        except (KafkaError, TimeoutError):
            # A refused batch followed by an accepted one would leave a hole that no resend can fill.
            await self._drop_producer(sending)
            raise
        reach("relay.sent")
        self.sent += records
        # A broker that has forgotten where it put a repeated batch says -1.
        first = told.offset if told.offset >= 0 else None
        if place is not None and place.offset is not None and first is not None and first <= place.offset:
            # What was just sent does no harm: it is a true record, and readers drop it until it is next.
            await self.lost(shard, f"offset {first} was given after offset {place.offset}")
            return 0
        last = None if first is None else first + records - 1
        if shard in self._places:  # else somebody has moved it meanwhile, and it is read again
            self._places[shard] = Place(window[-1].last_position, last)
        return len(window)

    def _next(self, shard: int, position: int) -> list[Commit]:
        """What this process has itself committed next, if that is what comes next: positions are dense, and taken once."""
        fresh, found = self._fresh[shard], list[Commit]()
        while fresh and fresh[0].position <= position:
            fresh.popleft()
        while fresh and fresh[0].position == position + 1:
            found.append(fresh.popleft())
            position = found[-1].last_position
        return found

    def _all_copied(self, shard: int) -> bool:
        """Whether everything that was heard of is copied. What was not heard of is found when it is looked for."""
        place = self._places.get(shard)
        if place is None or place.position < self._heard[shard]:
            return False
        self._waiting_since.pop(shard, None)
        return True

    async def lost(self, shard: int, why: str) -> None:
        """The topic is not the one that was copied to: the shard stands until it is published again."""
        place = await self._place(shard)
        if place is not None and not place.lost:
            self._places[shard] = Place(place.position, place.offset, lost=True)
            await self._keep(shard)
            self._forget(shard)
            await log.aerror("relay.topic-lost", topic=self.topic, shard=shard, why=why, way_out=self._way_out)

    def acknowledged(self, shard: int) -> int | None:
        """The last offset that the broker has acknowledged, as far as known here."""
        place = self._places.get(shard)
        return None if place is None or place.lost else place.offset

    @property
    def _way_out(self) -> str:
        return f"tidu republish {self.service}"

    def _batch(self, sending: AIOKafkaProducer, commits: Sequence[Commit]) -> tuple[Any, Sequence[Commit]]:
        """One record batch of as many whole commits as fit (always at least one: see the limit on commits)."""
        size, fitting = 0, 0
        for commit in commits:
            size += sum(len(e.body.encode()) + 1_600 for e in commit.events)
            if fitting and size > WINDOW_BYTES // 2:
                break
            fitting += 1
        batch = sending.create_batch()
        for commit in commits[:fitting]:
            for record in records_of(commit):
                if batch.append(key=record.key, value=record.value, timestamp=None, headers=record.headers) is None:
                    raise ValueError(f"commit {commit.id} does not fit into one batch")
        batch.close()
        return batch, commits[:fitting]

    async def _place(self, shard: int) -> Place | None:
        if shard not in self._places:
            place = (await self._stored.read([shard])).get(shard)
            self._places[shard] = self._kept[shard] = place
            self.troubles.pop(shard, None)
            if place is not None and place.lost:
                self.troubles[shard] = f"{self.topic}/{shard}: topic lost; nothing is sent until: {self._way_out}"
        return self._places[shard]

    async def _keep(self, shard: int) -> None:
        """Write down how far a shard is copied; if somebody else has moved it meanwhile, theirs counts."""
        async with self._keeping[shard]:
            place = self._places.get(shard)
            if place is None or place == self._kept[shard]:
                return
            if await self._stored.move(shard, self._kept[shard], place):
                self._kept[shard], self._kept_at[shard] = place, time.monotonic()
            else:
                self._forget(shard)

    async def _keep_all(self) -> None:
        for shard in list(self._places):
            await self._keep(shard)

    def _forget(self, shard: int) -> None:
        self._places.pop(shard, None)
        self._kept.pop(shard, None)

    async def _ready_producer(self) -> AIOKafkaProducer:
        async with self._making:
            if self._producer is None:
                fresh = producer(self.bootstrap)
                try:
                    await start(fresh)
                except KafkaError:
                    await put_away(fresh)
                    raise
                self._producer = fresh
            return self._producer

    async def _drop_producer(self, failed: AIOKafkaProducer | None = None) -> None:
        """Put the producer away; one that another shard has replaced already, only once. Nobody waits for a goodbye."""
        async with self._making:
            broken = self._producer
            if broken is None or (failed is not None and broken is not failed):
                return
            self._producer = None
        if failed is None:
            await put_away(broken)
            return
        self.replaced += 1
        await log.awarning("relay.producer-replaced", service=self.service, topic=self.topic)
        goodbye = asyncio.create_task(put_away(broken))
        self._goodbyes.add(goodbye)
        goodbye.add_done_callback(self._goodbyes.discard)

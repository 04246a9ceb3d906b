"""The relay copies each shard to its partition: whole commits, one record batch at a time, then the checkpoint."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from libs.events.contracts.times import parse_time
from libs.events.envelope import Commit, records_of
from libs.events.errors import Unavailable
from libs.events.flow.clients import put_away
from libs.events.points import reach
from libs.events.store.ports import CommitStore, Documents

log = structlog.get_logger("relay")

WINDOW_COMMITS = 200
WINDOW_BYTES = 1024 * 1024
LARGEST_REQUEST = 4 * 1024 * 1024
SEND_TIMEOUT = 30.0


def producer(bootstrap: str) -> AIOKafkaProducer:
    """Idempotent, all in-sync replicas, zstd; a batch is never split because it is sent whole by `send_batch`."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", compression_type="zstd", linger_ms=0,
        max_batch_size=WINDOW_BYTES, max_request_size=LARGEST_REQUEST, request_timeout_ms=20_000,
    )  # fmt: skip


class Relay:
    """All shards of one service. Two relays at once can only repeat records, which readers drop."""

    def __init__(
        self, service: str, topic: str, bootstrap: str, store: CommitStore, checkpoints: Documents, shards: int,
        poll_seconds: float,
    ) -> None:  # fmt: skip
        self.service, self.topic, self.bootstrap, self.store = service, topic, bootstrap, store
        self._checkpoints, self._shards, self._poll = checkpoints, shards, poll_seconds
        self._bells = [asyncio.Event() for _ in range(shards)]
        self._positions: dict[int, int] = {}
        self._waiting_since: dict[int, float] = {}
        self._producer: AIOKafkaProducer | None = None
        self._making = asyncio.Lock()
        self.sent = 0
        self.replaced = 0

    def ring(self, shard: int) -> None:
        """The doorbell: something was committed in this process, or seen by a change stream."""
        self._waiting_since.setdefault(shard, time.time())
        self._bells[shard].set()

    def oldest_waiting(self) -> float:
        """Age in seconds of the oldest commit known here that has not reached the topic."""
        return max((time.time() - since for since in self._waiting_since.values()), default=0.0)

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._run_shard(shard)) for shard in range(self._shards)]
        tasks.append(asyncio.create_task(self._watch()))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._drop_producer()

    async def _watch(self) -> None:
        """Other processes' commits ring here; polling stays the guarantee, so any trouble only slows it."""
        while True:
            with suppress(Unavailable):
                async for shard in self.store.watch():
                    self.ring(shard)
            await asyncio.sleep(5)

    async def _run_shard(self, shard: int) -> None:
        pause = self._poll
        while True:
            try:
                while await self.copy_window(shard):
                    pause = self._poll
            except (KafkaError, Unavailable, TimeoutError) as error:
                await log.awarning("relay.waiting", service=self.service, shard=shard, error=type(error).__name__)
                pause = min(pause * 2, 5.0)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bells[shard].wait(), pause)
            self._bells[shard].clear()

    async def copy_window(self, shard: int) -> int:
        """Copy the next window of whole commits; how many. Kafka's or the store's errors are the caller's."""
        position = await self._position(shard)
        commits = await self.store.read_shard(shard, position, WINDOW_COMMITS)
        if not commits:
            self._waiting_since.pop(shard, None)
            return 0
        self._waiting_since[shard] = parse_time(commits[0].recorded_at).timestamp()
        reach("relay.read")
        sending = await self._ready_producer()
        batch, window = self._batch(sending, commits)
        try:
            async with asyncio.timeout(SEND_TIMEOUT):
                await (await sending.send_batch(batch, self.topic, partition=shard))
        except (KafkaError, TimeoutError):
            # A refused batch followed by an accepted one would leave a hole that no resend can fill.
            await self._drop_producer()
            self.replaced += 1
            raise
        reach("relay.sent")
        await self._move(shard, window[-1].last_position)
        self.sent += sum(len(commit.events) for commit in window)
        return len(window)

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

    async def _position(self, shard: int) -> int:
        if shard not in self._positions:
            found = await self._checkpoints.get(f"{self.topic}|{shard}")
            self._positions[shard] = found["position"] if found else 0
        return self._positions[shard]

    async def _move(self, shard: int, position: int) -> None:
        await self._checkpoints.replace({"_id": f"{self.topic}|{shard}", "position": position}, upsert=True)
        reach("relay.moved")
        self._positions[shard] = position

    async def _ready_producer(self) -> AIOKafkaProducer:
        async with self._making:
            if self._producer is None:
                fresh = producer(self.bootstrap)
                try:
                    await fresh.start()
                except KafkaError:
                    await put_away(fresh)
                    raise
                self._producer = fresh
            return self._producer

    async def _drop_producer(self) -> None:
        async with self._making:
            broken, self._producer = self._producer, None
            if broken is not None:
                await put_away(broken)

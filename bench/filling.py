"""A topic filled by the product's own relay, from a log that is made on the way instead of being read from the store."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice

import uvloop

from bench.frame import Given
from bench.logs import SERVICE, TOPIC, Log, commits
from libs.events.envelope import Commit
from libs.events.flow.relay import Relay
from libs.events.store.memory import MemoryState


class Made:
    """Of a store's log only what a relay needs: the next commits of a shard."""

    def __init__(self, log: Log) -> None:
        self._log = {shard: commits(log, shard) for shard in range(log.shards)}
        self._read: dict[int, deque[Commit]] = {shard: deque() for shard in self._log}

    async def read_shard(self, shard: int, after: int, limit: int) -> list[Commit]:
        read = self._read[shard]
        while read and read[0].last_position <= after:
            read.popleft()
        read.extend(islice(self._log[shard], limit - len(read)))
        return list(read)


async def fill(given: Given, bootstrap: str, log: Log, topic: str = TOPIC) -> float:
    """Every shard of a topic, spread over processes; the CPU seconds it took (making the log included)."""
    began, workers = time.perf_counter(), min(os.cpu_count() or 1, log.shards)
    portions = [list(range(n, log.shards, workers)) for n in range(workers)]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        running = [loop.run_in_executor(pool, _fill, bootstrap, topic, log, shards) for shards in portions]
        seconds = sum(await asyncio.gather(*running))
    given.say(f"topic filled with {log.events:,} events in {time.perf_counter() - began:.0f} s")
    return seconds


def _fill(bootstrap: str, topic: str, log: Log, shards: Sequence[int]) -> float:
    uvloop.run(_copy(bootstrap, topic, log, shards))
    return time.process_time()


async def _copy(bootstrap: str, topic: str, log: Log, shards: Sequence[int]) -> None:
    places = MemoryState().documents("relay")
    relay = Relay(SERVICE, topic, bootstrap, Made(log), places, log.shards, 1.0)  # type: ignore[arg-type]
    try:
        for shard in shards:
            while await relay.copy_window(shard):
                pass
    finally:
        await relay._drop_producer()

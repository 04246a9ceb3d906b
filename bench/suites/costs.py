"""P10: what a million events cost: CPU seconds of every process that takes part, and the topic's bytes on disk.

Each step runs alone, one after another, on the same log: append (commits in groups of 32, as a busy writer's group
commit), relay (store to topic), consume (the product's FastStream subscriber and runner, one ordinary read model) and
rebuild. CPU is user and system time of this process, the broker and the store from before a step until after it, what
broker and store do when idle included. No peer: the figures are for planning.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path

import msgspec
import psutil

from bench.figures import Figure, Spread
from bench.folds import check_sum
from bench.frame import Given, Lost, bench, check_count
from bench.logs import SERVICE, TOPIC, Log, commits
from bench.models import case_status, oracle, stored
from deploy.cli.logs_access import open_state
from deploy.cli.rebuild import TOPICS
from deploy.local.stack import Stack
from libs.events.flow.broker import Feed, kafka_broker
from libs.events.flow.consumers import ProjectionConsumer
from libs.events.flow.parity import Sum
from libs.events.flow.rebuild import Rebuild
from libs.events.flow.relay import Relay
from libs.events.flow.runner import Subscription
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState

GROUP = 32
LIMIT = 600.0
REACH = {"rebuild": 20.0}
WORDS = {
    "append": f"append, groups of {GROUP} commits",
    "relay": "relay, store to topic",
    "consume": "consume, one read model, live",
    "rebuild": "rebuild of that read model",
}


class Meter:
    """CPU seconds by process during each step."""

    def __init__(self, stack: Stack) -> None:
        pids = stack.pids
        self._processes = {"this process": psutil.Process()}
        self._processes |= {
            name: psutil.Process(pid) for name, pid in pids.items() if name.startswith(("kafka", "store"))
        }
        self.steps: dict[str, dict[str, float]] = {}

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[None]:
        before, began = self._used(), time.perf_counter()
        yield
        self.steps[name] = {who: used - before[who] for who, used in self._used().items()}
        self.steps[name]["seconds"] = time.perf_counter() - began

    def _used(self) -> dict[str, float]:
        times = {name: process.cpu_times() for name, process in self._processes.items()}
        return {name: used.user + used.system for name, used in times.items()}


@bench("costs", ids=("P10",), words="CPU seconds and bytes per million events")
async def run(given: Given) -> list[Figure]:
    log = Log(given.size("events", 40_020, 1_200) // 60, seed=given.seed)
    wanted = oracle(log)
    async with given.stack(services=()) as stack, open_state(stack, SERVICE) as state:
        meter, client = Meter(stack), connect(stack.store_uri(SERVICE))
        store = MongoCommits(client, SERVICE)
        sizes = dict[str, int]()
        try:
            await _append(meter, log, store)
            await _relay(meter, log, store, state, stack)
        finally:
            client.close()
        sizes["topic"] = sum(_size(path) for path in stack.folder.kafka.rglob(f"{TOPIC}-*") if path.is_dir())
        await _consume(meter, log, state, stack, wanted)
        async with meter.step("rebuild"):
            done = await Rebuild(SERVICE, case_status, state, TOPICS, log.shards, stack.kafka).run()
        check_count(log.events, done.events, "events rebuilt")
        check_sum(wanted, await stored(state, msgspec.structs.replace(case_status, build=2)))
        if done.parity is None or not done.parity.equal:
            raise Lost("the rebuilt read model is not the live one")
    return _figures(meter, sizes, log)


async def _append(meter: Meter, log: Log, store: MongoCommits) -> None:
    made = {shard: list(commits(log, shard)) for shard in range(log.shards)}
    async with meter.step("append"):
        for found in made.values():
            for start in range(0, len(found), GROUP):
                if (taken := await store.append(list(islice(found, start, start + GROUP)))) is not None:
                    raise Lost(f"a commit was taken: {taken}")


async def _relay(meter: Meter, log: Log, store: MongoCommits, state: MongoState, stack: Stack) -> None:
    relay = Relay(SERVICE, TOPIC, stack.kafka, store, state.documents("relay"), log.shards, 1.0)
    async with meter.step("relay"):
        for shard in range(log.shards):
            while await relay.copy_window(shard):
                pass
        await relay._drop_producer()
    check_count(log.events, relay.sent, "events relayed")


async def _consume(meter: Meter, log: Log, state: MongoState, stack: Stack, wanted: Sum) -> None:
    await state.ensure_indexes(case_status.collection, case_status.indexes)
    consumer = ProjectionConsumer(SERVICE, case_status, SERVICE, state)
    subscription, broker = Subscription(SERVICE, TOPIC, state, [consumer]), kafka_broker(stack.kafka, SERVICE)
    feed = Feed(broker, subscription, "bench-costs")
    async with meter.step("consume"):
        await broker.start()
        async with asyncio.timeout(LIMIT):
            while sum(cursor.at.position for cursor in subscription.cursors.values()) < log.events:
                await asyncio.sleep(0.05)
        async with subscription.lock:
            await subscription.flush()
        await broker.stop()
    check_count(0, sum(feed.lag().values()) if feed.subscriber.consumer else 0, "records of lag")
    check_sum(wanted, await stored(state, case_status))


def _size(folder: Path) -> int:
    """Bytes that its files say they hold; index files of the broker are made large beforehand and hold nothing yet."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".index", ".timeindex")]
    return sum(path.stat().st_size for path in files)


def _figures(meter: Meter, sizes: dict[str, int], log: Log) -> list[Figure]:
    millions, rows = log.events / 1_000_000, []
    for letter, (name, words) in zip("abcd", WORDS.items(), strict=True):
        used = {who: seconds / millions for who, seconds in meter.steps[name].items()}
        total = sum(seconds for who, seconds in used.items() if who != "seconds")
        reach = REACH.get(name)
        rows.append(
            Figure(
                f"P10{letter}", words, Spread.of([total]), reach=f"≤ {reach:.0f}" if reach else "",
                met=total <= reach if reach else None, data={"CPU s per million": used}, unit="CPU s per million events",
            )
        )  # fmt: skip
    topic = sizes["topic"] / millions / 1e6
    data = {"bytes": sizes}
    rows.append(
        Figure("P10e", "topic on disk, zstd", Spread.of([topic]), reach="≤ 150", met=topic <= 150, data=data, unit="MB")
    )
    return rows

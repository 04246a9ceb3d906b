"""P1: verified replay of a topic (fetch, hash, chain, decode, fold; then also written) against bare fetches of the same.

All read the same six partitions in one process from the beginning. aiokafka is the very client of the product with the
same fetch sizes and portions; confluent-kafka (librdkafka, which fetches in threads of its own) gets the same fetch sizes.
Neither peer looks at what it fetched. Starting and connecting is in nobody's time.
"""

from __future__ import annotations

import time
from functools import partial

from bench import readers
from bench.figures import Figure, Spread
from bench.filling import fill
from bench.folds import in_memory, into_store
from bench.frame import Absent, Given, Measure, Pairs, bench, rounds
from bench.logs import TOPIC, Log
from bench.models import oracle
from deploy.cli.logs_access import open_state

READERS = {"aiokafka getmany": readers.aiokafka, "confluent consume": readers.confluent}


@bench("replay", ids=("P1",), words="verified replay against bare fetches")
async def run(given: Given) -> list[Figure]:
    log = Log(given.size("events", 60_000, 3_000) // 60, seed=given.seed)
    wanted = oracle(log)
    async with given.stack(services=()) as stack, open_state(stack, "review") as state:
        await fill(given, stack.kafka, log)
        builds = iter(range(2, 1_000))
        runs: dict[str, Measure] = {
            "replay": lambda: in_memory(stack.kafka, log, wanted),
            "with the write": lambda: into_store(stack.kafka, log, state, next(builds), wanted),
        }
        absent: dict[str, str] = {}
        for name, reader in READERS.items():
            try:
                await reader(stack.kafka, TOPIC, range(log.shards), log.events)
            except Absent as why:
                absent[name] = str(why)
                continue
            runs[name] = partial(reader, stack.kafka, TOPIC, range(log.shards), log.events)
        began = time.process_time()
        found = await rounds(given, runs)
        given.say(f"{time.process_time() - began:.1f} CPU s in this process")
    rows = (
        ("P1a", "verified replay: fetch, hash, chain, decode, fold", "replay", "aiokafka getmany", 0.45),
        ("P1b", "the same, and the read model written", "with the write", "aiokafka getmany", 0.33),
        ("P1c", "verified replay, as P1a", "replay", "confluent consume", 0.20),
    )
    return [_figure(*row, found, absent) for row in rows]


def _figure(
    id_: str, words: str, ours: str, peer: str, reach: float, found: dict[str, Spread], absent: dict[str, str]
) -> Figure:
    if peer in absent:
        return Figure(id_, words, found[ours], f"{peer}: {absent[peer]}", reach=f"≥ {reach}", unit="events/s")
    pairs = Pairs(found[ours], found[peer])
    return Figure(
        id_, words, pairs.ours, peer, pairs.peer, pairs.ratio, f"≥ {reach}", pairs.ratio.median >= reach,
        unit="events/s",
    )  # fmt: skip

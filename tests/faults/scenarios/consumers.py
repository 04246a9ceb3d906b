"""Consumers hindered: stopped beyond their session, doubled on purpose, their offsets lost, everything told ten times."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.backends import SHARDS
from tests.faults.harness import NotProven, Trial
from tests.faults.scenario import scenario
from tests.faults.toycheck import unfinished
from tests.faults.toys import SERVICE, Toy, toy_of
from tests.integration.lab import records
from tests.integration.running import running
from tests.toy import counters, service

SESSION_SECONDS = 10.0
TIMES = 10
totals = msgspec.structs.replace(counters, name="totals")


@scenario(
    "consumer-stopped",
    "a consumer is stopped (SIGSTOP) beyond its session, another takes over, it goes on",
    stack=False,
)
async def consumer_stopped(trial: Trial) -> None:
    for _ in range(5 if trial.long else 1):
        async with toy_of(trial) as before, toy_of(trial) as after:
            await asyncio.gather(
                _stopped_at(before, "runner.fetched", "its reactions are still to come"),
                _stopped_at(after, "runner.folded", "its reactions are done, its transaction is not"),
            )


async def _stopped_at(toy: Toy, point: str, words: str) -> None:
    trial = toy.trial
    async with toy.process("all", "first") as first, AsyncExitStack() as life:
        await toy.fill(40, "before")
        await toy.level()
        # What it reads next must be what it is stopped with, not the echoes of before, which ask nothing of anybody.
        events = sum(len(commit.events) for commit in await toy.log.commits())
        await trial.until(lambda: _has_read(first, events), "the consumer to have read everything")
        await first.ask("stop", point)
        await toy.fill(24, "during", echo_every=1)
        await trial.until(lambda: _is(first.stopped), f"the consumer to stop at {point}")
        trial.injected(f"SIGSTOP at {point}")
        second = await life.enter_async_context(toy.process("all", "second"))
        taken_over = await trial.until(lambda: _has_all(second), "the second to take over", 3 * SESSION_SECONDS)
        await toy.level()
        first.go_on()
        figures = await trial.until(lambda: _late(first), "the first to find out that it is late", 3 * SESSION_SECONDS)
        await toy.fill(24, "after")
        await toy.level()
        trial.say(f"{point} ({words}): {figures}, the second had shards {taken_over}")
        if point == "runner.fetched" and not figures["taken"]:
            raise NotProven("the late process sent no reaction whose id was taken")
        trial.figures[f"stale, {point}"] = figures["stale"]
        trial.figures[f"reactions that found their id taken, {point}"] = figures["taken"]
    await toy.check()


async def _is(value: bool) -> bool:
    return value


async def _has_all(process: Any) -> Any:
    figures = await process.ask("figures")
    return figures["shards"] if len(figures["shards"]) == SHARDS else None


async def _has_read(process: Any, events: int) -> bool:
    return (await process.ask("figures"))["read"] == events


async def _have_read(processes: Sequence[Any], events: int) -> bool:
    return all([await _has_read(process, events) for process in processes])


async def _late(process: Any) -> Any:
    figures = await process.ask("figures")
    return figures if figures["stale"] and not figures["missing"] else None


@scenario("doubled", "two relays and two consumers of every shard, on purpose", stack=False)
async def doubled(trial: Trial) -> None:
    async with toy_of(trial) as toy, AsyncExitStack() as life:
        roles = (("all", "one", False), ("all", "other", True), ("relay", "third", False))
        started = [life.enter_async_context(toy.process(role, name, twin)) for role, name, twin in roles]
        processes = [await one for one in started]
        await asyncio.gather(*(toy.fill(1_500 if trial.long else 250, name) for name in ("a", "b", "c")))
        patience = 300 if trial.long else 60
        await toy.level(patience)
        # Level is who came first; who came second may still be on its way to finding that out.
        written = sum(len(commit.events) for commit in await toy.log.commits())
        both = "both consumers to have read everything"
        await trial.until(lambda: _have_read(processes[:2], written), both, patience)
        figures = [await process.ask("figures") for process in processes]
        raw = await records(toy.backends, toy.log.topic)
        events = sum(len(commit.events) for commit in await toy.log.commits())
        repeated = sum(map(len, raw.values())) - events
        stale, taken = (sum(f[what] for f in figures) for what in ("stale", "taken"))
        trial.injected("records sent twice", repeated)
        trial.injected("transactions that came second", stale)
        trial.injected("reactions that came second", taken)
        trial.say(f"{events} events, {repeated} records again, {stale} late transactions, {taken} late reactions")
        if not (repeated and stale and all(len(f["shards"]) == SHARDS for f in figures[:2])):
            raise NotProven(f"nothing was done twice: {figures}")
        await toy.check()


@scenario("offsets-reset", "the group's offsets are set to the beginning, to the end, beyond it", stack=False)
async def offsets_reset(trial: Trial) -> None:
    async with toy_of(trial) as toy:
        for round_ in range(5 if trial.long else 1):
            for n, where in enumerate(("beginning", "end", "beyond")):
                await toy.fill(60, f"r{round_}{n}")
                await toy.log.relayed()
                async with running(toy.backends, toy.log.prefix, service, "consume"):
                    await trial.until(lambda: _folded(toy), "the consumer to be level")
                await toy.fill(20, f"u{round_}{n}")
                await toy.log.relayed()
                await _reset(toy, where)
                trial.injected(f"offsets to the {where}", SHARDS)
        async with running(toy.backends, toy.log.prefix, service):
            await toy.level()
        await toy.check()


async def _folded(toy: Toy) -> bool:
    return not {"the read model is behind"} & set(await unfinished(toy.log))


async def _reset(toy: Toy, where: str) -> None:
    """What an operator's tool does while the group is empty; the new offset is read again to be sure."""
    partitions = [TopicPartition(toy.log.topic, shard) for shard in range(SHARDS)]
    group = f"{toy.log.prefix}{SERVICE}.{toy.log.topic}"
    kafka = AIOKafkaConsumer(bootstrap_servers=toy.backends.kafka, group_id=group, enable_auto_commit=False)
    await kafka.start()
    try:
        kafka.assign(partitions)
        ends = await kafka.end_offsets(partitions)
        offsets = {tp: {"beginning": 0, "end": ends[tp], "beyond": ends[tp] + 1_000}[where] for tp in partitions}
        await kafka.commit(offsets)
        for tp, offset in offsets.items():
            if await kafka.committed(tp) != offset:
                raise NotProven(f"the offset of {tp} was not reset")
    finally:
        await kafka.stop()


@scenario("ten-times", "every record is delivered ten times, one by one and by whole windows", stack=False)
async def ten_times(trial: Trial) -> None:
    async with toy_of(trial) as toy:
        async with running(toy.backends, toy.log.prefix, service):
            for part in range(10 if trial.long else 2):
                before = {shard: len(found) for shard, found in (await records(toy.backends, toy.log.topic)).items()}
                await toy.fill(120, f"p{part}")
                await toy.level()
                for shard, partition in (await records(toy.backends, toy.log.topic)).items():
                    await _again(trial, toy, shard, partition[before[shard] :])
            await toy.fill(30, "last")
            await toy.level()
        async with running(toy.backends, toy.log.prefix, replace(service, projections=[counters, totals])):
            await trial.until(lambda: _same(toy), "a new read model to be folded off the repeated records", every=0.2)
        await toy.check()


async def _again(trial: Trial, toy: Toy, shard: int, partition: list[Any]) -> None:
    """Nine times more: each record nine times at once, or the whole nine times, by the toss of a coin."""
    nine = TIMES - 1
    rows = [r for r in partition for _ in range(nine)] if trial.random.random() < 0.5 else partition * nine
    kafka = AIOKafkaProducer(bootstrap_servers=toy.backends.kafka, max_batch_size=1024 * 1024)
    await kafka.start()
    try:
        for first in range(0, len(rows), 200):
            batch = kafka.create_batch()
            for record in rows[first : first + 200]:
                if (
                    batch.append(key=record.key, value=record.value, timestamp=None, headers=list(record.headers))
                    is None
                ):
                    raise NotProven("a batch was too small")
            await (await kafka.send_batch(batch, toy.log.topic, partition=shard))
    finally:
        await kafka.stop()
    trial.injected("records delivered again", len(rows))


async def _same(toy: Toy) -> bool:
    """A read model that was folded from the dirty topic at once holds what the one that was there has."""
    found, there = [
        {d["_id"]: d for d in await toy.log.state.documents(one.collection).find({}, limit=10_000)}
        for one in (totals, counters)
    ]
    return bool(there) and found == there

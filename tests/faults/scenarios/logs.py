"""Logs that are not as they should be: strange records, an old store, two histories of one position."""

from __future__ import annotations

import asyncio
import shutil
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from itertools import cycle
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer

from libs.events.audit.restore import NotRestorable, restore
from libs.events.audit.verify import verify_service
from libs.events.envelope import Commit, chained, records_of
from libs.events.errors import Unavailable
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from libs.events.web.health import readiness
from tests.backends import SHARDS
from tests.faults.harness import NotProven, Trial
from tests.faults.malformed import FOREIGN, Raw, raws, true_but_unreadable
from tests.faults.scenario import scenario
from tests.faults.toys import SERVICE, Toy, toy_of
from tests.integration.lab import posted, produce_commits
from tests.integration.running import running, settings
from tests.toy import service

EVENTS_PER_COMMIT = 20
CONSUMERS = 3
BATCH = 40


@scenario("malformed", "1 % malformed records of many kinds among good ones", stack=False)
async def malformed(trial: Trial) -> None:
    good, bad = (100_000, 1_000) if trial.long else (10_000, 100)
    async with toy_of(trial) as toy:
        odd = await _filled(toy, good, unreadable=bad // 5)
        foreign = await _produced(toy, odd, bad - len(odd))
        kinds = Counter(kind for kind, _ in [*odd, *foreign])
        for kind, times in kinds.items():
            trial.injected(kind, times)
        parked = [commit for kind, commit in odd if kind != "an unknown type"]
        without = {event.id for commit in parked for event in commit.events}
        async with running(toy.backends, toy.log.prefix, service, "consume"):
            pass_ = {"without": without, "foreign": len(foreign)}
            await trial.until(lambda: _consumed(toy), "everything to be read", 300, every=0.5)
            await toy.log.relayed()
            await toy.level(300, **pass_)
        await _kept(toy, parked, [raw for _, raw in foreign])
        await toy.check(**pass_, parked=CONSUMERS * len(parked))
        trial.say(f"{good} good events, {len(foreign)} foreign and {len(odd)} unreadable of {len(kinds)} kinds")


async def _filled(toy: Toy, good: int, unreadable: int) -> list[tuple[str, Commit]]:
    """The log, with commits among the others that this release cannot read; those, with their kind."""
    odd, part = list[tuple[str, Commit]](), good // EVENTS_PER_COMMIT // unreadable
    for n in range(unreadable):
        await asyncio.gather(
            *(toy.post(f"g{n}-{i}", key=f"k{i % 40}", name=f"g{n}", count=EVENTS_PER_COMMIT) for i in range(part))
        )
        odd.append(await _unreadable(toy, n))
    return odd


async def _unreadable(toy: Toy, n: int) -> tuple[str, Commit]:
    template = (await toy.log.handler.handle(posted(n, key=f"odd{n}", name="first"))).commit
    assert template is not None
    toy.acknowledged[template.id] = template
    head = await toy.log.store.head(template.shard)
    stream, id_ = f"message-odd{n}-x", make_id("odd", str(n))
    events = [msgspec.structs.replace(event, id=f"{id_}.1") for event in template.events]
    after = msgspec.structs.replace(
        template, id=id_, stream=stream, position=head.position + 1, last_position=head.position + 1, events=events,
        previous_hash=head.hash, clock=f"{head.clock + 1:016x}", recorded_at=head.recorded_at, correlation_id=id_,
        causation_id=id_,
    )  # fmt: skip
    kinds = true_but_unreadable(after)
    kind = list(kinds)[n % len(kinds)]
    if await toy.log.store.append([kinds[kind]]) is not None:
        raise NotProven("an unreadable commit found its place taken")
    toy.acknowledged[id_] = kinds[kind]
    return kind, kinds[kind]


async def _produced(toy: Toy, odd: Sequence[tuple[str, Commit]], strange: int) -> list[tuple[str, Raw]]:
    """The topic, made by hand: every record of the log in order, strangers at random places between them."""
    random, kinds = toy.trial.random, cycle(FOREIGN.items())
    commits = await toy.log.commits()
    before = Counter(random.choices(range(len(commits)), k=strange))
    sent, by_shard = list[tuple[str, Raw]](), dict[int, list[Raw]]()
    for n, commit in enumerate(commits):
        for _ in range(before[n]):
            kind, spoil = next(kinds)
            sent.append((kind, spoil(next(iter(records_of(commit))))))
            by_shard.setdefault(commit.shard, []).append(sent[-1][1])
        by_shard.setdefault(commit.shard, []).extend(raws(commit))
    await asyncio.gather(*(_send(toy, shard, found) for shard, found in by_shard.items()))
    return sent


async def _send(toy: Toy, shard: int, found: Sequence[Raw]) -> None:
    kafka = AIOKafkaProducer(bootstrap_servers=toy.backends.kafka, max_batch_size=2 * 1024 * 1024)
    await kafka.start()
    try:
        batch, waiting = kafka.create_batch(), 0
        for raw in found:
            if waiting == BATCH or not batch.append(key=raw.key, value=raw.value, timestamp=None, headers=raw.headers):
                await (await kafka.send_batch(batch, toy.log.topic, partition=shard))
                batch, waiting = kafka.create_batch(), 0
                assert batch.append(key=raw.key, value=raw.value, timestamp=None, headers=raw.headers) is not None
            waiting += 1
        await (await kafka.send_batch(batch, toy.log.topic, partition=shard))
    finally:
        await kafka.stop()


async def _consumed(toy: Toy) -> bool:
    at = await toy.log.state.checkpoints(f"{SERVICE}.counters.v1", toy.log.topic)
    heads = {shard: (await toy.log.store.head(shard)).position for shard in range(SHARDS)}
    return all(at[shard].position == position if shard in at else not position for shard, position in heads.items())


async def _kept(toy: Toy, parked: Sequence[Commit], foreign: Sequence[Raw]) -> None:
    """Raw bytes: what was sent is what is kept, each stranger once and with a reason."""
    kept = await toy.log.state.documents("foreign").find({}, limit=10_000)
    if not all(document["reason"] for document in kept):
        raise NotProven("a foreign record is kept without a reason")
    if Counter(map(_packed, kept)) != Counter((r.key, r.value, tuple(r.headers)) for r in foreign):
        raise NotProven("foreign records are not kept byte for byte")
    waiting = await toy.log.state.documents("parked").find({}, limit=10_000)
    wanted = {(raw.key, raw.value, tuple(raw.headers)) for commit in parked for raw in raws(commit)}
    if {_packed(document) for document in waiting} != wanted:
        raise NotProven("parked records are not kept byte for byte")


def _packed(document: dict[str, Any]) -> tuple[Any, ...]:
    record = document["record"]
    headers = tuple((name, _bytes(value)) for name, value in record["headers"])
    return _bytes(record["key"]), _bytes(record["value"]), headers


def _bytes(value: str | None) -> bytes | None:
    return None if value is None else b64decode(value)


@scenario("old-backup", "the store is replaced by an old backup of itself", stack=False)
async def old_backup(trial: Trial) -> None:
    async with toy_of(trial) as toy:
        stack = toy.backends.stack
        assert stack is not None
        data, backup = stack.folder.store / "data", trial.folder / "backup"
        async with running(toy.backends, toy.log.prefix, service):
            await toy.fill(100, "before")
            await toy.level()
        await stack.hold("store")
        await asyncio.to_thread(shutil.copytree, data, backup)
        await stack.release("store")
        async with running(toy.backends, toy.log.prefix, service):
            await toy.fill(100, "after")
            await toy.level()
        await stack.hold("store")
        await asyncio.to_thread(shutil.rmtree, data)
        await asyncio.to_thread(shutil.copytree, backup, data)
        await stack.release("store")
        trial.injected("store replaced by its old backup")
        await _refuses_until_restored(toy)
        await toy.check()


async def _refuses_until_restored(toy: Toy) -> None:
    trial, log = toy.trial, toy.log
    runtime = Runtime(service, settings(toy.backends, log.prefix), "all")
    runtime.start()
    try:
        await trial.until(lambda: _says(runtime, "tidu restore"), "the service to say that it must be restored", 30)
        if readiness(runtime)[0] != 503:
            raise NotProven("a service with an old store calls itself ready")
        for n in range(20):
            try:
                await runtime.handle(posted(n, name="early"))
            except Unavailable:
                continue
            raise NotProven("a service with an old store took a command")
        before = len(await log.commits())
        inserted = await restore(log.store, toy.backends.kafka, log.topic, SHARDS)
        trial.say(f"{before} commits in the backup, {inserted} restored from the topic")
        if not inserted:
            raise NotProven("the backup was not old")
        await trial.until(lambda: _ready(runtime), "the service to become ready by itself", 60)
        again = await runtime.handle(posted("after0", key="k0", name="after", title="echo"))
        if not again.repeated or again.commit is None or again.commit != toy.acknowledged[again.commit.id]:
            raise NotProven(f"a repeated command was not answered as the first time: {again}")
        await toy.fill(40, "restored")
        await toy.level()
        report = await verify_service(SERVICE, log.store, toy.backends.kafka, log.topic, "both")
        if report.faults:
            raise NotProven(f"verify says: {report.faults[0]}")
    finally:
        await runtime.stop()


async def _says(runtime: Runtime, words: str) -> bool:
    return any(words in missing for missing in runtime.ready().values())


async def _ready(runtime: Runtime) -> bool:
    return not runtime.ready()


@scenario("fork", "two histories of one position in a topic", stack=False)
async def fork(trial: Trial) -> None:
    for n in range(5 if trial.long else 1):
        async with toy_of(trial) as toy:
            async with running(toy.backends, toy.log.prefix, service) as runtime:
                await toy.fill(100, f"f{n}")
                await toy.level()
                forked = await _fork(toy)
                await trial.until(lambda: _halted(runtime, forked), "the shard to be halted")  # noqa: B023
                halted = readiness(runtime)[1]["topics"][SERVICE]["halted"]
                if any(f"/{forked}: fork" not in place for place in halted):
                    raise NotProven(f"more than the forked shard stands: {halted}")
                await toy.fill(60, f"after{n}")
                await trial.until(lambda: _others_level(toy, forked), "the other shards to flow")  # noqa: B023
            await _named(toy, forked)
            await toy.check(shards_not_folded={forked})


async def _fork(toy: Toy) -> int:
    """Another body at the newest position of a shard, rightly chained: what a second writer with a log would say."""
    commits = await toy.log.commits()
    shard = toy.trial.random.choice(sorted({commit.shard for commit in commits}))
    last = [commit for commit in commits if commit.shard == shard][-1]
    events = [msgspec.structs.replace(e, body=e.body.replace('"group":"g"', '"group":"h"')) for e in last.events]
    if events == list(last.events):
        events = [msgspec.structs.replace(e, body=e.body[:-1] + ',"more":1}') for e in last.events]
    other = chained(msgspec.structs.replace(last, events=events))
    await produce_commits(toy.backends, toy.log.topic, [other])
    toy.trial.injected("forked position")
    return shard


async def _halted(runtime: Runtime, shard: int) -> bool:
    halted = readiness(runtime)[1]["topics"][SERVICE]["halted"]
    return sum(place.endswith(f"/{shard}: fork") for place in halted) == CONSUMERS


async def _others_level(toy: Toy, forked: int) -> bool:
    at = await toy.log.state.checkpoints(f"{SERVICE}.counters.v1", toy.log.topic)
    for shard in set(range(SHARDS)) - {forked}:
        position = (await toy.log.store.head(shard)).position
        if position and (shard not in at or at[shard].position != position):
            return False
    return True


async def _named(toy: Toy, shard: int) -> None:
    """`verify` names shard and position; nothing is restored from such a topic."""
    report = await verify_service(SERVICE, toy.log.store, toy.backends.kafka, toy.log.topic, "both")
    if [(fault.shard, fault.what) for fault in report.faults] != [(shard, "the topic forks here")]:
        raise NotProven(f"verify does not name the fork in shard {shard}: {report.faults}")
    toy.trial.say(f"verify names shard {shard} position {report.faults[0].position}")
    try:
        await restore(toy.log.store, toy.backends.kafka, toy.log.topic, SHARDS)
    except NotRestorable:
        return
    raise NotProven("a forked topic was restored from")

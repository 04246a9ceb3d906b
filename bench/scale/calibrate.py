"""Unit costs from a real stack at a low rate: CPU of every process, latency of commands apart and in bursts.

CPU tells what a command costs each process, but not how much of it comes before the answer. Two latencies tell that: of
commands that come one by one, which is CPU and waiting, and of bursts, in which CPU is queued for and waiting is not. The
costs are those with which the model shows both, and the CPU of both, when it is given the very same arrivals.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean, median, pstdev

import msgspec
import psutil

from bench.frame import Lost
from bench.logs import Log, commits
from bench.scale.model import VISIBLE_OF, Model, Outcome
from bench.scale.parts import CLIENT, GATEWAY, KAFKA, SERVICES, STORE, Cost, Parts
from deploy.cli.logs_access import open_logs
from deploy.local.stack import Stack
from libs.events.envelope import Commit
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.provision import COMMIT_INDEXES

ENOUGH = 15
"""So few commands of a service say nothing about it alone; all together stand for it then."""
HALVINGS, ROUNDS, GAIN, SLACK = 6, 3, 0.7, 0.05
LEAST_FOLLOWING = 0.05
SINGLES, GROUP, GROUPS = 120, 50, 6
TRIAL = "scale"


class Low(msgspec.Struct):
    """One run at a low rate. CPU seconds by process, of which what it uses when idle is taken away; milliseconds."""

    arrivals: list[float]
    homes: list[str]
    cpu: dict[str, float]
    latencies: dict[str, list[float]]
    """By service, of commands that were answered."""
    visible: list[float]

    @property
    def mean(self) -> float:
        return fmean(one for found in self.latencies.values() for one in found)

    def and_later(self, other: Low, seconds: float) -> Low:
        """Both as one run: the other's moments are `seconds` later."""
        services = {*self.latencies, *other.latencies}
        return Low(
            [*self.arrivals, *(one + seconds for one in other.arrivals)],
            [*self.homes, *other.homes],
            {name: self.cpu.get(name, 0.0) + other.cpu.get(name, 0.0) for name in {*self.cpu, *other.cpu}},
            {name: [*self.latencies.get(name, ()), *other.latencies.get(name, ())] for name in services},
            [*self.visible, *other.visible],
        )


class Calibration(msgspec.Struct):
    """Everything that costs are taken from. `idle`: CPU milliseconds a second; `journal` in milliseconds."""

    apart: Low
    together: Low
    idle: dict[str, float]
    insert: Cost
    journal: float
    events: float
    topic_bytes: float
    store_bytes: float


# From a stack.


def cpu_of(stack: Stack) -> dict[str, float]:
    """CPU seconds so far of every process of the stack, and of this one, which is the client."""
    found = {CLIENT: psutil.Process()}
    for name, pid in stack.pids.items():
        found[name] = psutil.Process(pid)
    times = {name: process.cpu_times() for name, process in found.items()}
    return {name: used.user + used.system for name, used in times.items()}


@dataclass
class Meter:
    """CPU and time from its making until it is read."""

    stack: Stack

    def __post_init__(self) -> None:
        self._before, self._began = cpu_of(self.stack), time.perf_counter()

    def read(self) -> tuple[dict[str, float], float]:
        """CPU seconds by process, and seconds."""
        used = cpu_of(self.stack)
        if gone := self._before.keys() - used.keys():
            raise Lost(f"went away meanwhile: {', '.join(sorted(gone))}")
        return {name: used[name] - self._before[name] for name in self._before}, time.perf_counter() - self._began


async def idle_of(stack: Stack, seconds: float) -> dict[str, float]:
    """CPU milliseconds a second of every process while nobody asks for anything."""
    meter = Meter(stack)
    await asyncio.sleep(seconds)
    used, took = meter.read()
    return {name: cpu * 1_000 / took for name, cpu in used.items()}


def busy(used: Mapping[str, float], idle: Mapping[str, float], seconds: float) -> dict[str, float]:
    """What is left when idle CPU is taken away."""
    return {name: max(0.0, cpu - idle.get(name, 0.0) * seconds / 1_000) for name, cpu in used.items()}


async def inserts_of(stack: Stack) -> tuple[Cost, float]:
    """What the store needs for commits in a database of their own: CPU, and milliseconds of waiting in each insert."""
    client = connect(stack.admin_store_uri)
    store = MongoCommits(client, TRIAL)
    try:
        await client[f"{TRIAL}_log"]["commits"].create_indexes(COMMIT_INDEXES)
        made = commits(Log(60, shards=1), 0)
        single, waited = await _inserted(stack, store, [list(islice(made, 1)) for _ in range(SINGLES)])
        group, _ = await _inserted(stack, store, [list(islice(made, GROUP)) for _ in range(GROUPS)])
    finally:
        await client.drop_database(f"{TRIAL}_log")
        client.close()
    each = max(0.0, (group - single) / (GROUP - 1))
    return Cost(each, max(0.0, single - each)), waited


async def _inserted(stack: Stack, store: MongoCommits, batches: Sequence[Sequence[Commit]]) -> tuple[float, float]:
    """Milliseconds of the store's CPU for each insert, and of each what is neither its CPU nor ours. The two overlap on two
    cores, so that nothing may be left; the first insert opens the connection and does not count."""
    first, *rest = batches
    await _new(store, first)
    meter = Meter(stack)
    for batch in rest:
        await _new(store, batch)
    used, seconds = meter.read()
    cpu, ours, took = (one * 1_000 / len(rest) for one in (used[STORE], used[CLIENT], seconds))
    return cpu, max(0.0, took - cpu - ours)


async def _new(store: MongoCommits, batch: Sequence[Commit]) -> None:
    if await store.append(batch) is not None:
        raise Lost("a commit was there already")


async def events_of(stack: Stack) -> int:
    """How many events are in the five logs."""
    async with open_logs(stack) as logs:
        heads = [await log.head(shard) for log in logs.values() for shard in range(stack.state.shards)]
    return sum(head.position for head in heads)


def bytes_of(stack: Stack) -> dict[str, int]:
    """On disk: of the topics without their indexes, and of the store with everything in it."""
    topics = (path for path in stack.folder.kafka.rglob("*.events-*/*.log"))
    return {"topic": sum(map(_size, topics)), "store": sum(map(_size, stack.folder.store.rglob("*")))}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:
        return 0


# From figures to costs.


def fit(given: Calibration) -> Parts:
    """Costs with which the model shows what was measured: of those tried, the ones that come nearest in both runs."""
    fewest, most = 0.0, given.apart.mean
    parts = _first(given)
    tried = list[tuple[float, Parts]]()
    for _ in range(HALVINGS):
        waits = (fewest + most) / 2
        parts, apart, together = _settled(given, msgspec.structs.replace(parts, waits=waits))
        off = [math.log(shown.mean_ms / low.mean) for shown, low in ((apart, given.apart), (together, given.together))]
        tried.append((sum(map(abs, off)), parts))
        if off[1] > 0 and off[0] <= SLACK:
            fewest = waits
        else:
            most = waits
    return min(tried, key=lambda one: one[0])[1]


def agreement(given: Calibration, parts: Parts) -> dict[str, dict[str, float]]:
    """How near the costs bring the model to the two runs they were taken from."""
    found = {}
    for name, low in (("apart", given.apart), ("together", given.together)):
        shown = _shown(parts, low)
        found[name] = {
            "measured mean": low.mean, "model mean": shown.mean_ms,
            "measured cpu": sum(low.cpu.values()), "model cpu": sum(shown.cpu.values()),
        }  # fmt: skip
    return found


def _first(given: Calibration) -> Parts:
    both = Counter(given.apart.homes) + Counter(given.together.homes)
    busy_ = {
        name: (given.apart.cpu.get(name, 0.0) + given.together.cpu.get(name, 0.0)) * 1_000 for name in _names(given)
    }
    n = both.total()
    return Parts(
        shares={name: count / n for name, count in both.items()},
        handling={name: busy_.get(name, 0.0) / count / 2 for name, count in both.items()},
        client=busy_.get(CLIENT, 0.0) / n, gateway=busy_.get(GATEWAY, 0.0) / n, insert=given.insert,
        journal=given.journal, spread=0.3, idle=given.idle, events=given.events, topic_bytes=given.topic_bytes,
        store_bytes=given.store_bytes,
    )  # fmt: skip


def _names(given: Calibration) -> set[str]:
    return {*given.apart.cpu, *given.together.cpu}


def _settled(given: Calibration, parts: Parts) -> tuple[Parts, Outcome, Outcome]:
    """With waiting as it is, everything else as measured; and both runs as they come out then."""
    for _ in range(ROUNDS):
        shown = _shown(parts, given.apart), _shown(parts, given.together)
        parts = _nearer(given, parts, *shown)
    return parts, _shown(parts, given.apart), _shown(parts, given.together)


def _shown(parts: Parts, low: Low) -> Outcome:
    return Model(parts, seed="fit").run(low.arrivals, low.homes)


def _nearer(given: Calibration, parts: Parts, apart: Outcome, together: Outcome) -> Parts:
    handling = _handlings(given, parts, apart)
    runs = (given.apart, apart), (given.together, together)
    following = {
        name: split(*((low.cpu.get(name, 0.0) * 1_000 - handling.get(name, 0.0) * low.homes.count(name),
                       shown.counts["consumed", name], shown.counts["fetches", name]) for low, shown in runs))
        for name in SERVICES
    }  # fmt: skip
    copying = split(
        *((_copied(low, shown, given.insert), shown.total("consumed"), shown.total("fetches")) for low, shown in runs)
    )
    kafka = split(
        *((low.cpu.get(KAFKA, 0.0) * 1_000, shown.total("sent"), shown.total("windows")) for low, shown in runs)
    )
    return msgspec.structs.replace(
        parts, handling=handling, following=following, copying=copying, kafka=kafka, hop=_hop(given, parts, apart),
        spread=_spread(given, parts, apart),
    )  # fmt: skip


def _handlings(given: Calibration, parts: Parts, shown: Outcome) -> dict[str, float]:
    """A step towards the latencies that were measured. Services with few commands have one handling together with all:
    a handful of moments says nothing about them, and the model would pay it with cores that were not used."""
    both = Counter(given.apart.homes) + Counter(given.together.homes)
    known = [name for name in parts.handling if given.apart.homes.count(name) >= ENOUGH]
    found = {name: _handling(given, parts, shown.latencies[name], [name]) for name in known}
    few = [name for name in parts.handling if name not in found]
    if few and known:
        pooled = sum(found[name] * both[name] for name in known) / sum(both[name] for name in known)
        found |= {name: min(pooled, _most(given, [name])) for name in few}
    elif few:
        found |= dict.fromkeys(few, _handling(given, parts, shown.all, few))
    return found


def _handling(given: Calibration, parts: Parts, shown: Sequence[float], names: Sequence[str]) -> float:
    """Never all the CPU that these services used."""
    measured = fmean(one for name in names for one in given.apart.latencies.get(name, ()))
    return min(_most(given, names), max(0.0, parts.handling[names[0]] + GAIN * (measured - fmean(shown) * 1_000)))


def _most(given: Calibration, names: Sequence[str]) -> float:
    lows = given.apart, given.together
    used = sum(low.cpu.get(name, 0.0) for low in lows for name in names) * 1_000
    n = sum(low.homes.count(name) for low in lows for name in names)
    return used / n * (1 - LEAST_FOLLOWING) if n else 0.0


def _copied(low: Low, shown: Outcome, insert: Cost) -> float:
    own = shown.total("commits") * insert.each + shown.total("inserts") * insert.batch
    return low.cpu.get(STORE, 0.0) * 1_000 - own


def _hop(given: Calibration, parts: Parts, shown: Outcome) -> float:
    if not given.apart.visible or not shown.visible:
        return parts.hop
    measured = median(given.apart.visible) - median(given.apart.latencies[VISIBLE_OF])
    is_ = (median(shown.visible) - median(shown.latencies[VISIBLE_OF])) * 1_000
    return max(0.0, parts.hop + GAIN * (measured - is_))


def _spread(given: Calibration, parts: Parts, shown: Outcome) -> float:
    measured = _relative([one for found in given.apart.latencies.values() for one in found])
    is_ = _relative(shown.all)
    return min(1.5, max(0.05, parts.spread * (measured / is_) ** GAIN)) if is_ and measured else parts.spread


def _relative(values: Sequence[float]) -> float:
    """Deviation as part of the mean, of all but the twentieth that took longest: a hiccup is no property of a part."""
    kept = sorted(values)[: max(1, len(values) * 19 // 20)]
    return pstdev(kept) / fmean(kept) if kept and fmean(kept) else 0.0


def split(one: tuple[float, int, int], other: tuple[float, int, int]) -> Cost:
    """(milliseconds, how many, in how many batches), twice: what each costs and what a batch; none below nothing."""
    (cpu, n, batches), (cpu2, n2, batches2) = one, other
    if not n + n2:
        return Cost()
    even = Cost(max(0.0, cpu + cpu2) / (n + n2))
    by = n * batches2 - n2 * batches
    if not by:
        return even
    each, batch = (cpu * batches2 - cpu2 * batches) / by, (n * cpu2 - n2 * cpu) / by
    if batch < 0:
        return even
    return Cost(each, batch) if each >= 0 else Cost(0.0, max(0.0, cpu + cpu2) / (batches + batches2))

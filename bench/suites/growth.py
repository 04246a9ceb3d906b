"""P8: what grows with the data: append against the size of the store and the length of a stream, rebuild against N.

Append against size: single commits of a continued log, one at a time with majority and journal, after the log has been
filled to each size in large batches; a bare `insert_one` of a like document into a collection that stays small is measured
in turn with it, so that the machine's moods can be told from growth (`beside` in the record). Append against length: whole
commands through the product's handler (first result, fold, decide, append) on streams that hold so many events, the first
command of a stream apart from the ones after it. Rebuild: the product's fold into the store of whole logs of N events, sixty
to a case, each in a topic of its own: a log that grows has more cases, not longer ones.

The exponent is the slope of log(median) over log(size); its 95 % interval comes from drawing the values again. "Met" looks
at the exponent, not at its interval, which stands beside it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import islice
from typing import Any

import msgspec
from pymongo import WriteConcern

from bench.drawing import draw_growth
from bench.figures import Figure, Spread
from bench.filling import fill
from bench.folds import ends_of
from bench.frame import Given, Lost, bench, check_count
from bench.logs import SERVICE, Log, commits
from bench.models import case_status, stored
from bench.slope import exponent
from deploy.cli.logs_access import open_state
from deploy.local.stack import Stack
from libs.events.clock import system_wall
from libs.events.contracts import review as r
from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.times import instant
from libs.events.decider import Command, Decider, Facts
from libs.events.envelope import Commit
from libs.events.fingerprint import Fingerprints
from libs.events.flow.bulk import in_bulk
from libs.events.flow.clients import reading
from libs.events.flow.folding import Folding
from libs.events.handling import Handler
from libs.events.ids import make_id
from libs.events.policies import PolicyIndex
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState
from services.review.domain.case.state import CaseState, evolve

SIZES, QUICK_SIZES = (10_000, 31_623, 100_000, 316_228, 1_000_000), (100, 300)
"""The last two only in the long form: filling takes minutes."""
LENGTHS, QUICK_LENGTHS = (1, 10, 100, 1_000), (1, 10)
TOPIC_OF = [f"{service}.events" for service in ("review", "applications", "assessment", "notifications")]
SHARES = (1, 2, 4, 8)
ROUNDS = 3
FILLING = 1_000
STORES = ("identity", "applications", "assessment", "notifications")
DURABLE = WriteConcern("majority", j=True)
Values = dict[int, list[float]]


@bench("growth", ids=("P8",), words="what grows with the data, and how", draw=draw_growth)
async def run(given: Given) -> list[Figure]:
    probes = given.size("appends per size", 200, 10)
    most = given.size("events of the largest log", 160_000, 3_000, 480_000)
    logs = {TOPIC_OF[n]: Log(most // 60 // share, seed=given.seed + n) for n, share in enumerate(SHARES)}
    async with given.stack(services=()) as stack, open_state(stack, SERVICE) as state:
        client = connect(stack.store_uri(SERVICE))
        try:
            # Rebuild and lengths first: the store is small then.
            for topic, log in logs.items():
                await fill(given, stack.kafka, log, topic)
            rebuilt = await _rebuilds(given, stack.kafka, logs, state)
            lengths, first = await _lengths(given, stack, QUICK_LENGTHS if given.quick else LENGTHS, probes)
            by_size, beside = await _sizes(given, client, _chosen(given), probes)
        finally:
            client.close()
    return [
        _figure(
            given,
            "P8a",
            f"append against commits in the store (a bare insert in turn: {exponent(beside, given.seed)[0]:.3f})",
            by_size,
            (None, 0.03),
            {"beside": _medians(beside)},
        ),
        _figure(
            given, "P8b", "command against events of its stream", lengths, (None, 0.05), {"first": _medians(first)}
        ),
        _figure(given, "P8c", "rebuild against events of the topic", rebuilt, (0.97, 1.03), {}),
    ]


def _figure(
    given: Given, id_: str, words: str, values: Values, reach: tuple[float | None, float], data: dict[str, Any]
) -> Figure:
    slope, lower, upper = exponent(values, given.seed)
    least, most = reach
    return Figure(
        id_, f"{words}: exponent, 95 % between {lower:.3f} and {upper:.3f}", Spread.of([slope]),
        reach=f"≤ {most}" if least is None else f"{least} – {most}",
        met=slope <= most and (least is None or slope >= least),
        data={"median s": _medians(values), "interval": [lower, upper], **data}, unit="",
    )  # fmt: skip


def _medians(values: Values) -> dict[int, float]:
    return {size: Spread.of(found).median for size, found in values.items()}


def _chosen(given: Given) -> tuple[int, ...]:
    return QUICK_SIZES if given.quick else SIZES if given.long else SIZES[:-2]


async def _sizes(given: Given, client: Any, sizes: tuple[int, ...], probes: int) -> tuple[Values, Values]:
    """Seconds of single appends by commits in the store, and of bare inserts into a small collection in turn with them."""
    store = MongoCommits(client, SERVICE)
    small = client[SERVICE].get_collection("bench_small", write_concern=DURABLE)
    log = Log(max(sizes) // 40 + 40, seed=given.seed + 1)
    logs = {shard: commits(log, shard) for shard in range(log.shards)}
    filled, values, beside = 0, Values(), Values()
    for size in sizes:
        began = time.perf_counter()
        while filled < size:
            shard = filled // FILLING % log.shards
            filled += await _put(store, list(islice(logs[shard], min(FILLING, size - filled))))
        given.say(f"{filled:,} commits in the store after {time.perf_counter() - began:.0f} s more")
        values[size], beside[size] = [], []
        for n in range(probes):
            commit = next(logs[n % log.shards])
            values[size].append(await _timed(_put(store, [commit])))
            beside[size].append(await _timed(small.insert_one({**msgspec.to_builtins(commit), "_id": f"{size}-{n}"})))
        filled += probes
    found = await client[f"{SERVICE}_log"]["commits"].estimated_document_count()
    if found < filled:
        raise Lost(f"{found} commits in the store instead of {filled}")
    return values, beside


async def _put(store: MongoCommits, made: list[Commit]) -> int:
    if (taken := await store.append(made)) is not None:
        raise Lost(f"a commit was taken: {taken}")
    return len(made)


async def _timed(work: Any) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


class Score(Command, frozen=True):
    """Says one ScoreNoted on a stream."""

    target: str
    application: str
    enterprise: str

    @property
    def stream(self) -> str:
        return self.target


def _decide(command: Score, state: CaseState, facts: Facts) -> list[Event]:
    return [
        r.ScoreNoted(
            command.received_at, command.application, command.enterprise, state.round, "pass", "60", "70", "x.1"
        )
    ]


async def _lengths(given: Given, stack: Stack, lengths: tuple[int, ...], probes: int) -> tuple[Values, Values]:
    """Seconds of a command by length of its stream: on streams in use, and of the first command on each stream.

    Streams of one length lie in a store of their own (that of a service which does nothing here).
    """
    warm, first = Values(), Values()
    for length, service in zip(lengths, STORES, strict=False):
        client = connect(stack.store_uri(service))
        try:
            warm[length], first[length] = await _commands(given, MongoCommits(client, service), length, probes)
        finally:
            client.close()
        given.say(f"{length} events in a stream: {Spread.of(warm[length]).median * 1e3:.2f} ms a command")
    return warm, first


async def _commands(given: Given, store: MongoCommits, length: int, probes: int) -> tuple[list[float], list[float]]:
    meta = await store.meta()
    log = Log(max(2, probes // 10), each=length, shards=meta.shards, seed=given.seed + length)
    streams = []
    for shard in range(log.shards):
        made = list(commits(log, shard))
        streams += sorted({commit.stream for commit in made})
        for start in range(0, len(made), FILLING):
            await _put(store, made[start : start + FILLING])
    decider = Decider("case", (Score,), CaseState, evolve, _decide)
    handler = Handler(SERVICE, [decider], store, meta, PolicyIndex(), system_wall, Fingerprints("0:local-only"))
    warm, first = list[float](), list[float]()
    try:
        for turn in range(1 + probes // len(streams)):
            for stream in streams:
                _, enterprise, application = stream.split("-")
                id_ = make_id("bench", stream, str(turn))
                command = Score(id_, instant(system_wall()), Actor("service", SERVICE), stream, application, enterprise)
                (warm if turn else first).append(await _timed(handler.handle(command)))
        turns = 1 + probes // len(streams)
        for stream in streams[:5]:
            check_count(length + turns, (await handler.fold(stream)).version, f"events of {stream}")
    finally:
        await handler.close()
    return warm, first


async def _rebuilds(given: Given, bootstrap: str, logs: Mapping[str, Log], state: MongoState) -> Values:
    """Seconds of a fold into the store, by events folded; each round through all sizes in turn."""
    found: Values = {log.events: [] for log in logs.values()}
    build = 200
    for n in range(1, ROUNDS + 1):
        for topic, log in logs.items():
            build += 1
            projection = msgspec.structs.replace(case_status, build=build)
            await state.ensure_indexes(projection.collection, projection.indexes)
            counted: list[int] = []
            fold = Folding(SERVICE, projection, SERVICE, topic, state, counted.append)
            async with reading(bootstrap) as kafka, in_bulk(bootstrap) as bulk:
                await fold.begin(range(log.shards))
                seconds = await _timed(fold.to(bulk, await ends_of(kafka, log, topic)))
            check_count(log.events, sum(counted), "events folded")
            found[log.events].append(seconds)
            if not (await stored(state, projection)).count:
                raise Lost("no documents")
            await state.forget(projection.collection, projection.consumer(SERVICE))
        given.say(f"rebuilds, round {n}: " + ", ".join(f"{size:,} in {took[-1]:.2f} s" for size, took in found.items()))
    return found

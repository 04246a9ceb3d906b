"""P2: `tidu rebuild` of a read model over a large log, on the whole machine. P3: against the obvious way and stream libraries.

P2 runs the product's `Rebuild` from begin to switch (fold, write, compare, offer, switch) on an ordinary read model. Broker
and store run on the same machine.

P3: all fold the same events to the same documents, which must be the oracle's. Ours is one process and includes the
write to the store in transactions with majority and journal. The obvious way writes one upsert per event with the same
write concern. The libraries get their documented way of keyed state (quixstreams and faust with their changelog topic,
bytewax without recovery, its default), the same fetch sizes, processes of their own, and no write to the store; they keep
the documents in memory beside. Their clock runs from their first event to their last, ours from the first fetch to the last
acknowledged write.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import msgspec

from bench import peer
from bench.figures import Figure, Spread, short
from bench.filling import fill
from bench.folds import check_sum, into_store
from bench.frame import Absent, Given, Lost, Measure, Pairs, bench, check_count, rounds
from bench.logs import SERVICE, Log
from bench.models import case_status, oracle, statuses, stored, wide_statuses
from bench.naive import naive
from bench.slope import fitted
from deploy.cli.logs_access import open_state, state_at
from deploy.cli.rebuild import TOPICS
from deploy.local.stack import Stack
from libs.events.flow import spreading
from libs.events.flow.live import Pointers
from libs.events.flow.parity import Sum
from libs.events.flow.rebuild import Progress, Rebuild
from libs.events.store.mongo_state import MongoState

MIDDLE, SLOW, SMALL, WIDE = "applications.events", "identity.events", "assessment.events", "notifications.events"
"""Topics that nobody else uses in this stack, for smaller logs; the last one's is just so large that it is spread."""
NATION = 60_000_000


@bench("rebuild", ids=("P2", "P3"), words="a read model rebuilt, against the obvious way and stream libraries")
async def run(given: Given) -> list[Figure]:
    async with given.stack(services=()) as stack, open_state(stack, SERVICE) as state:
        return [await _whole(given, stack, state), *await _peers(given, stack, state)]


async def _whole(given: Given, stack: Stack, state: MongoState) -> Figure:
    log = Log(given.size("events of P2", 600_000, 3_000, 2_000_000) // 60, seed=given.seed)
    curve = list[tuple[int, float]]()
    with ProcessPoolExecutor(1, get_context("spawn")) as beside:
        folded = asyncio.get_running_loop().run_in_executor(beside, oracle, log)
        await fill(given, stack.kafka, log)
        wanted = await folded

    def watch(at: Progress) -> None:
        if at.done and (not curve or at.done > curve[-1][0] + log.events // 50):
            curve.append((at.done, at.seconds))

    spread = spreading.Spread(partial(state_at, stack.store_uri(SERVICE), SERVICE), statuses)
    done = await Rebuild(SERVICE, case_status, state, TOPICS, log.shards, stack.kafka, watch, spread).run()
    check_count(log.events, done.events, "events rebuilt")
    check_sum(wanted, await stored(state, msgspec.structs.replace(case_status, build=2)))
    slope = _slope(curve)
    hours = done.seconds * (NATION / log.events) ** slope / 3600
    words = f"rebuild of {log.events:,} events; {NATION:,} would take {hours:.2f} h (exponent {slope:.3f})"
    return Figure(
        "P2", words, Spread.of([done.rate]), reach="≥ 60,000", met=done.rate >= 60_000, unit="events/s",
        data={"curve": curve, "exponent": slope, "hours for the nation": hours, "seconds": done.seconds},
    )  # fmt: skip


async def _rebuilt(stack: Stack, state: MongoState, log: Log, wanted: Sum) -> float:
    """Events/s of the product's whole rebuild, spread over processes as `tidu rebuild` does it."""
    spread = spreading.Spread(partial(state_at, stack.store_uri(SERVICE), SERVICE), wide_statuses)
    rebuild = Rebuild(SERVICE, wide_statuses(), state, {SERVICE: WIDE}, log.shards, stack.kafka, spread=spread)
    done = await rebuild.run(accept=True)  # before the first round nothing is live
    check_count(log.events, done.events, "events rebuilt")
    pointer = await Pointers(SERVICE, state).get(wide_statuses().name)
    if pointer is None:
        raise Lost("no build is live")
    check_sum(wanted, await stored(state, pointer.live.of(wide_statuses())))
    return done.rate


def _slope(curve: list[tuple[int, float]]) -> float:
    """From the run's own progress, its last three quarters, where starting no longer counts."""
    points = [(float(n), seconds) for n, seconds in curve if n >= curve[-1][0] / 4]
    return fitted(points) if len(points) >= 3 else 1.0


async def _peers(given: Given, stack: Stack, state: MongoState) -> list[Figure]:
    middle = Log(given.size("events of P3", 60_000, 3_000) // 60, seed=given.seed + 1)
    slow = Log(given.size("events of P3, faust-streaming", 4_800, 600) // 60, seed=given.seed + 3)
    small = Log(given.size("events of P3, the obvious way", 1_020, 300) // 60, seed=given.seed + 2)
    await fill(given, stack.kafka, middle, MIDDLE)
    await fill(given, stack.kafka, slow, SLOW)
    await fill(given, stack.kafka, small, SMALL)
    of_middle, of_slow, of_small = oracle(middle), oracle(slow), oracle(small)
    wide = Log(given.size("events of P3, spread", 120_000, 3_000) // 60, seed=given.seed + 4)
    await fill(given, stack.kafka, wide, WIDE)
    of_wide = oracle(wide)
    builds = iter(range(100, 1_000))
    runs: dict[str, Measure] = {
        "rebuild": lambda: _rebuilt(stack, state, wide, of_wide),
        "ours": lambda: into_store(stack.kafka, middle, state, next(builds), of_middle, MIDDLE),
        "the obvious way": partial(naive, stack.kafka, stack.store_uri(SERVICE), SMALL, small, of_small),
    }
    absent: dict[str, str] = {}
    for name in peer.SCRIPTS:
        one = partial(peer.fold, name, stack.kafka, MIDDLE, middle, of_middle)
        if name == "faust-streaming":  # at its rate the larger log would take minutes
            one = partial(peer.fold, name, stack.kafka, SLOW, slow, of_slow)
        try:
            await peer.install(name)
            given.say(f"{name}: {short(await one())}/s to try it")
            runs[name] = one
        except Absent as why:
            absent[name] = str(why)
            given.say(str(why))
    found = await rounds(given, runs)
    obvious = "FastStream, pydantic, one upsert per event"
    spread, alone = (Pairs(found[name], found["the obvious way"]) for name in ("rebuild", "ours"))
    rows = [
        Figure(
            "P3a", "rebuild, as `tidu rebuild` spreads it", spread.ours, obvious, spread.peer, spread.ratio, "≥ 100",
            spread.ratio.median >= 100, unit="events/s",
        ),
        Figure("P3a", "rebuild, one process", alone.ours, obvious, alone.peer, alone.ratio, unit="events/s"),
    ]  # fmt: skip
    best = max((name for name in peer.SCRIPTS if name in found), key=lambda name: found[name].median, default="")
    for name in peer.SCRIPTS:
        if name in absent:
            rows.append(Figure("P3b", "rebuild, one process", found["ours"], absent[name], unit="events/s"))
            continue
        pairs = Pairs(found["ours"], found[name])
        reach, met = ("≥ 3 × the best", pairs.ratio.median >= 3) if name == best else ("", None)
        rows.append(
            Figure(
                "P3b", "rebuild, one process", pairs.ours, name, pairs.peer, pairs.ratio, reach, met, unit="events/s"
            )
        )
    return rows

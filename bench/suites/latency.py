"""P4: one command over HTTP (token, load, seal, decide, append with journal) against the bare insert of what it appends.

The command is a change of 企业基本信息 at the service's own port, all five services running and taking up its events.
Everything arrives by chance (Poisson) at a rate that nobody finds busy; latency counts from the intended moment.
Peers on the same store or disk: `insert_one` of the same document by Motor and by PyMongo's asyncio driver, with majority
and journal and the same indexes; `eventsourcing` on SQLite, loading, changing and saving an aggregate with the same body;
and a FastAPI POST that validates the same body and keeps nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random

from bench.changing import changing, merged, timed
from bench.figures import Figure, Spread
from bench.frame import Absent, Given, Measure, Pairs, bench, rounds
from bench.load import Act, Latencies
from bench.peers.eventsourced import Eventsourced
from bench.peers.inserting import motor, pymongo
from bench.peers.process import bare_api
from deploy.demo.companies import NANJING

FIRMS, RATE = 8, 40.0
REACH = 2.5
OURS, INSERT = "one command over HTTP", "insert_one by Motor"
PYMONGO, EVENTSOURCED, BARE = "insert_one by PyMongo asyncio", "eventsourcing on SQLite", "bare FastAPI POST"


@bench("latency", ids=("P4",), words="one command against the bare insert of its document")
async def run(given: Given) -> list[Figure]:
    seconds = given.size("milliseconds a round", 1_000, 500) / 1_000
    found: dict[str, list[Latencies]] = {}
    absent: dict[str, str] = {}
    async with AsyncExitStack() as held:
        stack = await held.enter_async_context(given.stack())
        ours = await held.enter_async_context(changing(given, stack, given.size("firms", FIRMS, 2)))
        by_motor = await held.enter_async_context(motor(stack.admin_store_uri, ours.document))
        by_pymongo = await held.enter_async_context(pymongo(stack.admin_store_uri, ours.document))
        bare = await held.enter_async_context(bare_api())
        body = NANJING.profile()

        async def post(n: int) -> str:
            answer = await bare.ask("POST", "/profile", None, body | {"product": str(n)})
            return "" if answer.status == 201 else answer.code

        acts: dict[str, Act] = {OURS: ours.one, INSERT: by_motor.one, PYMONGO: by_pymongo.one, BARE: post}
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="tidu-bench-")))
        try:
            sqlite = Eventsourced(folder, ours.document["events"][0]["body"], FIRMS)
            held.callback(sqlite.close)
            acts[EVENTSOURCED] = sqlite.one
        except Absent as why:
            absent[EVENTSOURCED] = str(why)
        values = await rounds(given, _measures(acts, seconds, given.seed, found), " ms")
        given.say(f"{await ours.check()} commands stand in the log as acknowledged")
        for peer in (by_motor, by_pymongo):
            await peer.check()
        if EVENTSOURCED not in absent:
            sqlite.check()
    return [_figure(id_, peer, values, found, absent) for id_, peer in _ROWS]


_ROWS = (("P4", INSERT), ("P4b", PYMONGO), ("P4c", EVENTSOURCED), ("P4d", BARE))


def _measures(
    acts: Mapping[str, Act], seconds: float, seed: int, found: dict[str, list[Latencies]]
) -> dict[str, Measure]:
    def measure(name: str, act: Act) -> Measure:
        into, random = found.setdefault(name, []), Random(f"{seed}/{name}")
        # A peer has one moment where ours has several: half the time is enough for its median.
        lasts = seconds if name == OURS else seconds / 2
        return lambda: timed(act, RATE, lasts, random, into)

    return {name: measure(name, act) for name, act in acts.items()}


def _figure(
    id_: str, peer: str, values: dict[str, Spread], found: dict[str, list[Latencies]], absent: dict[str, str]
) -> Figure:
    reach = f"≤ {REACH}" if id_ == "P4" else ""
    if peer in absent:
        return Figure(id_, OURS, values[OURS], f"{peer}: {absent[peer]}", reach=reach, unit="ms p50")
    pairs = Pairs(values[OURS], values[peer])
    met = pairs.ratio.median <= REACH if reach else None
    data = {"rate": RATE, "ours": merged(found[OURS]).record(), "peer": merged(found[peer]).record()}
    return Figure(id_, OURS, pairs.ours, peer, pairs.peer, pairs.ratio, reach, met, data, "ms p50")

"""P5: commands a second at 32 connections, each as soon as the one before is answered, against bare inserts by as many.

Over HTTP: changes of 企业基本信息 by 32 enterprises at the service's own port, all five services running. The append alone:
the kernel's handler in this process with its group commit. Each beside `insert_one` of its own document by Motor, 32 at a
time, with majority, journal and the same indexes; and a FastAPI POST that keeps nothing, and `eventsourcing` on SQLite
(one after another: its recorder takes one write at a time).
"""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from bench.appending import appending
from bench.changing import changing, saturated
from bench.figures import Figure, Spread
from bench.frame import Absent, Given, Measure, Pairs, bench, rounds
from bench.load import Act, Latencies
from bench.peers.eventsourced import Eventsourced
from bench.peers.inserting import motor
from bench.peers.process import bare_api
from deploy.demo.companies import NANJING

CONNECTIONS = 32
HTTP, APPEND = "commands over HTTP", "append alone, by group commit"
INSERT, INSERT_SMALL = "insert_one of the command's document", "insert_one of the appended document"
BARE, EVENTSOURCED = "bare FastAPI POST", "eventsourcing on SQLite"
_ROWS = (
    ("P5", HTTP, INSERT, 0.5), ("P5b", APPEND, INSERT_SMALL, 1.0), ("P5c", HTTP, BARE, None), ("P5d", HTTP, EVENTSOURCED, None),
)  # fmt: skip


@bench("commands", ids=("P5",), words="commands a second at 32 connections against bare inserts")
async def run(given: Given) -> list[Figure]:
    seconds = given.size("milliseconds a round", 2_000, 500) / 1_000
    connections = given.size("connections", CONNECTIONS, 4)
    absent: dict[str, str] = {}
    async with AsyncExitStack() as held:
        stack = await held.enter_async_context(given.stack())
        ours = await held.enter_async_context(changing(given, stack, connections))
        alone = await held.enter_async_context(appending(stack.admin_store_uri))
        insert = await held.enter_async_context(motor(stack.admin_store_uri, ours.document, "motor"))
        small = await held.enter_async_context(motor(stack.admin_store_uri, alone.document, "motor_small"))
        bare = await held.enter_async_context(bare_api())
        body = NANJING.profile()

        async def post(n: int) -> str:
            answer = await bare.ask("POST", "/profile", None, body | {"product": str(n)})
            return "" if answer.status == 201 else answer.code

        acts: dict[str, tuple[Act, int]] = {
            HTTP: (ours.one, connections), INSERT: (insert.one, connections), APPEND: (alone.one, connections),
            INSERT_SMALL: (small.one, connections), BARE: (post, connections),
        }  # fmt: skip
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="tidu-bench-")))
        try:
            sqlite = Eventsourced(folder, ours.document["events"][0]["body"], connections)
            held.callback(sqlite.close)
            acts[EVENTSOURCED] = (sqlite.one, 1)
        except Absent as why:
            absent[EVENTSOURCED] = str(why)
        found: dict[str, list[Latencies]] = {}
        values = await rounds(given, _measures(acts, seconds, found))
        given.say(f"{await ours.check()} commands stand in the log as acknowledged")
        for one in (insert, small, alone):
            await one.check()
        if EVENTSOURCED not in absent:
            sqlite.check()
    return [_figure(id_, one, peer, least, values, absent) for id_, one, peer, least in _ROWS]


def _measures(
    acts: dict[str, tuple[Act, int]], seconds: float, found: dict[str, list[Latencies]]
) -> dict[str, Measure]:
    def measure(name: str, act: Act, workers: int) -> Measure:
        into = found.setdefault(name, [])
        return lambda: saturated(act, workers, seconds, into)

    return {name: measure(name, act, workers) for name, (act, workers) in acts.items()}


def _figure(
    id_: str, ours: str, peer: str, least: float | None, values: dict[str, Spread], absent: dict[str, str]
) -> Figure:
    reach = "" if least is None else f"≥ {least}"
    if peer in absent:
        return Figure(id_, ours, values[ours], f"{peer}: {absent[peer]}", reach=reach, unit="/s")
    pairs = Pairs(values[ours], values[peer])
    met = None if least is None else pairs.ratio.median >= least
    return Figure(id_, ours, pairs.ours, peer, pairs.peer, pairs.ratio, reach, met, {}, "/s")

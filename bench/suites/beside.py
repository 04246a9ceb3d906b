"""P12: submit to visible at review while a read model is rebuilt, against the same alone, at three commands a second.

The rebuild is the product's engine in a process of its own on the same broker, store and cores, over and over for as long
as the round lasts, with no lower priority than it has when `tidu rebuild` is called.
"""

from __future__ import annotations

from random import Random

from bench.changing import admin_of, merged
from bench.cycling import Cycling
from bench.figures import Figure
from bench.filling import fill
from bench.frame import Given, alternate, bench
from bench.load import Latencies
from bench.logs import Log
from bench.people import renewing
from bench.proof import prove, until_level
from bench.rebuilding import TOPIC, make_topic, rebuilding
from bench.suites.visible import visible
from bench.town import town_of

RATE, QUICK_RATE = 3.0, 2.0
"""As many as this machine holds alone with room to spare: what is looked at is what the rebuild adds."""
REACH = 1.5


@bench("beside", ids=("P12",), words="live latency while a rebuild runs")
async def run(given: Given) -> list[Figure]:
    seconds = given.size("milliseconds a round", 6_000, 3_000) / 1_000
    firms, windows = given.size("firms", 10, 4), given.size("windows", 3, 2)
    log = Log(given.size("events rebuilt", 120_000, 3_000) // 60, seed=given.seed)
    rate = QUICK_RATE if given.quick else RATE
    ours, alone, rates = list[Latencies](), list[Latencies](), list[float]()
    random, other = Random(f"{given.seed}/beside"), Random(f"{given.seed}/alone")
    async with given.stack() as stack:
        await make_topic(stack.kafka, log.shards)
        await fill(given, stack.kafka, log, TOPIC)
        town = town_of(stack.gateway, admin_of(stack), given.seed, given.say, given.first)
        await town.prepare(firms, windows)
        await until_level(stack)
        cycling = Cycling(town)

        async def beside() -> float:
            async with rebuilding(stack, log) as running:
                done = await visible(cycling, rate, seconds, random)
            rates.extend(running.rates)
            await cycling.settled()
            ours.append(done.named["visible"])
            return ours[-1].ms(99)

        async def by_itself() -> float:
            done = await visible(cycling, rate, seconds, other)
            await cycling.settled()
            alone.append(done.named["visible"])
            return alone[-1].ms(99)

        async with renewing(town.people):
            pairs = await alternate(given, beside, by_itself, " ms p99")
        given.say(f"{await prove(stack, town.people, cycling.submissions)} commands stand in the logs as acknowledged")
        await town.client.close()
    found, bare = merged(ours), merged(alone)
    return [
        Figure(
            "P12", f"submit to visible at {rate:.0f} commands/s while a rebuild runs, p50 {found.ms(50):.1f} ms", pairs.ours,
            "the same alone", pairs.peer, pairs.ratio, f"≤ {REACH}", pairs.ratio.median <= REACH,
            {"beside": found.record(), "alone": bare.record(), "events/s of whole rebuilds": rates}, "ms p99",
        )
    ]  # fmt: skip

"""P6: from an enterprise's 提交 to the case that review answers with, through the gateway, at 10, 50 and 100 commands a second.

Half of the commands are submissions, half withdrawals of what was seen at review (a withdrawal waits for one to be seen);
who submitted asks review for the case at once, reading after the receipt's position, so that the answer comes when it is
there. A rate at which the median is beyond `HELD`, or a command is told to come again (503), is not held: its figure is of that one round, in
which who was not answered waited longest, and says how many those were. Arrivals are by chance (Poisson),
latency counts from the intended moment of 提交. All five services take part. Peer: raw Kafka from send to read, at the
same rate on the same broker.
"""

from __future__ import annotations

import math
from random import Random

from bench.changing import admin_of, merged, timed
from bench.cycling import Cycling
from bench.figures import Figure, Spread
from bench.frame import Given, alternate, bench
from bench.load import Latencies, Loop, poisson
from bench.peers.kafka import RawKafka, raw_kafka
from bench.people import renewing
from bench.proof import prove, until_level
from bench.town import town_of

RATES, SLOW = (10, 50, 100), (3,)
REACHED = 50
FIRMS, WINDOWS = 30, 4
REACH_P50, REACH_P99 = 15.0, 60.0
NAMES = ("acknowledged", "visible")
HELD = 1_000.0
"""Milliseconds."""
PATIENCE = 20.0
COMES_AGAIN = 60.0
"""Seconds in which who has a receipt and is told to come again does so."""
TOLD_LATER = "platform.unavailable"
"""503 with Retry-After: what came is not lost, or was not taken."""
REACH = f"p50 ≤ {REACH_P50:g}, p99 ≤ {REACH_P99:g} ms"


class Failed(Exception):
    """Some command was refused or not answered: at this rate there is no figure."""


class NotHeld(Exception):
    """More came than was carried out."""

    def __init__(self, loop: Loop) -> None:
        self.loop = loop


@bench("visible", ids=("P6",), words="submit to visible at review")
async def run(given: Given) -> list[Figure]:
    seconds = given.size("milliseconds a round", 5_000, 3_000) / 1_000
    firms, windows = given.size("firms", FIRMS, 6), given.size("windows", WINDOWS, 2)
    async with given.stack() as stack, raw_kafka(stack.kafka) as raw:
        town = town_of(stack.gateway, admin_of(stack), given.seed, given.say, given.first)
        await town.prepare(firms, windows)
        await until_level(stack)
        cycling = Cycling(town)
        async with renewing(town.people):
            rates = SLOW if given.quick else RATES
            figures = [await _at(given, cycling, raw, rate, seconds) for rate in rates]
            await cycling.settled()
        given.say(f"{await prove(stack, town.people, cycling.submissions)} commands stand in the logs as acknowledged")
        raw.check()
        await town.client.close()
    return sorted(figures, key=lambda figure: figure.id != "P6")


async def _at(given: Given, cycling: Cycling, raw: RawKafka, rate: int, seconds: float) -> Figure:
    rounds: dict[str, list[Latencies]] = {name: [] for name in (*NAMES, "late")}
    peers: list[Latencies] = []
    random, other = Random(f"{given.seed}/{rate}"), Random(f"{given.seed}/{rate}/peer")

    # Fewer than there are filings: what is asked for beyond them would be the bench's own refusal.
    seconds = min(seconds, 1.25 * len(cycling.town.filings) / rate)

    async def ours() -> float:
        done = await visible(cycling, rate, seconds, random)
        for name in NAMES:
            rounds[name].append(done.named[name])
        rounds["late"].append(done.late)
        return done.named["visible"].ms(50)

    id_ = "P6" if rate == REACHED else f"P6 at {rate}/s"
    try:
        pairs = await alternate(given, ours, lambda: timed(raw.one, rate, seconds / 2, other, peers), " ms")
    except NotHeld as not_held:
        await cycling.settled()
        return _not_held(id_, rate, seconds, not_held.loop, await timed(raw.one, rate, seconds / 2, other, peers))
    except Failed as failed:
        await cycling.settled()
        return Figure(id_, f"submit to visible at {rate} commands/s", None, why=str(failed))
    whole = {name: merged(found) for name, found in rounds.items()}
    given.say(f"at {rate}/s: {whole['visible']}; the receipt {whole['acknowledged']}")
    p50, p99 = whole["visible"].ms(50), whole["visible"].ms(99)
    data = {"rate": rate, "peer": merged(peers).record(), **{name: one.record() for name, one in whole.items()}}
    reached = rate == REACHED
    return Figure(
        id_, f"submit to visible at {rate} commands/s, p99 {p99:.1f} ms", pairs.ours,
        "raw Kafka", pairs.peer, pairs.ratio, REACH if reached else "",
        p50 <= REACH_P50 and p99 <= REACH_P99 if reached else None, data, "ms p50",
    )  # fmt: skip


def _not_held(id_: str, rate: int, seconds: float, loop: Loop, peer: float) -> Figure:
    """Of one round."""
    seen, later = loop.named["visible"], loop.all.errors.total()
    p50, asked = seen.ms_of_all(50), f"of {len(loop.arrivals)} commands in {seconds:.1f} s {later} told to come again"
    if math.isinf(p50):
        return Figure(id_, f"submit to visible at {rate} commands/s", None, why=f"{asked}, more than half not seen")
    data = {"rate": rate, "held": False, **{name: loop.named[name].record() for name in NAMES}}
    return Figure(
        id_, f"submit to visible at {rate} commands/s, which is not held: {asked}, longest wait {seen.ms(100):,.0f} ms",
        Spread.of([p50]), "raw Kafka", Spread.of([peer]), Spread.of([p50 / peer]),
        REACH if rate == REACHED else "", False if rate == REACHED else None, data, "ms p50",
    )  # fmt: skip


async def visible(cycling: Cycling, rate: float, seconds: float, random: Random) -> Loop:
    """One run at `rate` commands a second. Raises Failed, NotHeld."""
    loop = Loop(poisson(rate, seconds, random))

    async def act(n: int) -> str:
        return await (cycling.withdraw(PATIENCE) if n % 2 else cycling.submit(n, loop, patience=COMES_AGAIN))

    await loop.run(act)
    if loop.all.errors.keys() - {TOLD_LATER}:
        raise Failed(f"{loop.all.errors.total()} errors at {rate}/s: {dict(loop.all.errors)}")
    if loop.all.errors or loop.named["visible"].ms(50) > HELD:
        raise NotHeld(loop)
    return loop

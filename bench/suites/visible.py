"""P6: from an enterprise's 提交 to the case that review answers with, through the gateway, at 5, 10, 50 and 100 commands a second.

Half of the commands are submissions, half withdrawals of what was seen at review (a withdrawal waits for one to be seen);
who submitted asks review for the case at once, reading after the receipt's position, so that the answer comes when it is
there. A rate at which the median of the first round is beyond `HELD` is not held, and not tried again. Arrivals are by chance (Poisson),
latency counts from the intended moment of 提交. All five services take part. Peer: raw Kafka from send to read, at the
same rate on the same broker.
"""

from __future__ import annotations

from random import Random

from bench.changing import admin_of, merged, timed
from bench.cycling import Cycling
from bench.figures import Figure
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


class Failed(Exception):
    """Some command was refused or not answered, or more came than was carried out: at this rate there is no figure."""


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

    # No more than there are filings: what is asked for beyond them would be the bench's own refusal.
    seconds = min(seconds, 2 * len(cycling.town.filings) / rate * 0.9)

    async def ours() -> float:
        done = await visible(cycling, rate, seconds, random)
        for name in NAMES:
            rounds[name].append(done.named[name])
        rounds["late"].append(done.late)
        found = done.named["visible"]
        if len(rounds["visible"]) == 1 and found.ms(50) > HELD:
            raise Failed(f"not held: {found} in the first {seconds:g} s at {rate}/s")
        return found.ms(50)

    id_ = "P6" if rate == REACHED else f"P6 at {rate}/s"
    try:
        pairs = await alternate(given, ours, lambda: timed(raw.one, rate, seconds / 2, other, peers), " ms")
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
        "raw Kafka", pairs.peer, pairs.ratio, f"p50 ≤ {REACH_P50:g}, p99 ≤ {REACH_P99:g} ms" if reached else "",
        p50 <= REACH_P50 and p99 <= REACH_P99 if reached else None, data, "ms p50",
    )  # fmt: skip


async def visible(cycling: Cycling, rate: float, seconds: float, random: Random) -> Loop:
    """One run at `rate` commands a second. Raises Failed."""
    loop = Loop(poisson(rate, seconds, random))

    async def act(n: int) -> str:
        return await (cycling.withdraw(PATIENCE) if n % 2 else cycling.submit(n, loop))

    await loop.run(act)
    if loop.all.errors:
        raise Failed(f"{loop.all.errors.total()} errors at {rate}/s: {dict(loop.all.errors)}")
    return loop

"""P7: the whole chain by robots: 提交, county, city, province, and after the notice the announcement, to the title.

Nine commands of the case and two of a list, each sent as soon as the one before is seen to have worked; cases begin by
chance (Poisson). The five working days of the notice are not in it: business time is moved over them. The system's time of
a case is the sum of both parts, from the intended moment of 提交 and of 名单冻结.
"""

from __future__ import annotations

from random import Random

from bench.chain import LEVELS, Chain
from bench.changing import admin_of
from bench.figures import Figure, Spread
from bench.frame import Given, Lost, bench
from bench.load import Latencies, Loop, poisson
from bench.people import renewing
from bench.proof import prove, until_level
from bench.town import town_of

CASES, RATE, QUICK_RATE = 12, 0.5, 0.4
REACH_P50, REACH_P99 = 100.0, 500.0


@bench("chain", ids=("P7",), words="county, city, province, to the title")
async def run(given: Given) -> list[Figure]:
    cases = given.size("cases", CASES, 2)
    random = Random(given.seed)
    rate = QUICK_RATE if given.quick else RATE
    async with given.stack() as stack:
        town = town_of(stack.gateway, admin_of(stack), given.seed, given.say, given.first)
        await town.prepare(cases, windows=0)
        chain = Chain(town)
        await chain.prepare()
        await until_level(stack)
        given.say(f"{cases} firms with a title of the tier below, in the pool, their drafts finished")
        async with renewing(town.people):
            first, second = Loop(_arrivals(cases, rate, random)), Loop(_arrivals(cases, rate, random))
            await first.run(lambda n: chain.approve(n, first))
            _good(first)
            given.say(f"submitted to approved by the province: {first.all}")
            await chain.notice()
            await second.run(lambda n: chain.announce(n, second))
            _good(second)
            given.say(f"名单冻结 to the title: {second.all}")
        given.say(f"{await prove(stack, town.people, chain.submissions)} commands stand in the logs as acknowledged")
        await town.client.close()
    whole = Latencies()
    for (begun, one), (_, other) in zip(sorted(first.all.moments), sorted(second.all.moments), strict=True):
        whole.add(begun, one + other)
    p50, p99 = whole.ms(50), whole.ms(99)
    parts = {name: first.named[name].record() for name in ("visible", *LEVELS)} | {
        "title": second.named["title"].record()
    }
    return [
        Figure(
            "P7", f"提交 to the title without the days of notice, p99 {p99:.0f} ms",
            Spread.of(seconds * 1_000 for _, seconds in whole.moments),
            reach=f"p50 ≤ {REACH_P50:g}, p99 ≤ {REACH_P99:g} ms", met=p50 <= REACH_P50 and p99 <= REACH_P99,
            data={"whole": whole.record(), "parts": parts}, unit="ms",
        )
    ]  # fmt: skip


def _arrivals(cases: int, rate: float, random: Random) -> list[float]:
    return poisson(rate, 10 * cases / rate, random)[:cases]


def _good(loop: Loop) -> None:
    if loop.all.errors:
        raise Lost(f"cases were stopped on their way: {dict(loop.all.errors)}")

"""One ordinary command: an enterprise changes its 企业基本信息 (authorized, loaded, sealed, decided, appended with journal)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import msgspec

from bench.client import Client
from bench.frame import Given, Lost
from bench.load import Act, Latencies, Loop, closed_loop, poisson
from bench.proof import prove
from bench.town import Town, town_of
from deploy.cli.logs_access import open_logs
from deploy.local.stack import Stack


class Changing:
    """`one(n)` is one command by the n-th firm in turn, past the gateway; `document` a commit that it made."""

    def __init__(self, stack: Stack, town: Town) -> None:
        self._stack, self._town, self._n = stack, town, 0
        self.document: Mapping[str, Any] = {}

    async def one(self, _: int = 0) -> str:
        self._n += 1
        known, person = self._town.firms[self._n % len(self._town.firms)]
        body = known.profile() | {"product": f"微型精密齿轮 {self._n}"}
        answer = await person.command("PUT", f"/applications/enterprises/{person.enterprise}/profile", body)
        if answer.status != 201:
            return answer.code
        return "" if "position" in answer.headers else "unchanged"

    async def first(self) -> None:
        """Once by everybody, so that nothing is the first of its kind later; and what the log keeps of it."""
        for _ in self._town.firms:
            if error := await self.one():
                raise Lost(f"a command was refused: {error}")
        last = self._town.firms[self._n % len(self._town.firms)][1].receipts[-1]
        async with open_logs(self._stack) as logs:
            commit = (await logs["applications"].find([last.command]))[last.command]
        self.document = msgspec.to_builtins(commit)

    async def check(self) -> int:
        """Raises Lost."""
        return await prove(self._stack, self._town.people)


@asynccontextmanager
async def changing(given: Given, stack: Stack, firms: int) -> AsyncIterator[Changing]:
    town = town_of(stack.gateway, admin_of(stack), given.seed, given.say, given.first)
    await town.prepare(firms, windows=0)
    direct = Client(stack.service_url("applications"))
    for _, person in town.firms:
        person.client = direct
    try:
        made = Changing(stack, town)
        await made.first()
        yield made
    finally:
        await direct.close()
        await town.client.close()


def admin_of(stack: Stack) -> tuple[str, str]:
    return stack.secrets.system_admin_login, stack.secrets.system_admin_password


async def timed(act: Act, rate: float, seconds: float, random: Random, into: list[Latencies]) -> float:
    """The median in milliseconds at `rate` a second, arriving by chance. Raises Lost when anything failed."""
    done = await Loop(poisson(rate, seconds, random)).run(act)
    _all_good(done.all)
    into.append(done.all)
    await asyncio.sleep(0.2)  # what it set off elsewhere is not the next one's load
    return done.all.ms(50)


async def saturated(act: Act, workers: int, seconds: float, into: list[Latencies]) -> float:
    """How many a second at so many connections."""
    done = await closed_loop(workers, seconds, act)
    _all_good(done.all)
    into.append(done.all)
    return done.all.n / done.seconds


def _all_good(found: Latencies) -> None:
    if found.errors:
        raise Lost(f"{found.errors.total()} errors: {dict(found.errors)}")


def merged(several: list[Latencies]) -> Latencies:
    """All rounds together, for the far percentiles."""
    whole = Latencies()
    for one in several:
        whole.merge(one)
    return whole

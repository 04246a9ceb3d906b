"""`python -m tests.authz.revocation`: how long after a revocation all five services refuse the token, while commands run.

A stack of its own is started unless `--data` names one that runs. Each try signs an official in, sees the token accepted by
all five services, then takes the right away (signs out, suspends the appointment, or revokes all tokens, in turn) and asks
every service again and again until it refuses. Time is taken from the moment the revoking request is answered; `asked` from
the moment it is sent. Misses, tries in which a service still accepted after `GIVE_UP` seconds, count as that long.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.client import Refusal, User
from deploy.demo.companies import PASSWORD
from deploy.demo.run import world_of
from deploy.demo.world import World
from deploy.local.stack import Stack, load_running, running_stack

DOORS = {
    "identity": "/identity/me", "applications": "/applications/filings?size=1", "assessment": "/assessment/scores?size=1",
    "review": "/review/queue?size=1", "notifications": "/notifications/inbox/unread",
}  # fmt: skip
"""What only somebody signed in may ask, by service."""
WAYS = ("sign-out", "suspension", "revocation")
LOOK_SECONDS = 0.005
GIVE_UP = 10.0
PUBLISHER = ("320000", "province", "320000", "publisher")
VICTIM = ("320000", "county", "320102", "reviewer")


@asynccontextmanager
async def stack_at(data: str) -> AsyncIterator[Stack]:
    if data:
        yield load_running(Path(data))
        return
    with TemporaryDirectory(prefix="tidu-revocation-") as folder:
        async with running_stack(Path(folder)) as stack:
            yield stack


class Load:
    """Commands at a steady rate: titles imported, each for another enterprise."""

    def __init__(self, publisher: User, rate: float) -> None:
        self._publisher, self._rate = publisher, rate
        self.sent, self.done, self.failed = 0, 0, 0
        self._running: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        began = time.monotonic()
        while True:
            self.sent += 1
            task = asyncio.create_task(self._one())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            await asyncio.sleep(max(0.0, began + self.sent / self._rate - time.monotonic()))

    async def settled(self) -> None:
        if self._running:
            await asyncio.wait(set(self._running))

    async def _one(self) -> None:
        body = {
            "enterprise_name": "示例负载有限公司", "authority": "320000", "region": "320102", "origin": "旧平台",
            "document": "示例〔2024〕1号", "valid_from": "2024-01-01", "valid_to": "2026-12-31",
        }  # fmt: skip
        try:
            await self._publisher.post(f"/review/titles/{uuid4().hex}/srdi/import", body)
            self.done += 1
        except (Refusal, httpx.HTTPError):
            self.failed += 1


class Victim:
    """An official whose right is taken away again and again."""

    def __init__(self, world: World, http: httpx.AsyncClient, login: str) -> None:
        self._world, self._http, self._login = world, http, login

    async def appointed(self) -> None:
        body = {"login": self._login, "password": PASSWORD, "name": "示例审核", "document": "示例任〔2024〕1号",
                "office": dict(zip(("authority", "level", "region", "role"), VICTIM, strict=True))}  # fmt: skip
        made = await self._world.admin.post("/identity/officials", body)
        self._path = f"/identity/officials/320000/{made['official']}"
        self._seat = f"{self._path}/appointments/{made['appointment']}"

    async def signed_in(self) -> str:
        while True:
            answer = await self._http.post("/identity/session", json={"login": self._login, "password": PASSWORD})
            if answer.status_code == 200:
                return str(answer.json()["access_token"])
            await asyncio.sleep(0.05)

    async def taken_away(self, way: str, token: str) -> None:
        if way == "sign-out":
            headers = {"Authorization": f"Bearer {token}"}
            answer = await self._http.delete("/identity/session", headers=headers)
            assert answer.status_code == 204, answer.text
        elif way == "suspension":
            await self._world.admin.post(f"{self._seat}/suspension", {"reason": "测量"})
        else:
            await self._world.admin.post(f"{self._path}/revocation", {"reason": "测量"})

    async def given_back(self, way: str) -> None:
        if way == "suspension":
            await self._world.admin.post(f"{self._seat}/resumption", {"reason": "测量"})


async def one_try(victim: Victim, http: httpx.AsyncClient, way: str) -> tuple[dict[str, float], float]:
    """Seconds until each service refused, from the answer on; and how long the answer took."""
    http.cookies.clear()
    token = await victim.signed_in()
    headers = {"Authorization": f"Bearer {token}"}
    for door in DOORS.values():
        while (await http.get(door, headers=headers)).status_code != 200:
            await asyncio.sleep(LOOK_SECONDS)
    http.cookies.clear()
    sent = time.monotonic()
    await victim.taken_away(way, token)
    began = time.monotonic()
    waits = await asyncio.gather(*(_until_refused(http, door, headers, began) for door in DOORS.values()))
    await victim.given_back(way)
    return dict(zip(DOORS, waits, strict=True)), began - sent


async def _until_refused(http: httpx.AsyncClient, door: str, headers: dict[str, str], began: float) -> float:
    while time.monotonic() - began < GIVE_UP:
        asked = time.monotonic()
        if (await http.get(door, headers=headers)).status_code == 401:
            return asked - began
        await asyncio.sleep(LOOK_SECONDS)
    return GIVE_UP


def share(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


async def main(data: str, tries: int, rate: float, longest: float) -> int:
    async with stack_at(data) as stack:
        world = world_of(stack)
        await world.admin.sign_in()
        publisher = f"load-{uuid4().hex[:8]}"
        await world._appoint(publisher, *PUBLISHER)
        load = Load(world.officers[publisher], rate)
        async with httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30) as http:
            victim = Victim(world, http, f"rv{uuid4().hex[:10]}")
            await victim.appointed()
            running, began = asyncio.create_task(load.run()), time.monotonic()
            found = []
            for n in range(tries):
                if time.monotonic() - began > longest:
                    break
                found.append((WAYS[n % 3], *await one_try(victim, http, WAYS[n % 3])))
            running.cancel()
            seconds = time.monotonic() - began
            await load.settled()
        await world.close()
    return report(found, load, seconds)


def report(found: list[tuple[str, dict[str, float], float]], load: Load, seconds: float) -> int:
    slowest = [max(waits.values()) for _, waits, _ in found]
    for service in DOORS:
        waits = [one[service] for _, one, _ in found]
        print(
            f"{service:14} p50 {share(waits, 0.5) * 1000:6.0f} ms  p99 {share(waits, 0.99) * 1000:6.0f} ms  max {max(waits) * 1000:6.0f} ms"
        )
    for way in WAYS:
        waits = [max(one.values()) for name, one, _ in found if name == way]
        print(f"{way:14} p50 {share(waits, 0.5) * 1000:6.0f} ms  p99 {share(waits, 0.99) * 1000:6.0f} ms")
    asked = [max(one.values()) + took for _, one, took in found]
    print(f"load: {load.done / seconds:.0f} commands/s done, {load.failed} failed, of {load.sent / seconds:.0f}/s sent")
    print(f"asked: p99 {share(asked, 0.99) * 1000:.0f} ms from the revoking request's sending on")
    worst = share(slowest, 0.99)
    print(
        f"revocation: seen by all five p50 {share(slowest, 0.5) * 1000:.0f} ms, p99 {worst * 1000:.0f} ms, {len(found)} tries"
    )
    return 0 if worst <= 1.0 else 1


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.authz.revocation")
    parser.add_argument("--data", default="", help="a stack that runs; none: one of its own")
    parser.add_argument("--tries", type=int, default=200)
    parser.add_argument("--rate", type=float, default=50.0, help="commands a second meanwhile")
    parser.add_argument("--longest", type=float, default=900.0, help="seconds; then what was tried by then counts")
    return parser.parse_args()


if __name__ == "__main__":
    given = _arguments()
    sys.exit(asyncio.run(main(given.data, given.tries, given.rate, given.longest)))

"""Users of the load: each signs in for real, renews the token as a browser does, and gives every command a key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from bench.client import Answer, Client, Headers
from deploy.demo.companies import PASSWORD, Numbered

RENEW_AFTER_SECONDS = 180.0
"""A token lasts five minutes; a browser renews it before."""
AGAIN = (502, 503, 504)
TRIES = 40


class Refused(Exception):
    """An answer of 4xx or 5xx to something the load needs before it can begin."""

    def __init__(self, what: str, answer: Answer) -> None:
        super().__init__(f"{what}: {answer.status} {answer.body.decode(errors='replace')[:400]}")
        self.code = answer.code


@dataclass(frozen=True)
class Firm(Numbered):
    """An enterprise of the measured load."""

    logins = "load"
    phones = "137000"


def firm(serial: int) -> Firm:
    return Firm(serial, f"南京负载示例第{serial}精密科技有限公司", "320000", "320102")


@dataclass(frozen=True)
class Receipt:
    """What a command's answer says of where its events stand."""

    command: str
    service: str
    shard: int
    position: int
    content: dict[str, Any]

    @property
    def place(self) -> str:
        return f"{self.service}/{self.shard}/{self.position}"


@dataclass
class Person:
    """An account or official; `receipts` of everything acknowledged to them."""

    client: Client
    random: Random
    login: str = ""
    password: str = PASSWORD
    token: str = ""
    enterprise: str = ""
    receipts: list[Receipt] = field(default_factory=list)
    _cookie: str = ""
    _signed_at: float = 0.0
    _after: dict[tuple[str, int], int] = field(default_factory=dict)

    def key(self) -> str:
        """From the seed: the same run sends the same keys."""
        return f"{self.random.getrandbits(128):032x}"

    async def sign_in(self) -> None:
        body = {"login": self.login, "password": self.password}
        self._signed(await self._patiently("POST", "/api/identity/session", {}, body))

    async def renew(self) -> None:
        """By the cookie alone, as a page does; signs in anew when the session is over."""
        if time.monotonic() - self._signed_at < RENEW_AFTER_SECONDS:
            return
        answer = await self.client.ask("POST", "/api/identity/session/refresh", {"Cookie": self._cookie})
        if answer.good:
            self._signed(answer)
        else:
            await self.sign_in()

    def _signed(self, answer: Answer) -> None:
        content = answer.json()
        self.token, self.enterprise = content["access_token"], content.get("enterprise") or ""
        self._cookie = answer.headers.get("set-cookie", "").partition(";")[0]
        self._signed_at = time.monotonic()

    def headers(self, more: Headers | None = None) -> Headers:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {**bearer, **(more or {})}

    async def get(self, path: str, after: str = "") -> Answer:
        return await self.client.ask("GET", f"/api{path}", self.headers({"Read-After": after} if after else None))

    async def command(self, method: str, path: str, body: Any = None, key: str = "") -> Answer:
        """Sent once, under a key; what is acknowledged is kept for the check."""
        answer = await self.client.ask(
            method, f"/api{path}", self.headers({"Idempotency-Key": key or self.key()}), body
        )
        if answer.good and (place := answer.headers.get("position")):
            self.keep(answer, place)
        return answer

    def keep(self, answer: Answer, place: str) -> Receipt:
        service, shard, position = place.split("/")
        content = answer.json()
        receipt = Receipt(content["command"], service, int(shard), int(position), content)
        self.receipts.append(receipt)
        return receipt

    # Before the load begins: patient, and reading after what was written.

    def saw(self, others: Iterable[Person]) -> None:
        for other in others:
            self._after |= other._after

    async def do(
        self, method: str, path: str, body: Any = None, more: Headers | None = None, good: tuple[int, ...] = ()
    ) -> Any:
        """Until it is known how it ended, under one key; its content. Raises Refused, unless its status is in `good`."""
        given = dict(more or {}) | ({"Idempotency-Key": self.key()} if method != "GET" else {})
        if self._after:
            given["Read-After"] = ",".join(f"{s}/{n}/{p}" for (s, n), p in self._after.items())
        answer = await self._patiently(method, f"/api{path}", self.headers(given), body, good)
        if place := answer.headers.get("position"):
            service, shard, position = place.split("/")
            self._after[service, int(shard)] = int(position)
            if answer.good and isinstance(answer.json(), dict) and "command" in answer.json():
                self.keep(answer, place)
        return answer.json() if answer.body else None

    async def _patiently(
        self, method: str, path: str, headers: Headers, body: Any, good: tuple[int, ...] = ()
    ) -> Answer:
        for n in range(TRIES):
            answer = await self.client.ask(method, path, headers, body)
            if answer.status not in AGAIN:
                break
            await asyncio.sleep(min(0.05 * 2**n, 1.0))
        if not answer.good and answer.status not in good:
            raise Refused(f"{method} {path}", answer)
        return answer


@asynccontextmanager
async def renewing(people: Iterable[Person]) -> AsyncIterator[None]:
    """Tokens stay good for as long as this lasts, a few at a time."""
    everybody = list(people)

    async def renew() -> None:
        while True:
            for person in everybody:
                await person.renew()
            await asyncio.sleep(1)

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def multipart(name: str, content: bytes) -> tuple[Headers, bytes]:
    """One file as browsers send it."""
    mark = "tidu-load-boundary"
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    body = head.encode() + b"Content-Type: application/pdf\r\n\r\n" + content + f"\r\n--{mark}--\r\n".encode()
    return {"Content-Type": f"multipart/form-data; boundary={mark}"}, body


def encoded(body: Any) -> bytes:
    """A body that is sent many times is encoded once."""
    return msgspec.json.encode(body)

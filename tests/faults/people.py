"""Users at the gateway whose every command goes through the ledger, repeated under its key until its outcome is known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

import httpx

from tests.faults.ledger import Entry, Ledger

PATIENCE_SECONDS = 180.0
THINKING_SECONDS = 0.4
"""At most so long between two requests of one user: without it the load takes whatever the cores have left."""
AGAIN = {500, 502, 503, 504}
TOO_MANY = 429
RUNNING = ("identity.registration-running",)
"""The same is under way just now: to be asked again, like 503."""


class Gate:
    """Open: requests go; shut: those under way end and no new one begins."""

    def __init__(self) -> None:
        self._open, self._calm = asyncio.Event(), asyncio.Event()
        self._calm.set()
        self._inside = 0

    def open(self) -> None:
        self._open.set()

    async def shut(self) -> None:
        """Returns when nothing is under way."""
        self._open.clear()
        await self._calm.wait()

    async def __aenter__(self) -> None:
        while not self._open.is_set():  # it may be shut again before who waited here goes on
            await self._open.wait()
        self._inside += 1
        self._calm.clear()

    async def __aexit__(self, *_: object) -> None:
        self._inside -= 1
        if self._inside == 0:
            self._calm.set()


@dataclass
class World:
    """What all users share."""

    http: httpx.AsyncClient
    ledger: Ledger
    gate: Gate
    random: Random

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A user thinks, then asks while the gate is open."""
        await asyncio.sleep(self.random.uniform(0, THINKING_SECONDS))
        async with self.gate:
            yield


class Refusal(Exception):
    """An answer of 4xx; `code` is stable."""

    def __init__(self, answer: httpx.Response) -> None:
        content = _content(answer)
        self.status, self.code = answer.status_code, str(content.get("code", f"http-{answer.status_code}"))
        what = f"{answer.request.method} {answer.request.url.path}"
        super().__init__(f"{what}: {self.status} {self.code}: {content.get('detail')} {content.get('refusals', '')}")


@dataclass
class Account:
    """Who somebody is: `actor` is how the log names them (`kind:id`), known once they have signed in."""

    login: str
    password: str
    actor: str = ""
    enterprise: str = ""
    token: str = ""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Person:
    """An account at one desk: what was written here is read here afterwards."""

    def __init__(self, world: World, account: Account, keys: Any) -> None:
        self.world, self.account, self._keys = world, account, keys
        self.after: dict[tuple[str, str], int] = {}

    def at_desk(self, keys: Any) -> Person:
        """The same account working on another case."""
        return Person(self.world, self.account, keys)

    def saw(self, *others: Person) -> None:
        """From here on reads come after what the others have written."""
        for other in others:
            for place, position in other.after.items():
                self.after[place] = max(position, self.after.get(place, 0))

    def new_key(self) -> str:
        """From the seed: the same run has the same keys."""
        return UUID(int=self._keys.getrandbits(128)).hex

    async def sign_in(self) -> None:
        account, before = self.account, self.account.token
        async with account.lock:
            if account.token != before:
                return
            body = {"login": account.login, "password": account.password}
            answer = await self._until_known("POST", "/identity/session", {}, json=body)
            if answer.is_error:
                raise Refusal(answer)
            content = answer.json()
            kind = "official" if content["kind"] == "official" else "account"
            account.actor, account.token = f"{kind}:{content['id']}", content["access_token"]
            account.enterprise = content.get("enterprise") or ""

    async def get(self, path: str) -> Any:
        headers = {"Read-After": ",".join(f"{s}/{n}/{p}" for (s, n), p in self.after.items())} if self.after else {}
        async with self.world.turn():
            answer = await self._signed("GET", path, headers)
        if answer.is_error:
            raise Refusal(answer)
        return answer.json()

    async def put_down(self, method: str, path: str, *, version: int | None = None, **options: Any) -> Any:
        """What is kept and is no command (drafts and their files)."""
        headers = {"Idempotency-Key": self.new_key()} | ({"If-Match": f'"{version}"'} if version is not None else {})
        async with self.world.turn():
            answer = await self._signed(method, path, headers, **options)
        if answer.is_error:
            raise Refusal(answer)
        return answer.json()

    async def command(
        self, path: str, body: Any = None, *, method: str = "POST", key: str = "", times: int = 1, public: bool = False
    ) -> dict[str, Any]:
        """Send a command; `times` > 1: as often at once, under the one key. Its receipt; raises Refusal."""
        key = key or self.new_key()
        actor = "" if public else self.account.actor
        async with self.world.turn():
            entry = self.world.ledger.sent(path.split("/")[1], actor, key, f"{method} {path}", times)
            headers = {"Idempotency-Key": key}
            sent = [self._signed(method, path, headers, json=body, public=public) for _ in range(times)]
            answers = await asyncio.gather(*sent)
        for answer in answers:
            self._note(entry, answer)
        good = [answer for answer in answers if not answer.is_error]
        if not good:
            raise Refusal(answers[0])
        return dict(good[0].json())

    def _note(self, entry: Entry, answer: httpx.Response) -> None:
        """An acknowledgement stands, whatever comes after it; the ledger keeps every answer for the checker."""
        if answer.is_error:
            if entry.outcome != "acknowledged":
                entry.outcome, entry.code = "refused", str(_content(answer).get("code"))
            else:
                entry.answers.append({"refused": str(_content(answer).get("code"))})
            return
        content = answer.json()
        if "Position" not in answer.headers:
            entry.outcome = "unchanged" if entry.outcome != "acknowledged" else entry.outcome
            return
        entry.outcome, entry.place = "acknowledged", answer.headers["Position"]
        entry.receipt = entry.receipt or content
        entry.answers.append(content)
        service, shard, position = entry.place.split("/")
        self.after[service, shard] = max(int(position), self.after.get((service, shard), 0))

    async def _signed(
        self, method: str, path: str, headers: dict[str, str], public: bool = False, **options: Any
    ) -> httpx.Response:
        """With the account's token; signs in anew when it is no longer good."""
        for _ in range(3):
            token = self.account.token
            bearer = {} if public else {"Authorization": f"Bearer {token}"}
            answer = await self._until_known(method, path, headers | bearer, **options)
            if answer.status_code != 401 or public:
                break
            if self.account.token == token:
                await self.sign_in()
        return answer

    async def _until_known(self, method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        """Whatever leaves the outcome open is sent again, unchanged. The last answer, after PATIENCE_SECONDS any."""
        began, pause = time.monotonic(), 0.05
        while True:
            try:
                answer = await self.world.http.request(method, path, headers=headers, **options)
                if answer.status_code not in AGAIN and _content(answer).get("code") not in RUNNING:
                    break
                if answer.status_code == 500:
                    self.world.ledger.defect(f"{method} {path}: 500 {answer.text[:200]}")
                if time.monotonic() - began > PATIENCE_SECONDS:
                    break
            except httpx.TransportError:
                if time.monotonic() - began > PATIENCE_SECONDS:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        self.world.ledger.slowest = max(self.world.ledger.slowest, time.monotonic() - began)
        return answer


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {"code": f"http-{answer.status_code}", "detail": answer.text[:200]}
    return content if isinstance(content, dict) else {}

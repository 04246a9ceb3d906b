"""A real OpenID provider and our own app, each on a port of this machine, and a browser that goes between them."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import oidc_provider_mock
import uvicorn
from werkzeug.serving import make_server

from tests.unit.identity.pkce import Pkce
from tests.unit.identity.shell import Stage, open_stage
from tests.unit.identity.stories import wall_of

NAME, CLIENT = "province", "tidu-tests"
PATIENCE = 60.0


@contextmanager
def provider() -> Iterator[str]:
    """The issuer's address."""
    server = make_server("127.0.0.1", 0, Pkce(oidc_provider_mock.app(require_nonce=True)), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


def configured(issuer: str, **changes: Any) -> dict[str, Any]:
    return {
        "title": "省统一身份认证", "issuer": issuer, "client_id": CLIENT, "client_secret": "a-secret-of-tests",
        "credit_code_claim": "credit_code", "enterprise_name_claim": "enterprise_name", **changes,
    }  # fmt: skip


class Abroad:
    """`issuer` is the provider's address, `origin` ours."""

    def __init__(self, stage: Stage, issuer: str, origin: str) -> None:
        self.stage, self.issuer, self.origin = stage, issuer, origin
        self.open: list[Traveller] = []

    def traveller(self) -> "Traveller":
        self.open.append(Traveller(self))
        return self.open[-1]

    async def person(self, subject: str, **claims: Any) -> str:
        """Somebody whom the provider knows."""
        async with httpx.AsyncClient() as http:
            answer = await http.put(f"{self.issuer}/users/{subject}", json=claims)
        assert answer.status_code == 204, answer.text
        return subject


class Traveller:
    """A browser that follows no redirect unless it is told to."""

    def __init__(self, abroad: Abroad) -> None:
        self.abroad, self._n, self.token = abroad, 0, ""
        self.http = httpx.AsyncClient(base_url=f"{abroad.origin}/api/identity", timeout=PATIENCE)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        self._n += 1
        given = {"Idempotency-Key": f"{id(self)}-{self._n}", **headers}
        given |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = await self.http.request(method, path, json=body, headers=given)
        await self.abroad.stage.runtime.settle()
        return answer

    async def to_provider(self, return_to: str = "/portal", name: str = NAME) -> str:
        """Where our own redirect leads."""
        answer = await self.http.get(f"/providers/{name}/sign-in", params={"return_to": return_to})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def at_provider(self, address: str, subject: str) -> str:
        """Says who they are there; where the provider's redirect leads."""
        answer = await self.http.post(address, data={"sub": subject})
        assert answer.status_code in (302, 303), answer.text
        return answer.headers["location"]

    async def back(self, address: str) -> httpx.Response:
        answer = await self.http.get(address)
        await self.abroad.stage.runtime.settle()
        return answer

    async def travel(self, subject: str, return_to: str = "/portal") -> httpx.Response:
        """There and back: our answer to the callback."""
        return await self.back(await self.at_provider(await self.to_provider(return_to), subject))

    async def refresh(self) -> httpx.Response:
        """What the page does first: the cookie for a token."""
        answer = await self.ask("POST", "/session/refresh")
        self.token = answer.json().get("access_token", "")
        return answer


@asynccontextmanager
async def _listening(stage: Stage, sock: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(stage.app, log_level="warning", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve([sock]))
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:
                await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


async def _tell(story: Callable[[Abroad], Awaitable[None]], issuer: str, settings: dict[str, Any]) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{sock.getsockname()[1]}"
        providers = {NAME: configured(issuer, **settings), "other": configured(issuer, client_id="other")}
        stage = await open_stage(datetime.now(UTC), origin=origin, oidc_providers=providers)
        async with _listening(stage, sock):
            abroad = Abroad(stage, issuer, origin)
            with wall_of(stage):
                await story(abroad)
            for traveller in abroad.open:
                await traveller.http.aclose()


def story_with(story: Callable[[Abroad], Awaitable[None]], issuer: str, **settings: Any) -> None:
    """Run a story with the provider that is, or is not, at this address."""
    asyncio.run(_tell(story, issuer, settings))


def abroad(**settings: Any) -> Callable[[Callable[[Abroad], Awaitable[None]]], Callable[[], None]]:
    """Run a story with a provider so configured."""

    def told(story: Callable[[Abroad], Awaitable[None]]) -> Callable[[], None]:
        def test() -> None:
            with provider() as issuer:
                story_with(story, issuer, **settings)

        test.__name__, test.__doc__ = story.__name__, story.__doc__
        return test

    return told

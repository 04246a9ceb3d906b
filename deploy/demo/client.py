"""A user at the gateway: signs in, repeats safely what did not get through, reads after what was written."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx

PATIENCE_SECONDS = 60.0
_TRY_AGAIN = {502, 503, 504}


class Refusal(Exception):
    """A problem that the platform answered with; `code` is stable."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')} {problem}")
        self.status, self.problem = status, problem
        self.code = str(problem.get("code"))

    @property
    def details(self) -> list[str]:
        """Its words, or those of all refusals answered together."""
        return [r["detail"] for r in self.problem.get("refusals", [])] or [str(self.problem.get("detail"))]


class User:
    """One person at a browser. Positions of what they wrote go along with what they read next."""

    def __init__(self, gateway: str, login: str = "", password: str = "") -> None:
        self._http = httpx.AsyncClient(base_url=f"{gateway}/api", timeout=30)
        self._login, self._password = login, password
        self._token: str | None = None
        self._after: dict[tuple[str, str], int] = {}

    async def close(self) -> None:
        await self._http.aclose()

    async def sign_in(self) -> dict[str, Any]:
        self._token = None
        body = {"login": self._login, "password": self._password}
        answer = await self._send("POST", "/identity/session", json=body)
        content: dict[str, Any] = answer.json()
        self._token = content["access_token"]
        return content

    async def get(self, path: str, **options: Any) -> Any:
        return (await self._request("GET", path, **options)).json()

    async def post(self, path: str, json: Any = None, **options: Any) -> Any:
        return (await self._request("POST", path, json=json, **options)).json()

    async def put(self, path: str, json: Any, **options: Any) -> Any:
        return (await self._request("PUT", path, json=json, **options)).json()

    def saw(self, other: "User") -> None:
        """From here this user reads after what the other has written."""
        for place, position in other._after.items():
            self._after[place] = max(position, self._after.get(place, 0))

    async def _request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        given = {"Idempotency-Key": uuid4().hex, **(headers or {})} if method != "GET" else dict(headers or {})
        if self._after and method == "GET":
            given["Read-After"] = ",".join(f"{s}/{shard}/{p}" for (s, shard), p in self._after.items())
        try:
            answer = await self._send(method, path, headers=given, **options)
        except Refusal as refusal:
            if refusal.status != 401 or not self._password:
                raise
            await self.sign_in()
            answer = await self._send(method, path, headers=given, **options)
        if "Position" in answer.headers:
            service, shard, position = answer.headers["Position"].split("/")
            self._after[service, shard] = max(int(position), self._after.get((service, shard), 0))
        return answer

    async def _send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """A service that is away or restarting is asked again with the same key: nothing happens twice."""
        given = {**(headers or {}), **({"Authorization": f"Bearer {self._token}"} if self._token else {})}
        until, pause = time.monotonic() + PATIENCE_SECONDS, 0.05
        while True:
            try:
                answer = await self._http.request(method, path, headers=given, **options)
                if answer.status_code not in _TRY_AGAIN or time.monotonic() > until:
                    break
            except httpx.TransportError:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)
        if answer.is_error:
            raise Refusal(answer.status_code, _problem(answer))
        return answer


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        content: dict[str, Any] = answer.json()
    except ValueError:
        return {"code": f"http-{answer.status_code}", "detail": answer.text[:200]}
    return content

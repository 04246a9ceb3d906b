"""Requests whose answers are looked at as they are: status, headers, problem."""

from typing import Any
from uuid import uuid4

import httpx

from deploy.demo.client import User


class Caller:
    """Asks once, for a user or for nobody. An answer of 500 and above is a failure unless it is expected."""

    def __init__(self, gateway: str) -> None:
        self._http = httpx.AsyncClient(base_url=f"{gateway}/api", timeout=60)

    async def close(self) -> None:
        await self._http.aclose()

    async def __call__(
        self, user: User | None, method: str, path: str, *, key: str | None = "", token: str = "", may_fail: bool = False,
        headers: dict[str, str] | None = None, **options: Any,
    ) -> httpx.Response:  # fmt: skip
        given = dict(headers or {})
        if method != "GET" and key is not None:
            given["Idempotency-Key"] = key or uuid4().hex
        answer = await self._as(user, token, method, path, given, options)
        if answer.status_code == 401 and user is not None and not token:
            await user.sign_in()
            answer = await self._as(user, token, method, path, given, options)
        assert may_fail or answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    async def _as(
        self, user: User | None, token: str, method: str, path: str, headers: dict[str, str], options: dict[str, Any]
    ) -> httpx.Response:
        bearer = token or (user._token if user else None)
        given = {**headers, **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
        return await self._http.request(method, path, headers=given, **options)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, which must be this one, said in the form of every problem."""
    content: dict[str, Any] = answer.json()
    assert (answer.status_code, content.get("code")) == (status, code), content
    assert answer.headers["content-type"] == "application/problem+json"
    assert content["status"] == status and content["title"] and content["type"].endswith(code)
    return content

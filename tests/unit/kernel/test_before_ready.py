"""A process that has not read policies and business time yet answers nobody: neither command nor read nor sign-in."""

import httpx
import pytest

from libs.events.runtime import Runtime
from libs.events.web.app import make_app
from services.identity.app import service as identity
from services.notifications.app import service as notifications


@pytest.mark.parametrize(("service", "method", "path"), [
    (notifications, "GET", "/api/notifications/inbox"),
    (identity, "POST", "/api/identity/session"),
    (identity, "GET", "/api/identity/rules"),
    (identity, "GET", "/api/identity/.well-known/jwks.json"),
])  # fmt: skip
async def test_a_process_that_is_still_starting_says_so(service, method: str, path: str) -> None:
    app = make_app(Runtime(service, service.settings(), "api"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://tidu") as http:
        body = {"login": "a", "password": "b"} if method == "POST" else None
        token = {"Authorization": "Bearer e30.e30.e30"}
        answer = await http.request(method, path, json=body, headers=token)
    assert (answer.status_code, answer.json()["code"]) == (503, "platform.unavailable")
    assert answer.headers["retry-after"]

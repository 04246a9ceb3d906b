"""Bodies over the limit are refused with 413, whatever Content-Length says, and never reach a route."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel

from libs.events.web import problems
from libs.events.web.limits import FILE_LIMIT, JSON_LIMIT, BodyLimit

reached: list[int] = []


class Text(BaseModel):
    text: str


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.add_middleware(BodyLimit)
    problems.install(app)

    async def plain(request: Request) -> int:
        reached.append(len(await request.body()))
        return reached[-1]

    async def parsed(body: Text) -> int:
        reached.append(len(body.text))
        return reached[-1]

    app.add_api_route("/plain", plain, methods=["POST"])
    app.add_api_route("/parsed", parsed, methods=["POST"])
    reached.clear()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as made:
        yield made


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    yield b'{"text":"'
    for _ in range(size // 65_536):
        yield b"x" * 65_536
    yield b'"}'


@pytest.mark.parametrize("route", ["/plain", "/parsed"])
async def test_a_body_at_the_limit_is_read(client: httpx.AsyncClient, route: str) -> None:
    body = b'{"text":"' + b"x" * (JSON_LIMIT - 11) + b'"}'
    answer = await client.post(route, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 200 and reached[0] >= JSON_LIMIT - 11


@pytest.mark.parametrize("route", ["/plain", "/parsed"])
async def test_a_body_that_says_it_is_too_large_is_refused(client: httpx.AsyncClient, route: str) -> None:
    answer = await client.post(route, content=b"x" * (JSON_LIMIT + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "platform.too-large")
    assert reached == []


@pytest.mark.parametrize("route", ["/plain", "/parsed"])
async def test_a_body_that_does_not_say_its_size_is_counted(client: httpx.AsyncClient, route: str) -> None:
    answer = await client.post(route, content=in_pieces(2 * JSON_LIMIT), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "platform.too-large")
    assert answer.headers["content-type"] == "application/problem+json"
    assert reached == []


async def test_files_have_a_higher_limit(client: httpx.AsyncClient) -> None:
    as_file = {"content-type": "multipart/form-data; boundary=x"}
    assert (await client.post("/plain", content=b"x" * FILE_LIMIT, headers=as_file)).status_code == 200
    assert (await client.post("/plain", content=in_pieces(FILE_LIMIT + 65_536), headers=as_file)).status_code == 413


@pytest.mark.parametrize("declared", [True, False])
async def test_the_refusal_comes_when_the_body_has_been_read_and_thrown_away(declared: bool) -> None:
    """An answer to somebody who is still sending gets lost behind a gateway, in a reset connection."""
    pieces = [{"type": "http.request", "body": b"x" * JSON_LIMIT, "more_body": n < 3} for n in range(4)]
    said: list[str] = []

    async def receive() -> dict[str, object]:
        said.append("read")
        return pieces.pop(0)

    async def send(message: dict[str, object]) -> None:
        said.append(str(message["type"]))

    async def app(scope: object, receive: object, send: object) -> None:
        while (await receive()).get("more_body"):  # type: ignore[operator]
            pass

    headers = [(b"content-length", str(4 * JSON_LIMIT).encode())] if declared else []
    await BodyLimit(app)({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)  # type: ignore[arg-type]
    assert said == ["read"] * 4 + ["http.response.start", "http.response.body"]


async def test_a_body_without_end_is_not_read_to_the_end() -> None:
    read = 0

    async def receive() -> dict[str, object]:
        nonlocal read
        read += FILE_LIMIT
        return {"type": "http.request", "body": b"x" * FILE_LIMIT, "more_body": True}

    async def send(message: dict[str, object]) -> None:
        assert message["type"] != "http.response.start" or message["status"] == 413

    headers = [(b"content-length", str(2**40).encode())]
    await BodyLimit(None)({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)  # type: ignore[arg-type]
    assert read <= 4 * FILE_LIMIT

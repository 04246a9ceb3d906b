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

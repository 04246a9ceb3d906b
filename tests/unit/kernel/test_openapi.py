"""A document tells every problem, receipt and header; and no answer of a route that there is not."""

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.responses import Response

from libs.events.web import openapi, problems
from libs.events.web.models import Body

SHOWN = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
ANSWERS: openapi.Answers = {
    "GET /things": {200: {"schema": SHOWN}},
    "GET /things/file": {200: {"media": "*/*"}},
    "POST /things": {201: {"schema": openapi.RECEIPT}},
}


class Thing(Body):
    name: str


def app(answers: openapi.Answers = ANSWERS) -> FastAPI:
    made = FastAPI()

    @made.get("/api/toy/things")
    async def read() -> Response:
        return Response()

    @made.get("/api/toy/things/file")
    async def file() -> Response:
        return Response()

    @made.post("/api/toy/things", status_code=201)
    async def write(body: Thing) -> Response:
        return Response()

    problems.install(made)
    openapi.install(made, "/api/toy", answers)
    return made


def operation(path: str, method: str) -> Any:
    return app().openapi()["paths"][f"/api/toy{path}"][method]


def test_every_operation_tells_of_problems_as_problems() -> None:
    for operations in app().openapi()["paths"].values():
        for one in operations.values():
            told = {status: answer for status, answer in one["responses"].items() if int(status) >= 400}
            assert {"400", "401", "403", "404", "409", "413", "422", "503"} <= set(told)
            assert all(list(answer["content"]) == ["application/problem+json"] for answer in told.values())


def test_only_what_changes_something_may_be_late_and_everything_too_often() -> None:
    assert "412" not in operation("/things", "get")["responses"] and "429" in operation("/things", "get")["responses"]
    assert {"412", "429"} <= set(operation("/things", "post")["responses"])


def test_a_receipt_brings_its_headers_the_key_it_asks_for_and_the_answer_when_nothing_changed() -> None:
    found = operation("/things", "post")
    assert set(found["responses"]["201"]["headers"]) == {"ETag", "Position", "Tidu-Clock"}
    assert found["responses"]["200"]["content"]["application/json"]["schema"] == openapi.UNCHANGED
    assert [one["name"] for one in found["parameters"] if one["required"]] == ["Idempotency-Key"]


def test_an_answer_is_described_as_the_service_says() -> None:
    assert operation("/things", "get")["responses"]["200"]["content"]["application/json"]["schema"] == SHOWN
    assert list(operation("/things/file", "get")["responses"]["200"]["content"]) == ["*/*"]


def test_what_every_reference_names_is_there() -> None:
    document = app().openapi()
    assert {"Problem", "Refusal", "Receipt", "Unchanged"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in str(document)


def test_an_answer_of_no_route_is_refused() -> None:
    with pytest.raises(ValueError, match="GET /nowhere"):
        app({"GET /nowhere": {200: {}}}).openapi()


async def test_a_body_that_is_no_text_is_a_problem_with_a_way_out() -> None:
    async with AsyncClient(transport=ASGITransport(app()), base_url="http://toy") as client:
        answer = await client.post("/api/toy/things", content=b"\x94,", headers={"Content-Type": "application/json"})
    told = answer.json()
    assert (answer.status_code, told["code"], answer.headers["Content-Type"]) == (
        400, "platform.unreadable-request", "application/problem+json",
    )  # fmt: skip
    assert told["way_out"]

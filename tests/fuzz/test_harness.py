"""The harness itself: what is broken on purpose is counted, what is whole is not, and a seed says everything."""

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from starlette.responses import JSONResponse, Response

from libs.events.errors import Refused
from libs.events.web import openapi, problems
from tests.authz.walker import Cell
from tests.fuzz.asking import ANONYMOUS, Operation
from tests.fuzz.cases import questions
from tests.fuzz.fuzzing import Outcome, fuzz, generated

N = 12


class Named(BaseModel):
    name: str
    size: int


class Given(BaseModel):
    size: int


class Unregistered:
    """A code nobody has defined."""

    code = "toy.invented"


app = FastAPI()
problems.install(app)


@app.get("/api/toy/whole", response_model=Named)
async def whole() -> Response:
    return JSONResponse({"name": "x", "size": 1})


@app.get("/api/toy/fails")
async def fails() -> Response:
    raise RuntimeError("on purpose")


@app.get("/api/toy/undeclared")
async def undeclared() -> Response:
    return JSONResponse({}, 418)


@app.get("/api/toy/misshapen", response_model=Named)
async def misshapen() -> Response:
    return JSONResponse({"name": "x", "size": "large"})


@app.get("/api/toy/page", response_model=Named)
async def page() -> Response:
    return Response("<p>", media_type="text/html")


@app.get("/api/toy/invented")
async def invented() -> Response:
    return problems.problem(409, Unregistered.code, "某")


@app.get("/api/toy/silent")
async def silent() -> Response:
    return JSONResponse({"status": 409}, 409)


@app.post("/api/toy/credulous")
async def credulous(body: dict[str, Any]) -> Response:
    return JSONResponse({})


@app.post("/api/toy/careful")
async def careful(body: Given) -> Response:
    return JSONResponse({})


class ToyRefused(Refused):
    code = "toy.refused"
    title = "某事不能办"


@app.get("/api/toy/refuses")
async def refuses() -> Response:
    raise ToyRefused(way_out="请稍后")


openapi.install(app, "/api/toy", {})
_careful = app.openapi()["paths"]["/api/toy/careful"]["post"]
app.openapi()["paths"]["/api/toy/credulous"]["post"]["requestBody"] = _careful["requestBody"]
WORLD: Any = SimpleNamespace(apps={"toy": app}, params=lambda cell: {})


async def outcome(route: str, seed: int = 1) -> Outcome:
    cell = Cell("toy", route, ANONYMOUS, "", "")
    one = Operation("toy", route, [], [cell], {})
    return await fuzz(WORLD, one, generated(app.openapi())[one.label], N, seed)


@pytest.mark.parametrize("route", ["GET /whole", "POST /careful", "GET /refuses"])
async def test_what_keeps_to_its_document_has_no_fault(route: str) -> None:
    found = await outcome(route)
    assert not found.faults
    assert found.statuses.total() == N


async def test_an_answer_of_500_is_a_server_error_with_the_command_that_repeats_it() -> None:
    found = await outcome("GET /fails")
    assert len(found.faults) == N
    assert all(fault.server and "on purpose" in fault.answer for fault in found.faults)
    assert found.faults[0].curl.startswith("curl -X GET") and "/api/toy/fails" in found.faults[0].curl


@pytest.mark.parametrize(
    ("route", "words"),
    [
        ("GET /undeclared", "status code"), ("GET /misshapen", "schema"), ("GET /page", "Content-Type"),
        ("GET /invented", "registered nowhere"), ("GET /silent", "a problem as"), ("POST /credulous", "accepted"),
    ],
)  # fmt: skip
async def test_an_answer_that_its_document_does_not_know_is_a_violation(route: str, words: str) -> None:
    found = await outcome(route)
    assert any(words in fault.words and not fault.server for fault in found.faults)


async def test_a_seed_says_everything() -> None:
    def asked(seed: int) -> list[str]:
        cell = Cell("toy", "POST /careful", ANONYMOUS, "", "")
        one = Operation("toy", "POST /careful", [], [cell], {})
        made = questions(WORLD, one, generated(app.openapi())[one.label], N, seed)
        return [question.asked.curl(question.person) for question in made]

    assert asked(1) == asked(1) != asked(2)

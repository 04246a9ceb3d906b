"""划型 over HTTP: for everybody, with the same answer as the rules; wrong requests are named."""

import json
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request

from libs.events.decider import Policies
from libs.events.web import problems
from libs.events.web.authorization import load_table
from libs.events.web.desk import Desk, desk_of
from libs.events.web.principals import ANYONE
from services.assessment.app import service
from services.assessment.domain.policies import SIZE, national, size_from
from services.assessment.domain.size import classify
from tests.unit.assessment import kit
from tests.unit.assessment.samples import POLICY

IN_FORCE = Policies(kit.POLICIES, kit.NOW)


@pytest.fixture
def public() -> httpx.AsyncClient:
    """Somebody without account, before the routes as shipped and the policies as published."""
    runtime: Any = SimpleNamespace(
        service=service,
        table=load_table(POLICY / "authorization.yaml"),
        policies=SimpleNamespace(at=lambda _: IN_FORCE),
        business=SimpleNamespace(now=lambda: kit.NOW),
    )

    def desk(request: Request) -> Desk:
        return Desk(runtime, request, ANYONE)

    app = FastAPI()
    app.state.runtime = runtime
    problems.install(app)
    for router in service.routers:
        app.include_router(router)
    app.dependency_overrides[desk_of] = desk
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t")


async def test_anyone_may_ask_and_gets_what_the_rules_say(public: httpx.AsyncClient) -> None:
    asked = {"industry": "3484", "staff": 299, "revenue": "2000.00", "declared": "中型"}
    answer = await public.post("/size", json=asked)
    assert answer.status_code == 200, answer.text
    policy = national(IN_FORCE, SIZE)
    figures = {"staff": 299, "revenue": "2000.00"}
    expected = classify(size_from(policy), "3484", figures, "中型")
    assert answer.json() == json.loads(msgspec.json.encode({"standard": policy.pin, "result": expected}))
    assert answer.json()["result"]["size_class"] == "小型"
    assert answer.json()["result"]["declared"]["agrees"] is False


async def test_nothing_but_the_industry_is_an_answer_too(public: httpx.AsyncClient) -> None:
    result = (await public.post("/size", json={"industry": "6513"})).json()["result"]
    assert (result["state"], len(result["possible"])) == ("not-classifiable", 4)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"industry": 5},
        {"industry": "3484", "profit": 1},
        {"industry": "3484", "staff": True},
        {"industry": "3" * 17},
    ],
)
async def test_what_does_not_fit_is_refused(public: httpx.AsyncClient, body: dict[str, object]) -> None:
    answer = await public.post("/size", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "platform.invalid-request")


async def test_the_standard_is_published_with_its_source(public: httpx.AsyncClient) -> None:
    shown = (await public.get("/size/standard")).json()
    assert (shown["id"], len(shown["industries"])) == ("size@2011-300", 16)
    assert "300号" in shown["source"] and shown["sha256"] == national(IN_FORCE, SIZE).sha256


async def test_the_interface_description_names_it(public: httpx.AsyncClient) -> None:
    paths = (await public.get("/openapi.json")).json()["paths"]
    fields = paths["/size"]["post"]
    assert "划型" in fields["description"] and "requestBody" in fields

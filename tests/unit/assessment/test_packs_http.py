"""Packs over HTTP, effective ones too: listed from their day on, read by an id with `+`, and tested by anybody."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from libs.events.decider import Policies
from libs.events.web import problems
from libs.events.web.authorization import load_table
from libs.events.web.desk import Desk, desk_of
from libs.events.web.principals import ANYONE
from services.assessment.app import service
from tests.unit.assessment import kit
from tests.unit.assessment.enterprises import good
from tests.unit.assessment.samples import POLICY

BOTH_LAWS = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)


def public(now: datetime) -> httpx.AsyncClient:
    in_force = Policies(kit.POLICIES, now)
    runtime: Any = SimpleNamespace(
        service=service,
        table=load_table(POLICY / "authorization.yaml"),
        policies=SimpleNamespace(at=lambda _: in_force),
        business=SimpleNamespace(now=lambda: now),
    )

    def desk(request: Request) -> Desk:
        return Desk(runtime, request, ANYONE)

    app = FastAPI()
    app.state.runtime = runtime
    app.dependency_overrides[desk_of] = desk
    problems.install(app)
    for router in service.routers:
        app.include_router(router)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def listed(now: datetime) -> set[str]:
    return {one["id"] for one in (await public(now).get("/packs")).json()["items"]}


async def test_a_pack_is_listed_from_the_day_on_which_it_takes_effect() -> None:
    assert await listed(kit.NOW) == {
        "giant@2022-63", "growth@350200", "innovative@2022-63", "srdi@2022-63", "srdi@2022-63+370000",
    }  # fmt: skip
    later = await listed(BOTH_LAWS) - await listed(kit.NOW)
    assert later == {
        "giant@2022-63+2025", "giant@2022-63+2025-re_review", "giant@2026-2", "giant@2026-2+re_review", "srdi@2026-2",
        "srdi@2026-2+re_review", "tech@2017-115",
    }  # fmt: skip


async def test_an_effective_pack_is_read_whole_and_says_what_it_was_made_of() -> None:
    pack = (await public(BOTH_LAWS).get("/packs/giant@2022-63+2025-re_review")).json()
    assert (pack["base"], pack["amendments"]) == ("giant@2022-63", ["giant-2025-1", "giant-2025-2"])
    waived = [gate["id"] for gate in pack["gates"] if gate.get("waived")]
    assert (waived, pack["gates"][-1]["id"], len(pack["sha256"])) == (["Z3"], "revenue-2025", 64)


@pytest.mark.parametrize(
    ("pack", "changes", "verdict"),
    [
        ("srdi@2022-63", {"market_years": 2}, "pass"),
        ("srdi@2026-2", {"market_years": 2}, "fail"),
        ("srdi@2022-63", {"development_score_y0": "0.00"}, "pass"),
        ("srdi@2026-2", {"development_score_y0": "0.00"}, "fail"),
        ("srdi@2026-2", {}, "open"),
    ],
)
async def test_the_same_enterprise_under_both_laws(pack: str, changes: dict[str, Any], verdict: str) -> None:
    asked = {"pack": pack, "answers": good() | changes, "digital_level": 3}
    answer = (await public(BOTH_LAWS).post("/self-test", json=asked)).json()
    assert (answer["pack"]["id"], answer["result"]["verdict"]) == (pack, verdict)

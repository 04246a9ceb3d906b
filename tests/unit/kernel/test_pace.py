"""How fast one principal may ask, and how much of what strangers try is written down."""

import httpx
import pytest
from fastapi import FastAPI, Request

from libs.events.settings import KernelSettings
from libs.events.web import pace, problems
from libs.events.web.pace import Pace, TooFast
from libs.events.web.strangers import PerMinute

PRODUCTION = {"profile": "production", "master_key": "eA==", "pepper": "p", "fingerprint_secret": "0:f"}


def asked(bucket: Pace, who: str, times: int, now: float) -> int:
    """How many of them were let in."""
    let_in = 0
    for _ in range(times):
        try:
            bucket.ask(who, now)
        except TooFast:
            continue
        let_in += 1
    return let_in


def test_a_burst_is_let_in_and_then_the_sustained_rate() -> None:
    bucket = Pace(100)
    assert asked(bucket, "a", 1_000, 0.0) == 400
    assert asked(bucket, "a", 1_000, 1.0) == 100
    assert asked(bucket, "a", 1_000, 60.0) == 400


def test_one_who_asks_too_much_is_no_burden_to_another() -> None:
    bucket = Pace(10)
    asked(bucket, "a", 1_000, 0.0)
    assert asked(bucket, "b", 40, 0.0) == 40


def test_whoever_asks_at_the_rate_is_never_refused() -> None:
    bucket = Pace(100)
    assert sum(asked(bucket, "a", 1, n / 100) for n in range(5_000)) == 5_000


def test_what_is_remembered_of_principals_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "KEPT", 100)
    bucket = Pace(1)
    for n in range(1_000):
        bucket.ask(str(n), 0.0)
    assert len(bucket._left) == 100


async def test_the_refusal_says_when_to_come_again() -> None:
    app, bucket = FastAPI(), Pace(1)
    problems.install(app)

    @app.get("/")
    async def read(request: Request) -> dict[str, str]:
        bucket.ask("a", 0.0)
        return {}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://one") as client:
        answers = [await client.get("/") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["code"] == "platform.too-many-requests" and answers[-1].json()["way_out"]


def test_production_has_a_limit_unless_the_operator_says_otherwise() -> None:
    assert KernelSettings().most_per_second == 0
    assert KernelSettings(**PRODUCTION).most_per_second == 100  # type: ignore[arg-type]
    assert KernelSettings(**PRODUCTION, requests_per_second=7).most_per_second == 7  # type: ignore[arg-type]
    assert KernelSettings(**PRODUCTION, requests_per_second=0).most_per_second == 0  # type: ignore[arg-type]


def test_so_many_of_one_and_so_many_of_all_in_a_minute() -> None:
    noted = PerMinute(each=2, all_=5)
    assert [noted.take("a", 0.0) for _ in range(3)] == [True, True, False]
    assert [noted.take(str(n), 1.0) for n in range(4)] == [True, True, True, False]
    assert noted.take("a", 61.0)

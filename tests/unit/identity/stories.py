"""What stories of accounts and officials begin with: a fresh deployment, somebody registered, somebody verified."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

from joserfc import jwt
from joserfc.jwk import OKPKey

from libs.events.contracts.base import Event
from tests.unit.identity.kit import COMPANY, NOW
from tests.unit.identity.shell import Browser, Stage, open_stage

E = TypeVar("E", bound=Event)
PASSWORD = "Right-pass-1"
REGISTRATION = {
    "login": "xiamen01", "password": PASSWORD, "email": "someone@example.com", "phone": "13800138000",
    "agreements": ["registration", "privacy"],
}  # fmt: skip
REAL_NAME = {
    "credit_code": COMPANY, "name": "厦门某某科技有限公司", "legal_representative": "张三",
    "document_number": "11010519491231002X", "phone": "13800138000", "address": "厦门市思明区",
    "industry": "3990", "size": "小型", "holding": "私人控股", "promise": True,
}  # fmt: skip
APPOINTMENT: dict[str, Any] = {
    "login": "nanjing01", "password": PASSWORD, "name": "李四", "phone": "13900139000",
    "office": {"authority": "320000", "level": "county", "region": "320102", "role": "reviewer"},
    "document": "宁工信人〔2024〕1号",
}  # fmt: skip
Story = Callable[[Stage], Awaitable[None]]


@contextmanager
def wall_of(stage: Stage) -> Iterator[None]:
    """Tokens are looked at by the deployment's own wall clock."""
    with patch("libs.events.web.principals.wall_seconds", lambda: stage.wall() / 1000):
        yield


def staged(**settings: Any) -> Callable[[Story], Callable[[], None]]:
    """Run a story on a fresh deployment with these settings."""

    def told(story: Story) -> Callable[[], None]:
        def test() -> None:
            async def run() -> None:
                stage = await open_stage(NOW, **settings)
                with wall_of(stage):
                    await story(stage)

            asyncio.run(run())

        test.__name__, test.__doc__ = story.__name__, story.__doc__
        return test

    return told


on_stage = staged()


async def registered(stage: Stage, **changes: Any) -> Browser:
    browser = stage.browser()
    answer = await browser.post("/accounts", REGISTRATION | changes)
    assert answer.status_code == 201, answer.text
    assert (await browser.sign_in(changes.get("login", "xiamen01"), PASSWORD)).status_code == 200
    return browser


async def verified(stage: Stage) -> Browser:
    browser = await registered(stage)
    answer = await browser.post("/me/real-name", REAL_NAME)
    assert answer.json()["verified"], answer.text
    return browser


async def claims_of(stage: Stage, token: str) -> dict[str, Any]:
    keys = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"]
    return dict(jwt.decode(token, OKPKey.import_key(keys[0]), algorithms=["EdDSA"]).claims)

"""二次验证 with a security key, in a real Chromium on the gateway's own page: what the API asks, the browser answers."""

import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from deploy.demo.companies import PASSWORD
from deploy.demo.run import world_of
from deploy.local.stack import Stack
from tests.e2e import chromium_here
from tests.e2e.asking import Caller, refused
from tests.e2e.chromium import Chromium, Page, ScriptFailed, running

pytestmark = pytest.mark.timeout(chromium_here.INSTALLING_SECONDS + 300)
LOGIN = "keys@xw"


@pytest.fixture(scope="module")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    program = await chromium_here.chromium()
    if isinstance(program, str):
        pytest.skip(program)
    async with running(program, tmp_path_factory.mktemp("chromium")) as started:
        yield started


@dataclass
class Keys:
    """An official's two machines, both signed in before there was a key; `desk` has enrolled one since."""

    home: str
    desk: Page
    laptop: Page


@pytest.fixture(scope="module")
async def keys(stack: Stack, browser: Chromium) -> AsyncIterator[Keys]:
    world = world_of(stack)
    await world.admin.sign_in()
    office = {"authority": "320000", "level": "county", "region": "320102", "role": "reviewer"}
    body = {
        "login": LOGIN,
        "password": PASSWORD,
        "name": "示例钥匙",
        "document": "示例任〔2024〕12号",
        "office": office,
    }
    await world.admin.post("/identity/officials", body)
    await world.close()
    home = on_localhost(stack.gateway)
    desk, laptop = await browser.page(home), await browser.page(home)
    for page in (desk, laptop):
        status, answer = await page.ask("POST", "/session", {"login": LOGIN, "password": PASSWORD})
        assert status == 200, answer
        page.token = answer["access_token"]
    await enrol(desk)
    yield Keys(home, desk, laptop)


def on_localhost(url: str) -> str:
    """A browser takes no address for the name of a relying party."""
    return f"http://localhost:{urlsplit(url).port}/"


async def enrol(page: Page) -> None:
    status, begun = await page.ask("POST", "/me/second-factors/webauthn")
    assert status == 201, begun
    made = await page.create(begun["options"])
    path = f"/me/second-factors/webauthn/{begun['factor']}/confirmation"
    status, answer = await page.ask("POST", path, {"credential": made})
    assert status == 201 and len(answer["recovery_codes"]) == 10, answer


async def asked(page: Page, path: str = "/session", **body: str) -> dict[str, Any]:
    """The challenge that the API gives whoever has the password and no more."""
    status, problem = await page.ask("POST", path, body)
    assert (status, problem["code"]) == (401, "identity.second-factor-needed"), problem
    found: dict[str, Any] = problem["webauthn"]
    return found


async def sign_in(call: Caller, challenge: str, assertion: dict[str, Any]) -> httpx.Response:
    body = {"login": LOGIN, "password": PASSWORD, "challenge": challenge, "assertion": assertion}
    return await call(None, "POST", "/identity/session", json=body)


def claims(token: str) -> dict[str, Any]:
    text = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return found


async def test_password_and_key_open_a_session_and_the_same_answer_opens_no_second(keys: Keys, call: Caller) -> None:
    challenge = await asked(keys.desk, login=LOGIN, password=PASSWORD)
    assertion = await keys.desk.sign(challenge["options"])
    proof = {"challenge": challenge["challenge"], "assertion": assertion}
    status, answer = await keys.desk.ask("POST", "/session", {"login": LOGIN, "password": PASSWORD, **proof})
    assert status == 200, answer
    assert claims(answer["access_token"])["amr"] == ["pwd", "hwk"]
    refused(await sign_in(call, challenge["challenge"], assertion), 401, "identity.second-factor-wrong")
    fresh = await asked(keys.desk, login=LOGIN, password=PASSWORD)
    refused(await sign_in(call, fresh["challenge"], assertion), 401, "identity.second-factor-wrong")


async def test_what_was_signed_for_another_page_opens_nothing(keys: Keys, stack: Stack, call: Caller) -> None:
    """Another port has the same RP ID, so the browser signs: only the origin in what it signed gives it away."""
    challenge = await asked(keys.desk, login=LOGIN, password=PASSWORD)
    await keys.desk.open(on_localhost(stack.service_url("identity")))
    assertion = await keys.desk.sign(challenge["options"])
    refused(await sign_in(call, challenge["challenge"], assertion), 401, "identity.second-factor-wrong")
    await keys.desk.open(f"{stack.gateway}/")
    with pytest.raises(ScriptFailed, match="SecurityError"):
        await keys.desk.sign(challenge["options"])
    await keys.desk.open(keys.home)


async def test_a_session_from_before_the_key_steps_up_with_it(keys: Keys) -> None:
    """The key is carried to the other machine; what was left behind is then a copy with an old counter."""
    await keys.desk.carry_key_to(keys.laptop)
    laptop, guarded = keys.laptop, "/me/second-factors/totp"
    status, problem = await laptop.ask("POST", guarded)
    assert (status, problem["code"]) == (403, "platform.step-up-required"), problem
    challenge = await asked(laptop, "/session/step-up")
    proof = {"challenge": challenge["challenge"], "assertion": await laptop.sign(challenge["options"])}
    status, answer = await laptop.ask("POST", "/session/step-up", proof)
    assert status == 200, answer
    laptop.token = answer["access_token"]
    assert claims(laptop.token)["amr"] == ["pwd", "hwk"]
    assert (await laptop.ask("POST", guarded))[0] == 201
    status, problem = await laptop.ask("POST", "/session/step-up", proof)
    assert (status, problem["code"]) == (401, "identity.second-factor-wrong"), problem
    behind = await asked(keys.desk, "/session/step-up")
    copied = {"challenge": behind["challenge"], "assertion": await keys.desk.sign(behind["options"])}
    status, problem = await keys.desk.ask("POST", "/session/step-up", copied)
    assert (status, problem["code"]) == (401, "identity.second-factor-wrong"), problem

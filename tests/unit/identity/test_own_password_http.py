"""修改密码 by whoever is signed in, over HTTP on the memory store: accounts and officials."""

from typing import Any

import pytest

from libs.events.contracts.accounts import PasswordChanged
from libs.events.contracts.identity import AccountTokensRevoked
from services.identity.domain.accounts.refusals import AccountUnknown
from services.identity.domain.accounts.upkeep import ChangePassword
from tests.unit.identity.kit import ACCOUNT, LATER, MYSELF, NOW, given_account
from tests.unit.identity.post import Post, with_post
from tests.unit.identity.shell import Browser, Stage
from tests.unit.identity.stories import PASSWORD, on_stage, registered, verified
from tests.unit.identity.test_accounts import REGISTERED
from tests.unit.identity.test_offices_http import appointed, office, signed_in

NEW = "Lantern-77-orbit"
LOGIN = "xiamen01"


async def change(browser: Browser, present: str = PASSWORD, new: str = NEW, key: str = "") -> Any:
    return await browser.post("/me/password", {"password": present, "new_password": new}, key)


async def a_second_later(stage: Stage, login: str) -> Browser:
    """Another session of the same holder; what ends sessions ends those that began before."""
    browser = stage.browser("10.0.0.2")
    assert (await browser.sign_in(login, PASSWORD)).status_code == 200
    stage.wall.pass_seconds(1)
    return browser


@on_stage
async def test_the_present_password_sets_another_and_every_other_session_ends(stage: Stage) -> None:
    browser = await registered(stage)
    other = await a_second_later(stage, LOGIN)
    answer = await change(browser)
    assert answer.status_code == 201 and answer.json()["changed"], answer.text
    assert (await other.get("/me")).status_code == (await other.post("/session/refresh")).status_code == 401
    assert (await browser.get("/me")).status_code == 200
    refreshed = await browser.post("/session/refresh")
    assert refreshed.status_code == 200
    assert [one["current"] for one in (await browser.get("/me/sessions")).json()["sessions"]] == [True]
    assert (await stage.browser("10.0.0.3").sign_in(LOGIN, PASSWORD)).status_code == 401
    assert (await stage.browser("10.0.0.4").sign_in(LOGIN, NEW)).status_code == 200


@on_stage
async def test_a_session_that_was_spared_ends_with_the_next_revocation(stage: Stage) -> None:
    browser = await registered(stage)
    stage.wall.pass_seconds(1)
    await change(browser)
    stage.wall.pass_seconds(1)
    assert (await browser.post("/me/revocation", {"reason": "遗失"})).status_code == 201
    assert (await browser.get("/me")).status_code == (await browser.post("/session/refresh")).status_code == 401


@on_stage
async def test_asked_again_it_is_answered_as_the_first_time(stage: Stage) -> None:
    browser = await registered(stage)
    first = await change(browser, key="once")
    assert (await change(browser, key="once")).json() == first.json()
    assert (await change(browser, key="once", new="Another-88-orbit")).json()["code"] == "identity.password-wrong"


@on_stage
async def test_without_the_present_password_nothing_changes_and_nobody_guesses_on(stage: Stage) -> None:
    browser = await registered(stage)
    for _ in range(5):
        wrong = await change(browser, present="Wrong-pass-1")
        assert (wrong.status_code, wrong.json()["code"]) == (422, "identity.password-wrong")
    limited = await change(browser)
    assert (limited.status_code, limited.json()["code"]) == (429, "identity.too-many-attempts")
    await stage.runtime.notes.settled()
    noted = await stage.runtime.notes.documents.find({"kind": "sign-in-failed"})
    assert len(noted) == 5 and {one["from"] for one in noted} == {"10.0.0.1"}
    assert (await stage.browser("10.0.0.3").sign_in(LOGIN, PASSWORD)).status_code == 200
    stage.wall.pass_seconds(901)
    browser.token = (await browser.post("/session/refresh")).json()["access_token"]
    assert (await change(browser)).status_code == 201


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("short", "identity.password-not-allowed"), ("P@ssw0rd2024!", "identity.password-common"),
        (f"{LOGIN}-lantern", "identity.password-not-allowed"), ("Xiaojuren#2024", "identity.password-from-context"),
        ("a#13800138000", "identity.password-from-context"), ("someone@2024!", "identity.password-from-context"),
        ("914403001922038216#x", "identity.password-from-context"), (PASSWORD, "identity.password-not-allowed"),
    ],
)  # fmt: skip
def test_it_is_chosen_by_the_same_rules_as_at_registration(new: str, code: str) -> None:
    @on_stage
    async def story(stage: Stage) -> None:
        answer = await change(await verified(stage), new=new)
        told = answer.json()
        assert answer.status_code == 422
        assert code in {one["code"] for one in told.get("refusals", [told])}

    story()


@on_stage
async def test_an_official_does_the_same_and_does_not_name_themself_in_it(stage: Stage) -> None:
    await appointed(await stage.administrator(), "county12", office("reviewer"))
    browser = await signed_in(stage, "county12")
    other = await a_second_later(stage, "county12")
    named = await change(browser, new="Lantern-County12-9")
    assert named.json()["code"] == "identity.password-not-allowed"
    assert (await change(browser)).status_code == 201
    assert (await other.get("/me")).status_code == 401
    assert (await browser.get("/me")).json()["office"]["role"] == "reviewer"
    assert (await signed_in(stage, "county12", NEW)).token


@with_post
async def test_whoever_has_the_account_hears_of_it(post: Post) -> None:
    browser = await registered(post.stage)
    assert (await change(browser)).status_code == 201
    assert any("已修改" in text for text in await post.to("+8613800138000"))


def test_it_is_said_and_everything_else_ends() -> None:
    command = ChangePassword("c" * 32, NOW, MYSELF, ACCOUNT, LATER, "5" * 32)
    given_account(REGISTERED).when(command).then(
        PasswordChanged(NOW, ACCOUNT), AccountTokensRevoked(NOW, ACCOUNT, LATER, "password-changed", "5" * 32)
    )
    given_account().when(command).then_refused(AccountUnknown)

"""Signing in, cookies, refreshing, tokens and their end, over HTTP on the memory store."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from libs.events.ids import enterprise_id
from services.identity import signing
from tests.unit.identity.kit import COMPANY, RULES
from tests.unit.identity.shell import Stage
from tests.unit.identity.stories import PASSWORD, REAL_NAME, claims_of, on_stage, registered, verified


@on_stage
async def test_claims_are_those_that_were_published(stage: Stage) -> None:
    browser = await verified(stage)
    await browser.post("/session/refresh")
    token = (await browser.sign_in("xiamen01", PASSWORD)).json()["access_token"]
    claims = await claims_of(stage, token)
    assert set(claims) == {"iss", "aud", "sub", "sid", "kind", "enterprise", "iat", "exp"}
    assert (claims["iss"], claims["aud"], claims["kind"]) == ("tidu-test", "tidu", "legal")
    assert claims["enterprise"] == enterprise_id(COMPANY)
    assert claims["exp"] - claims["iat"] <= 300


@on_stage
async def test_unknown_and_wrong_are_answered_alike(stage: Stage) -> None:
    await registered(stage)
    unknown = await stage.browser().sign_in("nobody01", PASSWORD)
    wrong = await stage.browser().sign_in("xiamen01", "Wrong-pass-1")
    assert unknown.status_code == wrong.status_code == 401
    assert unknown.json() == wrong.json()


@on_stage
async def test_guessing_is_stopped_for_the_guesser_only(stage: Stage) -> None:
    await registered(stage)
    guesser = stage.browser("10.0.0.66")
    codes = [(await guesser.sign_in("xiamen01", f"Wrong-pass-{n}")).status_code for n in range(6)]
    assert codes == [401] * 5 + [429]
    assert (await guesser.sign_in("xiamen01", PASSWORD)).status_code == 429
    assert (await stage.browser().sign_in("xiamen01", PASSWORD)).status_code == 200
    stage.wall.pass_seconds(901)
    assert (await guesser.sign_in("xiamen01", PASSWORD)).status_code == 200


@on_stage
async def test_many_who_sign_in_from_one_address_do_not_lock_it_but_many_guesses_do(stage: Stage) -> None:
    await registered(stage)
    office = stage.browser("10.0.0.77")
    for _ in range(RULES["sign_in"]["attempts_per_address"] + 5):
        assert (await office.sign_in("xiamen01", PASSWORD)).status_code == 200
    for n in range(RULES["sign_in"]["attempts_per_address"]):
        assert (await office.sign_in(f"guess{n}", PASSWORD)).status_code == 401
    assert (await office.sign_in("xiamen01", PASSWORD)).status_code == 429
    assert (await stage.browser().sign_in("xiamen01", PASSWORD)).status_code == 200


@on_stage
async def test_a_verified_company_signs_in_by_its_credit_code(stage: Stage) -> None:
    await verified(stage)
    answer = await stage.browser().sign_in(" 914403001922038216 ", PASSWORD)
    assert answer.json()["enterprise"] == enterprise_id(COMPANY)
    assert answer.json()["may_declare"] is True


@on_stage
async def test_an_unverified_or_a_natural_account_does_not_sign_in_by_credit_code(stage: Stage) -> None:
    browser = await registered(stage, kind="natural")
    assert (await stage.browser().sign_in(COMPANY, PASSWORD)).status_code == 401
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["verified"]
    assert (await stage.browser().sign_in(COMPANY, PASSWORD)).status_code == 401


@on_stage
async def test_the_refresh_cookie_is_as_it_was_designed(stage: Stage) -> None:
    await registered(stage)
    cookie = (await stage.browser().sign_in("xiamen01", PASSWORD)).headers["set-cookie"]
    assert cookie.startswith("tidu_test=")
    assert {"HttpOnly", "SameSite=strict", "Path=/api/identity/session"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


@on_stage
async def test_a_refresh_changes_the_secret_and_keeps_the_session(stage: Stage) -> None:
    browser = await registered(stage)
    before = browser.http.cookies["tidu_test"]
    answer = await browser.post("/session/refresh")
    assert answer.status_code == 200
    after = browser.http.cookies["tidu_test"]
    assert before != after
    assert before.split(".")[0] == after.split(".")[0] == answer.json()["sid"]


@on_stage
async def test_a_stolen_cookie_ends_the_session_of_both(stage: Stage) -> None:
    browser = await registered(stage)
    stolen = browser.http.cookies["tidu_test"]
    await browser.post("/session/refresh")
    thief = stage.browser("10.6.6.6")
    thief.http.cookies.set("tidu_test", stolen, domain="127.0.0.1", path="/api/identity/session")
    soon = await thief.post("/session/refresh")
    assert soon.json()["code"] == "identity.refreshed-elsewhere"
    stage.wall.pass_seconds(11)
    assert (await thief.post("/session/refresh")).json()["code"] == "identity.session-over"
    assert (await browser.post("/session/refresh")).status_code == 401
    assert (await browser.get("/me")).status_code == 401


@on_stage
async def test_another_sites_page_cannot_use_the_cookie(stage: Stage) -> None:
    browser = await registered(stage)
    for origin in (
        "https://evil.example",
        "null",
        "http://127.0.0.1:9999",
        "http://[",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
    ):
        answer = await browser.post("/session/refresh", Origin=origin)
        assert answer.json()["code"] == "identity.foreign-origin", origin
    assert (await browser.post("/session/refresh", Origin="http://127.0.0.1:8080")).status_code == 200
    assert (await browser.post("/session/refresh", Origin="http://localhost:8080")).status_code == 200


@on_stage
async def test_sessions_end_when_idle_and_when_long(stage: Stage) -> None:
    browser = await registered(stage)
    stage.wall.pass_seconds(7_201)
    assert (await browser.post("/session/refresh")).json()["code"] == "identity.session-over"
    browser = stage.browser()
    await browser.sign_in("xiamen01", PASSWORD)
    for _ in range(6):
        stage.wall.pass_seconds(7_000)
        browser.token = (await browser.post("/session/refresh")).json()["access_token"]
    stage.wall.pass_seconds(7_000)
    assert (await browser.post("/session/refresh")).status_code == 401


@on_stage
async def test_a_token_that_ran_out_does_not_stop_a_refresh_or_a_sign_out(stage: Stage) -> None:
    browser = await registered(stage)
    stage.wall.pass_seconds(310)
    assert (await browser.get("/me")).status_code == 401
    assert (await browser.post("/session/refresh")).status_code == 200
    assert (await browser.ask("DELETE", "/session")).status_code == 204
    assert (await browser.post("/session/refresh")).status_code == 401


@on_stage
async def test_signing_out_ends_token_and_cookie_and_may_be_repeated(stage: Stage) -> None:
    browser = await registered(stage)
    assert (await browser.ask("DELETE", "/session")).status_code == 204
    assert (await browser.get("/me")).status_code == 401
    browser.token = ""
    assert (await browser.post("/session/refresh")).status_code == 401
    assert (await browser.ask("DELETE", "/session")).status_code == 204


@on_stage
async def test_revocation_ends_every_session(stage: Stage) -> None:
    browser = await registered(stage)
    elsewhere = stage.browser()
    await elsewhere.sign_in("xiamen01", PASSWORD)
    account = (await browser.get("/me")).json()["id"]
    stage.wall.pass_seconds(1)
    admin = await stage.administrator()
    assert (await admin.post(f"/accounts/{account}/revocation", {"reason": "盗用"})).status_code == 201
    for one in (browser, elsewhere):
        assert (await one.get("/me")).status_code == 401
        one.token = ""
        assert (await one.post("/session/refresh")).status_code == 401
    stage.wall.pass_seconds(1)
    assert (await browser.sign_in("xiamen01", PASSWORD)).status_code == 200


@on_stage
async def test_a_forged_or_borrowed_token_is_of_no_use(stage: Stage) -> None:
    browser = await registered(stage)
    claims = await claims_of(stage, browser.token)
    kid = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"][0]["kid"]
    other = OKPKey.generate_key("Ed25519")
    none = "eyJhbGciOiJub25lIn0." + browser.token.split(".")[1] + "."
    header, body, signature = browser.token.split(".")
    tokens = [
        none,
        jwt.encode({"alg": "EdDSA", "kid": kid}, claims, other, algorithms=["EdDSA"]),
        f"{header}.{body[:-4]}AAAA.{signature}",
        f"{header}.{body}.",
        "a.b.c",
        "not a token",
    ]
    for token in tokens:
        browser.token = token
        assert (await browser.get("/me")).status_code == 401, token


@pytest.mark.parametrize("change", [{"aud": "other"}, {"iss": "tidu-other"}, {"exp": 0.0}, {"exp": 9e9}, {"sid": None}])
def test_a_token_with_other_claims_is_of_no_use(change: dict[str, Any]) -> None:
    async def story(stage: Stage) -> None:
        browser = await registered(stage)
        claims = await claims_of(stage, browser.token)
        (document,) = await stage.runtime.documents("signing_keys").find({})
        key = signing._open(stage.runtime, document["_id"], document["sealed"])
        header = {"alg": "EdDSA", "kid": document["_id"]}
        browser.token = jwt.encode(header, claims, key, algorithms=["EdDSA"])
        assert (await browser.get("/me")).status_code == 200
        browser.token = jwt.encode(header, claims | change, key, algorithms=["EdDSA"])
        assert (await browser.get("/me")).status_code == 401

    on_stage(story)()

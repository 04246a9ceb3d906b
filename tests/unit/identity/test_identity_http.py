"""Identity over HTTP, from registration to signing out, on the memory store."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey

from libs.events.contracts.base import Event, personal_values
from libs.events.contracts.identity import AccountRegistered, RealNameRequested
from libs.events.envelope import Commit
from libs.events.ids import enterprise_id
from libs.events.web.desk import events_of
from services.identity import credentials, signing, tidying
from services.identity.domain.accounts.commands import account_id, holder_of
from services.identity.domain.accounts.creditcode import check_character
from services.identity.domain.rules import account_rules
from services.identity.passwords import passwords_of
from services.identity.settings import Settings
from tests.unit.identity.kit import COMPANY, NOW, RULES
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


def on_stage(story: Story) -> Callable[[], None]:
    """Run a story on a fresh deployment."""

    def test() -> None:
        async def run() -> None:
            stage = await open_stage(NOW)
            with patch("libs.events.web.principals.wall_seconds", lambda: stage.wall() / 1000):
                await story(stage)

        asyncio.run(run())

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test


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


@on_stage
async def test_one_registers_and_signs_in_at_once(stage: Stage) -> None:
    browser = stage.browser()
    answer = await browser.post("/accounts", REGISTRATION)
    assert answer.status_code == 201
    signed_in = (await browser.sign_in("XiaMen01", PASSWORD)).json()
    assert signed_in["id"] == answer.json()["account"]
    assert (signed_in["kind"], signed_in["verified"], signed_in["may_declare"]) == ("legal", False, False)
    me = (await browser.get("/me")).json()
    assert (me["phone"], me["email"], me["real_name"]) == ("138****8000", "s***@example.com", "未实名")
    assert "实名" in me["notice"]["text"]


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
async def test_a_repeated_registration_gets_its_first_answer(stage: Stage) -> None:
    browser = stage.browser()
    first = await browser.post("/accounts", REGISTRATION, key="same")
    again = await browser.post("/accounts", REGISTRATION, key="same")
    assert first.json() == again.json()
    other = await browser.post("/accounts", REGISTRATION, key="other")
    assert other.json()["code"] == "identity.already-registered"


@on_stage
async def test_a_taken_login_name_comes_with_free_ones(stage: Stage) -> None:
    await registered(stage)
    answer = await stage.browser().post("/accounts", REGISTRATION | {"phone": "13700137000"})
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.login-taken")
    suggestions = answer.json()["suggestions"]
    assert len(suggestions) == 3
    free = await stage.browser().post("/login-names", {"login": suggestions[0]})
    assert free.json() == {"free": True, "suggestions": []}
    taken = await stage.browser().post("/login-names", {"login": "XIAMEN01"})
    assert taken.json()["free"] is False


@on_stage
async def test_after_a_taken_phone_the_login_name_is_free_again(stage: Stage) -> None:
    await registered(stage)
    answer = await stage.browser().post("/accounts", REGISTRATION | {"login": "another1"})
    assert answer.json()["code"] == "identity.phone-taken"
    await registered(stage, login="another1", phone="13700137000")


@on_stage
async def test_everything_wrong_with_a_registration_is_said_together(stage: Stage) -> None:
    body = {**REGISTRATION, "login": "短", "password": "short", "phone": "123", "email": "nobody"}
    answer = await stage.browser().post("/accounts", body)
    codes = {refusal["code"] for refusal in answer.json()["refusals"]}
    assert codes == {
        "identity.login-not-allowed", "identity.password-not-allowed", "identity.phone-not-allowed",
        "identity.email-not-allowed",
    }  # fmt: skip
    missing = await stage.browser().post("/accounts", REGISTRATION | {"agreements": []})
    assert missing.json()["code"] == "identity.agreements-missing"


@pytest.mark.parametrize("change", [{"role": "admin"}, {"kind": "official"}, {"login": {"$ne": ""}}, {"phone": None}])
def test_what_does_not_belong_into_a_registration_is_refused(change: dict[str, Any]) -> None:
    async def story(stage: Stage) -> None:
        assert (await stage.browser().post("/accounts", REGISTRATION | change)).status_code == 422

    on_stage(story)()


@on_stage
async def test_nothing_personal_is_in_the_log(stage: Stage) -> None:
    await verified(stage)
    shards = [await stage.runtime.store.read_shard(s, 0, 1000) for s in range(6)]
    written = "".join(e.body for commits in shards for c in commits for e in c.events)
    for text in ("xiamen01", "13800138000", "someone@example.com", "张三", "11010519491231002X", PASSWORD, "argon2"):
        assert text not in written


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
async def test_a_natural_person_is_told_both_ways(stage: Stage) -> None:
    browser = await registered(stage, kind="natural")
    me = (await browser.get("/me")).json()
    assert me["kind"] == "natural"
    assert len(me["notice"]["ways_out"]) == 2
    await browser.post("/me/real-name", REAL_NAME)
    bound = (await browser.post("/session/refresh")).json()
    assert (bound["kind"], bound["account_kind"]) == ("legal", "natural")
    assert (await claims_of(stage, bound["access_token"]))["kind"] == "legal"


@on_stage
async def test_a_refused_real_name_says_every_reason_and_the_way_out(stage: Stage) -> None:
    browser = await registered(stage)
    wrong = REAL_NAME | {"credit_code": "91440300192203821I", "document_number": "11010519491231002x1"}
    answer = await browser.post("/me/real-name", wrong)
    assert answer.status_code == 201
    assert [r["code"] for r in answer.json()["reasons"]] == ["credit-code.letter", "id-number.format"]
    assert all(r["way_out"] for r in answer.json()["reasons"])
    assert answer.json()["contact"]["phone"]
    manual = await browser.post("/me/real-name", REAL_NAME | {"document_type": "passport"})
    assert manual.json()["reasons"][0]["code"] == "document.manual-check"
    assert (await browser.get("/me")).json()["refused"][0]["code"] == "document.manual-check"
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["verified"]


@on_stage
async def test_a_credit_code_is_taken_when_verified_not_when_typed(stage: Stage) -> None:
    first = await registered(stage)
    second = await registered(stage, login="another1", phone="13700137000")
    assert not (
        await first.post("/me/real-name", REAL_NAME | {"promise": True, "name": "x", "document_number": "1"})
    ).json()["verified"]
    assert (await second.post("/me/real-name", REAL_NAME)).json()["verified"]
    answer = await first.post("/me/real-name", REAL_NAME)
    assert [r["code"] for r in answer.json()["reasons"]] == ["credit-code.taken"]
    assert "人工核验" in answer.json()["reasons"][0]["way_out"]


@pytest.mark.parametrize("first17", ["A1110000600037341", "N2330106MA2CXXXX1", "Y1110000MA01N1234"])
def test_codes_of_other_registering_bodies_are_verified(first17: str) -> None:
    async def story(stage: Stage) -> None:
        code = (first17 + check_character(first17)).lower()
        browser = await registered(stage)
        assert (await browser.post("/me/real-name", REAL_NAME | {"credit_code": code})).json()["verified"]

    on_stage(story)()


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
    for origin in ("https://evil.example", "null", "http://127.0.0.1:9999"):
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
async def test_the_administrator_exists_once(stage: Stage) -> None:
    for hook in stage.runtime.service.on_start:
        await hook(stage.runtime)
    keys = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"]
    assert len(keys) == 1
    assert set(keys[0]) == {"kty", "crv", "x", "kid", "alg", "use"}
    me = (await (await stage.administrator()).get("/me")).json()
    assert me["office"]["role"] == "system_administrator"
    assert len(me["appointments"]) == 1


@on_stage
async def test_an_official_is_appointed_and_signs_in(stage: Stage) -> None:
    admin = await stage.administrator()
    answer = await admin.post("/officials", APPOINTMENT)
    assert answer.status_code == 201, answer.text
    officer = stage.browser()
    signed_in = (await officer.sign_in("nanjing01", PASSWORD)).json()
    assert signed_in["appointment"] == answer.json()["appointment"]
    assert (await claims_of(stage, signed_in["access_token"]))["appointment"] == signed_in["appointment"]
    assert (await officer.get("/me")).json()["office"] == APPOINTMENT["office"]
    assert (await officer.post("/officials", APPOINTMENT)).json()["code"] == "platform.not-permitted"
    listed = (await admin.get("/officials?region=320102")).json()
    assert [o["name"] for o in listed["officials"]] == ["李*"]


@on_stage
async def test_of_several_appointments_one_is_chosen(stage: Stage) -> None:
    admin = await stage.administrator()
    first = (await admin.post("/officials", APPOINTMENT)).json()
    city = {"authority": "320000", "level": "city", "region": "320100", "role": "window_manager"}
    second = await admin.post(
        f"/officials/{first['official']}/appointments", {"office": city, "document": "宁工信人〔2024〕2号"}
    )
    assert second.status_code == 201, second.text
    officer = stage.browser()
    signed_in = (await officer.sign_in("nanjing01", PASSWORD)).json()
    assert signed_in["appointment"] is None
    assert {a["appointment"] for a in signed_in["appointments"]} == {first["appointment"], second.json()["appointment"]}
    chosen = await officer.post("/session/appointment", {"appointment": second.json()["appointment"]})
    officer.token = chosen.json()["access_token"]
    assert (await officer.get("/me")).json()["office"] == city
    named = await stage.browser().sign_in("nanjing01", PASSWORD, appointment=first["appointment"])
    assert named.json()["appointment"] == first["appointment"]
    foreign = await officer.post("/session/appointment", {"appointment": "f" * 32})
    assert foreign.json()["code"] == "identity.not-appointed"


@on_stage
async def test_an_ended_appointment_is_of_no_use_at_once(stage: Stage) -> None:
    admin = await stage.administrator()
    made = (await admin.post("/officials", APPOINTMENT)).json()
    officer = stage.browser()
    await officer.sign_in("nanjing01", PASSWORD)
    path = f"/officials/320000/{made['official']}"
    assert (await admin.post(f"{path}/appointments/{made['appointment']}/end", {"reason": "调离"})).status_code == 201
    assert (await officer.get("/me")).status_code == 401
    assert (await stage.browser().sign_in("nanjing01", PASSWORD)).json()["code"] == "identity.not-appointed"
    assert (await admin.get(path)).json()["appointments"][0]["ended"] == "调离"
    again = await admin.post(f"{path}/appointments/{made['appointment']}/end", {"reason": "调离"})
    assert again.json()["unchanged"] is True


@on_stage
async def test_an_officials_login_name_cannot_be_registered_and_the_other_way_round(stage: Stage) -> None:
    admin = await stage.administrator()
    await admin.post("/officials", APPOINTMENT)
    taken = await stage.browser().post("/accounts", REGISTRATION | {"login": "NanJing01"})
    assert taken.json()["code"] == "identity.login-taken"
    await registered(stage)
    answer = await admin.post("/officials", APPOINTMENT | {"login": "xiamen01"})
    assert answer.json()["code"] == "identity.login-taken"
    wrong = await admin.post(
        "/officials", APPOINTMENT | {"login": "another1", "office": APPOINTMENT["office"] | {"region": "350203"}}
    )
    assert wrong.json()["code"] == "identity.office-wrong"


@on_stage
async def test_business_time_is_moved_by_the_administrator_only(stage: Stage) -> None:
    admin = await stage.administrator()
    moved = await admin.post("/clock", {"at": "2027-01-01T00:00:00Z", "reason": "演示"})
    assert moved.status_code == 201, moved.text
    clock = (await stage.browser().get("/clock")).json()
    assert clock["business"] == "2027-01-01T00:00:00.000Z"
    assert clock["wall"] == "2024-05-06T01:00:00.000Z"
    assert (await stage.browser().post("/clock", {"offset_ms": 0})).status_code == 401
    assert (await (await registered(stage)).post("/clock", {"offset_ms": 0})).status_code == 403
    assert (await admin.post("/clock", {})).status_code == 422
    back = await admin.post("/clock", {"offset_ms": 0, "reason": "演示结束"})
    assert back.status_code == 201


@on_stage
async def test_keys_are_rotated_with_notice(stage: Stage) -> None:
    admin = await stage.administrator()
    old = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"][0]["kid"]
    (kid,) = (await admin.post("/signing-keys", {}, key="once")).json()["published"]
    assert (await admin.post("/signing-keys", {}, key="once")).json()["published"] == [kid]
    assert len(await stage.runtime.documents("signing_keys").find({})) == 2
    keys = (await stage.browser().get("/.well-known/jwks.json")).json()["keys"]
    assert {key["kid"] for key in keys} == {old, kid}
    assert (await admin.post(f"/signing-keys/{old}/retirement", {"reason": "更换"})).status_code == 409
    stage.wall.pass_seconds(60)
    admin = await stage.administrator()
    assert (await admin.post(f"/signing-keys/{old}/retirement", {"reason": "更换"})).status_code == 201
    assert (await admin.get("/me")).status_code == 200


@on_stage
async def test_a_private_key_is_never_readable_where_it_lies(stage: Stage) -> None:
    documents = await stage.runtime.documents("signing_keys").find({})
    assert len(documents) == 1
    assert set(documents[0]) == {"_id", "sealed", "at"}


@on_stage
async def test_an_abandoned_registration_is_continued_with_its_own_password_only(stage: Stage) -> None:
    sealer, runtime = stage.runtime.sealer, stage.runtime
    account = account_id(sealer.blind("login", "xiamen01"), sealer.blind("phone", "+8613800138000"))
    await credentials.keep(
        runtime.documents("credentials"), passwords_of(runtime.settings), holder_of(account), "Other-pass-1",
        runtime.wall(), 1_800_000, authority="",
    )  # fmt: skip
    answer = await stage.browser().post("/accounts", REGISTRATION)
    assert answer.json()["code"] == "identity.registration-running"
    stage.wall.pass_seconds(1_801)
    assert (await stage.browser().post("/accounts", REGISTRATION)).status_code == 201


@on_stage
async def test_credentials_of_abandoned_registrations_are_tidied_away(stage: Stage) -> None:
    await registered(stage)
    runtime = stage.runtime
    documents = runtime.documents("credentials")
    await credentials.keep(
        documents,
        passwords_of(runtime.settings),
        holder_of("f" * 32),
        PASSWORD,
        runtime.wall(),
        1_800_000,
        authority="",
    )
    known = await documents.count({})
    await tidying.tidy_once(runtime)
    assert await documents.count({}) == known
    stage.wall.pass_seconds(3_601)
    await tidying.tidy_once(runtime)
    assert await documents.get(holder_of("f" * 32)) is None
    assert await documents.count({"settled": True}) == known - 1
    assert (await stage.browser().sign_in("xiamen01", PASSWORD)).status_code == 200


@on_stage
async def test_registrations_and_login_names_are_limited_per_address(stage: Stage) -> None:
    few = {"attempts_per_address": 2, "window_seconds": 900}
    with patch.dict(account_rules(stage.runtime.policies.at(NOW)), {"registration": few, "login_names": few}):
        for path, body in (("/accounts", REGISTRATION | {"login": "短"}), ("/login-names", {"login": "xiamen01"})):
            first = [(await stage.browser().post(path, body)).status_code for _ in range(2)]
            assert 429 not in first
            assert (await stage.browser().post(path, body)).status_code == 429
            assert (await stage.browser("10.0.0.7").post(path, body)).status_code != 429


def test_registering_has_threads_of_its_own() -> None:
    settings = Settings(argon2_memory_kib=64, argon2_rounds=1)
    assert passwords_of(settings, "registration") is not passwords_of(settings)


@on_stage
async def test_reading_personal_data_is_noted(stage: Stage) -> None:
    browser = await registered(stage)
    await browser.get("/me")
    noted = await stage.runtime.documents("personal_reads").find({})
    assert {n["label"] for n in noted} >= {"account_login", "account_phone", "account_email"}


async def said(stage: Stage, type_: type[E]) -> list[tuple[Commit, E]]:
    """What was recorded, of one kind."""
    store = stage.runtime.store
    commits = [commit for shard in range(6) for commit in await store.read_shard(shard, 0, 1_000)]
    return [(commit, event) for commit in commits for event in events_of(commit) if isinstance(event, type_)]


@on_stage
async def test_the_legal_representative_is_one_subject_by_name(stage: Stage) -> None:
    await verified(stage)
    [(_, request)] = await said(stage, RealNameRequested)
    subject = stage.runtime.sealer.person(enterprise_id(COMPANY), "张 三")
    assert {value.subject for value in personal_values(request)} == {subject}


@on_stage
async def test_who_registers_is_a_public_actor_of_their_own(stage: Stage) -> None:
    await stage.browser().post("/accounts", REGISTRATION, key="one")
    other = await stage.browser().post(
        "/accounts", REGISTRATION | {"login": "other01", "phone": "13700137000"}, key="one"
    )
    assert other.status_code == 201
    actors = [commit.actor for commit, _ in await said(stage, AccountRegistered)]
    assert len(set(actors)) == 2
    assert all(re.fullmatch("public:[0-9a-f]{32}", actor) for actor in actors)


@on_stage
async def test_account_lists_are_for_administrators(stage: Stage) -> None:
    browser = await verified(stage)
    assert (await browser.get("/accounts")).status_code == 403
    assert (await stage.browser().get("/accounts")).status_code == 401
    found = (await (await stage.administrator()).get(f"/accounts?credit_code={COMPANY}")).json()
    assert found["total"] == 1
    assert (found["accounts"][0]["real_name"], found["accounts"][0]["phone"]) == ("已实名", "138****8000")
    assert "login" not in found["accounts"][0]


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

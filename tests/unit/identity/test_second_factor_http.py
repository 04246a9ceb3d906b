"""二次验证 and 再次验证 of officials, over HTTP on the memory store: authenticators, security keys, recovery codes."""

from itertools import count
from typing import Any

import pyotp
import pytest
from pydantic import ValidationError

from services.identity.factors import required
from services.identity.settings import Settings
from tests.unit.identity.authenticator import SecurityKey
from tests.unit.identity.shell import Browser, Stage
from tests.unit.identity.stories import PASSWORD, claims_of, on_stage, registered, staged
from tests.unit.identity.test_offices_http import OWN_PASSWORD, appointed, office, one_of_three, signed_in

LOGIN = "county12"
PAGE = "http://localhost:8080"
"""What a browser calls our loopback address where security keys are asked."""
where_required = staged(second_factor="required")


def code_of(stage: Stage, secret: str, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(stage.wall() // 1000 + later)


async def enrolled(stage: Stage, browser: Browser) -> tuple[str, list[str]]:
    """An authenticator's secret, and the recovery codes that came with it."""
    begun = (await browser.post("/me/second-factors/totp")).json()
    path = f"/me/second-factors/totp/{begun['factor']}/confirmation"
    answer = await browser.post(path, {"code": code_of(stage, begun["secret"])})
    assert answer.status_code == 201, answer.text
    stage.wall.pass_seconds(30)
    return begun["secret"], answer.json().get("recovery_codes", [])


async def reviewer(stage: Stage) -> Browser:
    await appointed(await stage.administrator(), LOGIN, office("reviewer"))
    return await signed_in(stage, LOGIN)


_addresses = count(1)


async def attempt(stage: Stage, **proof: Any) -> Any:
    """From an address of its own each time: what is counted by address does not come in between."""
    n = next(_addresses)
    return await stage.browser(f"10.3.{n // 250}.{n % 250}").sign_in(LOGIN, PASSWORD, **proof)


@on_stage
async def test_with_an_authenticator_the_password_alone_is_not_enough(stage: Stage) -> None:
    secret, codes = await enrolled(stage, await reviewer(stage))
    assert len(set(codes)) == 10
    without = await attempt(stage)
    assert (without.status_code, without.json()["code"]) == (401, "identity.second-factor-needed")
    assert without.json()["kinds"] == ["totp"] and without.json()["way_out"]
    assert "access_token" not in without.json() and not without.cookies
    wrong = await attempt(stage, code="000000")
    assert (wrong.status_code, wrong.json()["code"]) == (401, "identity.second-factor-wrong")
    right = await attempt(stage, code=code_of(stage, secret))
    assert right.status_code == 200
    claims = await claims_of(stage, right.json()["access_token"])
    assert claims["amr"] == ["pwd", "otp"] and claims["step_up"] - claims["iat"] == 600


@on_stage
async def test_a_code_counts_once_and_only_around_its_time(stage: Stage) -> None:
    secret, _ = await enrolled(stage, await reviewer(stage))
    code = code_of(stage, secret)
    assert (await attempt(stage, code=code)).status_code == 200
    assert (await attempt(stage, code=code)).json()["code"] == "identity.second-factor-wrong"
    earlier = code_of(stage, secret, -30)
    assert (await attempt(stage, code=earlier)).json()["code"] == "identity.second-factor-wrong"
    assert (await attempt(stage, code=code_of(stage, secret, 90))).json()["code"] == "identity.second-factor-wrong"
    assert (await attempt(stage, code=code_of(stage, secret, 30))).status_code == 200


@on_stage
async def test_codes_cannot_be_guessed(stage: Stage) -> None:
    secret, _ = await enrolled(stage, await reviewer(stage))
    for n in range(5):
        assert (await attempt(stage, code=f"00000{n}")).status_code == 401
    locked = await attempt(stage, code=code_of(stage, secret))
    assert (locked.status_code, locked.json()["code"]) == (429, "identity.too-many-attempts")
    stage.wall.pass_seconds(901)
    assert (await attempt(stage, code=code_of(stage, secret))).status_code == 200


@on_stage
async def test_a_recovery_code_counts_once_and_is_said_in_the_log(stage: Stage) -> None:
    _, codes = await enrolled(stage, await reviewer(stage))
    assert (await attempt(stage, code=codes[0].lower())).status_code == 200
    assert (await attempt(stage, code=codes[0])).json()["code"] == "identity.second-factor-wrong"
    said = [
        c
        for n in range(6)
        for c in await stage.runtime.store.read_shard(n, 0, 10_000)
        if "RecoveryCodeUsed" in c.events[0].type
    ]
    assert len(said) == 1 and '"left":9' in said[0].events[0].body
    kept = await stage.runtime.documents("recovery_codes").find({})
    assert not any(code in str(kept) for code in codes)


@on_stage
async def test_secrets_and_codes_are_in_no_event_and_no_document_in_plain(stage: Stage) -> None:
    secret, _ = await enrolled(stage, await reviewer(stage))
    bodies = [e.body for n in range(6) for c in await stage.runtime.store.read_shard(n, 0, 10_000) for e in c.events]
    assert not any(secret in body for body in bodies)
    assert secret not in str(await stage.runtime.documents("second_factors").find({}))


@on_stage
async def test_another_factor_needs_a_fresh_proof_of_the_first(stage: Stage) -> None:
    browser = await reviewer(stage)
    secret, _ = await enrolled(stage, browser)
    await browser.sign_in(LOGIN, PASSWORD, code=code_of(stage, secret))
    stage.wall.pass_seconds(290)
    assert (await browser.post("/me/second-factors/totp")).status_code == 201
    stage.wall.pass_seconds(320)
    browser.token = (await browser.post("/session/refresh")).json()["access_token"]
    stale = await browser.post("/me/second-factors/totp")
    assert (stale.status_code, stale.json()["code"]) == (403, "platform.step-up-required")
    assert stale.json()["reason"] == "step-up-required" and "验证" in stale.json()["way_out"]
    assert (await browser.post("/session/step-up", {})).json()["code"] == "identity.second-factor-needed"
    fresh = await browser.post("/session/step-up", {"code": code_of(stage, secret)})
    assert fresh.status_code == 200, fresh.text
    browser.token = fresh.json()["access_token"]
    assert (await browser.post("/me/second-factors/totp")).status_code == 201


@on_stage
async def test_a_factor_that_was_begun_counts_for_nothing_and_runs_out(stage: Stage) -> None:
    browser = await reviewer(stage)
    begun = (await browser.post("/me/second-factors/totp")).json()
    assert (await attempt(stage)).status_code == 200
    assert (await browser.get("/me/second-factors")).json() == {"factors": [], "recovery_codes_left": 0}
    path = f"/me/second-factors/totp/{begun['factor']}/confirmation"
    assert (await browser.post(path, {"code": "000000"})).json()["code"] == "identity.second-factor-wrong"
    stage.wall.pass_seconds(601)
    browser.token = (await browser.post("/session/refresh")).json()["access_token"]
    late = await browser.post(path, {"code": code_of(stage, begun["secret"])})
    assert late.json()["code"] == "identity.second-factor-wrong"


@on_stage
async def test_nobody_confirms_what_another_has_begun(stage: Stage) -> None:
    browser = await reviewer(stage)
    begun = (await browser.post("/me/second-factors/totp")).json()
    await appointed(await stage.administrator(), "county34", office("auditor"))
    other = await signed_in(stage, "county34")
    path = f"/me/second-factors/totp/{begun['factor']}/confirmation"
    answer = await other.post(path, {"code": code_of(stage, begun["secret"])})
    assert answer.json()["code"] == "identity.second-factor-wrong"


@where_required
async def test_where_it_is_required_nobody_acts_before_one_is_enrolled(stage: Stage) -> None:
    system = await stage.administrator()
    me = (await system.get("/me")).json()
    assert me["office"] is None
    refused = await system.get("/signing-keys")
    assert (refused.status_code, refused.json()["reason"]) == (403, "no-appointment")
    chosen = await system.post("/session/appointment", {"appointment": me["appointments"][0]["appointment"]})
    assert (chosen.status_code, chosen.json()["code"]) == (403, "identity.second-factor-missing")
    secret, _ = await enrolled(stage, system)
    system.token = (await system.post("/session/refresh")).json()["access_token"]
    assert (await system.get("/signing-keys")).status_code == 200
    factor = (await system.get("/me/second-factors")).json()["factors"][0]["factor"]
    last = await system.post(f"/me/second-factors/{factor}/removal", {"reason": "不要了"})
    assert last.json()["code"] == "identity.last-second-factor"
    assert secret


@on_stage
async def test_the_security_administrator_resets_what_is_lost_and_nobody_else(stage: Stage) -> None:
    system = await stage.administrator()
    security = await one_of_three(stage, system, "secure1", "security_administrator", "13700137001")
    made = await appointed(system, LOGIN, office("reviewer"))
    lost = await signed_in(stage, LOGIN)
    await enrolled(stage, lost)
    path = f"/officials/320000/{made['official']}/second-factors/reset"
    assert (await system.post(path, {"reason": "手机遗失"})).status_code == 403
    assert (await security.post(path, {"reason": "手机遗失"})).status_code == 201
    assert (await lost.get("/me")).status_code == 401
    stage.wall.pass_seconds(1)
    assert (await attempt(stage)).status_code == 200
    assert OWN_PASSWORD


@on_stage
async def test_a_session_from_before_the_first_factor_adds_no_second_one(stage: Stage) -> None:
    """Its token says that the password was all the proof there was; that was so when it was issued."""
    first = await reviewer(stage)
    earlier = await signed_in(stage, LOGIN)
    secret, _ = await enrolled(stage, first)
    refused = await earlier.post("/me/second-factors/webauthn")
    assert (refused.status_code, refused.json()["code"]) == (403, "platform.step-up-required")
    stepped = await earlier.post("/session/step-up", {"code": code_of(stage, secret)})
    earlier.token = stepped.json()["access_token"]
    assert (await earlier.post("/me/second-factors/webauthn")).status_code == 201


@on_stage
async def test_a_lost_document_lets_nobody_in_with_the_password_alone(stage: Stage) -> None:
    """The log says that there is a factor; a restore that brought its secret not back does not open the door."""
    await enrolled(stage, await reviewer(stage))
    await stage.runtime.documents("second_factors").delete({})
    await stage.runtime.documents("recovery_codes").delete({})
    refused = await attempt(stage)
    assert refused.json()["code"] == "identity.second-factor-needed" and "安全管理员" in refused.json()["way_out"]
    assert (await attempt(stage, code="123456")).json()["code"] == "identity.second-factor-wrong"


async def with_key(stage: Stage) -> tuple[Browser, SecurityKey]:
    browser, key = await reviewer(stage), SecurityKey(PAGE)
    begun = (await browser.post("/me/second-factors/webauthn")).json()
    path = f"/me/second-factors/webauthn/{begun['factor']}/confirmation"
    answer = await browser.post(path, {"credential": key.create(begun["options"])})
    assert answer.status_code == 201, answer.text
    return browser, key


ORIGINS = (
    ("http://127.0.0.1:8080", "localhost"), ("http://localhost:8080", "localhost"), ("http://[::1]:8080", "localhost"),
    ("https://tidu.example:8443", "tidu.example"),
)  # fmt: skip


@on_stage
async def test_a_security_key_is_bound_to_a_name_never_to_an_address(stage: Stage) -> None:
    browser = await reviewer(stage)
    for origin, rp in ORIGINS:
        stage.runtime.settings = stage.runtime.settings.model_copy(update={"origin": origin})
        begun = (await browser.post("/me/second-factors/webauthn")).json()
        assert begun["options"]["rp"]["id"] == rp
    key = SecurityKey("https://tidu.example:8443", "tidu.example")
    path = f"/me/second-factors/webauthn/{begun['factor']}/confirmation"
    assert (await browser.post(path, {"credential": key.create(begun["options"])})).status_code == 201


async def asked(stage: Stage) -> dict[str, Any]:
    found: dict[str, Any] = (await attempt(stage)).json()["webauthn"]
    return found


@on_stage
async def test_a_security_key_signs_in(stage: Stage) -> None:
    _, key = await with_key(stage)
    challenge = await asked(stage)
    proof = {"challenge": challenge["challenge"], "assertion": key.get(challenge["options"])}
    answer = await attempt(stage, **proof)
    assert answer.status_code == 200, answer.text
    assert (await claims_of(stage, answer.json()["access_token"]))["amr"] == ["pwd", "hwk"]
    assert (await attempt(stage, **proof)).json()["code"] == "identity.second-factor-wrong"


@on_stage
async def test_what_a_security_key_did_not_sign_for_us_is_of_no_use(stage: Stage) -> None:
    _, key = await with_key(stage)
    other, phished, elsewhere = (
        SecurityKey(PAGE),
        SecurityKey("https://tidu.example"),
        SecurityKey(PAGE, "evil.example"),
    )
    for one in (other, phished, elsewhere):
        one.id = key.id
        if one is not other:
            one._key = key._key
    for bad in (other, phished, elsewhere):
        challenge = await asked(stage)
        proof = {"challenge": challenge["challenge"], "assertion": bad.get(challenge["options"])}
        assert (await attempt(stage, **proof)).json()["code"] == "identity.second-factor-wrong"
    stale = await asked(stage)
    mixed = {"challenge": (await asked(stage))["challenge"], "assertion": key.get(stale["options"])}
    assert (await attempt(stage, **mixed)).json()["code"] == "identity.second-factor-wrong"


@on_stage
async def test_a_copied_key_is_noticed_by_its_counter(stage: Stage) -> None:
    _, key = await with_key(stage)
    for _ in range(2):
        challenge = await asked(stage)
        good = {"challenge": challenge["challenge"], "assertion": key.get(challenge["options"])}
        assert (await attempt(stage, **good)).status_code == 200
    key.counter = 0
    challenge = await asked(stage)
    copied = {"challenge": challenge["challenge"], "assertion": key.get(challenge["options"])}
    assert (await attempt(stage, **copied)).json()["code"] == "identity.second-factor-wrong"


@on_stage
async def test_malformed_answers_of_a_key_are_refused_and_break_nothing(stage: Stage) -> None:
    await with_key(stage)
    for assertion in (
        {},
        {"id": 1},
        {"id": "x", "response": []},
        {"id": "x", "rawId": "y", "response": {}, "type": "z"},
    ):
        challenge = await asked(stage)
        answer = await attempt(stage, challenge=challenge["challenge"], assertion=assertion)
        assert answer.status_code in (401, 429), answer.text
        stage.wall.pass_seconds(400)


@on_stage
async def test_an_enterprise_has_nothing_to_prove_twice(stage: Stage) -> None:
    browser = await registered(stage)
    assert (await browser.post("/me/second-factors/totp")).json()["reason"] == "officials-only"
    assert (await browser.post("/session/step-up", {})).status_code == 200


def test_production_does_not_do_without() -> None:
    class Somewhere:
        settings = Settings(profile="test")

    assert required(Somewhere()) is False  # type: ignore[arg-type]
    Somewhere.settings = Settings(profile="test", second_factor="required")
    assert required(Somewhere()) is True  # type: ignore[arg-type]
    Somewhere.settings = Settings.model_construct(profile="production", second_factor="")
    assert required(Somewhere()) is True  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="requires a second factor"):
        Settings(profile="production", second_factor="offered", master_key="x", pepper="x", fingerprint_secret="x")  # type: ignore[arg-type]

"""Accounts over HTTP, from registration to the real name, on the memory store."""

import re
from typing import Any
from unittest.mock import patch

import pytest

from libs.events.contracts.base import personal_values
from libs.events.contracts.identity import AccountRegistered, RealNameRequested
from libs.events.envelope import Commit
from libs.events.ids import enterprise_id
from libs.events.web.desk import events_of
from services.identity import credentials, tidying
from services.identity.domain.accounts.commands import account_id, holder_of
from services.identity.domain.accounts.creditcode import check_character
from services.identity.domain.rules import account_rules
from services.identity.passwords import passwords_of
from services.identity.settings import Settings
from tests.unit.identity.kit import COMPANY, NOW
from tests.unit.identity.shell import Stage
from tests.unit.identity.stories import PASSWORD, REAL_NAME, REGISTRATION, E, claims_of, on_stage, registered, verified


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
async def test_an_officials_reading_of_personal_data_is_noted_and_ones_own_is_not(stage: Stage) -> None:
    browser = await registered(stage)
    await browser.get("/me")
    reads = {"kind": "read"}
    assert await stage.runtime.documents("personal_reads").find(reads) == []
    administrator = await stage.administrator()
    await administrator.get("/me")
    await administrator.get("/accounts")
    [noted] = await stage.runtime.documents("personal_reads").find(reads)
    assert (noted["label"], noted["action"], noted["from"]) == ("account_phone", "identity.read_accounts", "10.9.9.9")
    assert noted["office"]["role"] == "system_administrator" and noted["who"].startswith("official:")


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

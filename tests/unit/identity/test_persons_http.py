"""自然人实名认证 over HTTP: verified, signing in by identity number, still not declaring; the number itself is nowhere."""

from typing import Any

from libs.events.contracts.accounts import CheckRequested, PersonVerified
from services.identity import persons, reserving
from tests.unit.identity.post import Post, with_post
from tests.unit.identity.shell import Browser, Stage
from tests.unit.identity.stories import PASSWORD, REAL_NAME, REGISTRATION, claims_of, on_stage
from tests.unit.identity.test_checks import answered, upload
from tests.unit.identity.test_ways_out import NEW_PASSWORD, PHONE, reset, said

NUMBER, UNKNOWN = "11010519491231002X", "110105194912310038"
PERSON = {"name": "张三", "document_number": NUMBER, "promise": True}
SECOND = {"login": "another01", "phone": "13700137000"}
ROUTE = "/me/real-name/person"


async def natural(stage: Stage, **changes: Any) -> Browser:
    browser = stage.browser()
    assert (await browser.post("/accounts", REGISTRATION | {"kind": "natural"} | changes)).status_code == 201
    assert (await browser.sign_in(changes.get("login", "xiamen01"), PASSWORD)).status_code == 200
    return browser


async def everything_written(stage: Stage) -> str:
    shards = [await stage.runtime.store.read_shard(shard, 0, 1000) for shard in range(6)]
    logged = [event.body for commits in shards for commit in commits for event in commit.events]
    return "".join(logged) + str(vars(stage.runtime.state_store))


@on_stage
async def test_a_verified_natural_person_signs_in_by_identity_number_and_learns_both_ways(stage: Stage) -> None:
    browser = await natural(stage)
    assert (await stage.browser("10.5.0.1").sign_in(NUMBER, PASSWORD)).status_code == 401
    answer = (await browser.post(ROUTE, PERSON)).json()
    assert (answer["verified"], answer["may_declare"]) == (True, False)
    assert len(answer["notice"]["ways_out"]) == 2
    for typed in (NUMBER, NUMBER.lower(), " 110105 19491231 002x"):
        again = stage.browser("10.5.0.2")
        told = await again.sign_in(typed, PASSWORD)
        assert told.status_code == 200, told.text
    content = told.json()
    assert (content["kind"], content["person_verified"], content["real_name"]) == ("natural", True, "已实名")
    assert (content["verified"], content["may_declare"], content["enterprise"]) == (False, False, None)
    assert len(content["notice"]["ways_out"]) == 2
    assert (await claims_of(stage, content["access_token"]))["kind"] == "natural"
    assert (await stage.browser("10.5.0.3").sign_in(NUMBER, "Wrong-pass-1")).status_code == 401


@on_stage
async def test_the_second_way_out_binds_an_enterprise_and_the_number_still_signs_in(stage: Stage) -> None:
    browser = await natural(stage)
    await browser.post(ROUTE, PERSON)
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["verified"]
    told = (await stage.browser().sign_in(NUMBER, PASSWORD)).json()
    assert (told["kind"], told["account_kind"], told["may_declare"]) == ("legal", "natural", True)


@on_stage
async def test_the_number_is_in_no_event_and_no_document(stage: Stage) -> None:
    browser = await natural(stage)
    await browser.post(ROUTE, PERSON)
    await stage.browser().sign_in(NUMBER, PASSWORD)
    written = await everything_written(stage)
    assert "resident_id" in written and "argon2" in written
    for text in (NUMBER, "张三"):
        assert text not in written


@on_stage
async def test_a_number_belongs_to_one_account(stage: Stage) -> None:
    first, second = await natural(stage), await natural(stage, **SECOND)
    assert (await first.post(ROUTE, PERSON)).json()["verified"]
    taken = (await second.post(ROUTE, PERSON)).json()
    assert taken["verified"] is False and [one["code"] for one in taken["reasons"]] == ["id-number.taken"]
    assert (await second.get("/me")).json()["person_refused"][0]["way_out"]
    assert (await second.post(ROUTE, PERSON | {"document_number": UNKNOWN})).json()["verified"]
    once_more = await first.post(ROUTE, PERSON)
    assert once_more.json()["code"] == "identity.already-verified"


@on_stage
async def test_every_fault_is_named_in_words_for_natural_persons(stage: Stage) -> None:
    browser = await natural(stage)
    answer = (await browser.post(ROUTE, PERSON | {"name": " ", "document_number": "123"})).json()
    assert [one["code"] for one in answer["reasons"]] == ["name.missing", "id-number.format"]
    assert all(one["way_out"] and "法定代表人" not in one["text"] + one["way_out"] for one in answer["reasons"])
    digit = (await browser.post(ROUTE, PERSON | {"document_number": "110105194912310020"})).json()
    assert [one["code"] for one in digit["reasons"]] == ["id-number.check-digit"]
    promise = await browser.post(ROUTE, PERSON | {"promise": False})
    assert promise.json()["code"] == "identity.promise-missing"


@on_stage
async def test_a_legal_persons_account_is_no_natural_persons(stage: Stage) -> None:
    browser = await natural(stage, kind="legal")
    refused = await browser.post(ROUTE, PERSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "identity.not-natural-person")
    assert (await stage.browser("10.5.0.4").sign_in(NUMBER, PASSWORD)).status_code == 401


@on_stage
async def test_an_unknown_number_is_answered_like_a_known_one_after_the_same_work(stage: Stage) -> None:
    """The same look-ups, one check of a password, the same words."""
    browser = await natural(stage)
    await browser.post(ROUTE, PERSON)
    seen: list[list[str]] = []
    state = stage.runtime.state

    async def watched(decider: Any, stream: str) -> Any:
        seen[-1].append(decider.category)
        return await state(decider, stream)

    answers = []
    stage.runtime.state = watched  # type: ignore[method-assign]
    for n, number in enumerate((NUMBER, UNKNOWN)):
        seen.append([])
        answers.append(await stage.browser(f"10.6.0.{n}").sign_in(number, "Wrong-pass-1"))
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert seen[0] == seen[1] != []


@with_post
async def test_a_forgotten_password_is_reset_by_identity_number(post: Post) -> None:
    browser = await natural(post.stage)
    await browser.post(ROUTE, PERSON)
    given = await post.code("password-reset", login=NUMBER, phone=PHONE)
    answer = await post.browser().post("/password-resets", reset(given, login=NUMBER))
    assert answer.status_code == 201, answer.text
    post.pass_seconds(1)
    assert (await post.browser().sign_in(NUMBER, NEW_PASSWORD)).status_code == 200


@with_post
async def test_other_documents_are_looked_at_by_a_checker_of_the_region(post: Post) -> None:
    browser = await natural(post.stage)
    passport = PERSON | {"document_type": "passport", "document_number": "E12345678", "region": "350203"}
    without = (await browser.post(ROUTE, passport)).json()
    assert without["verified"] is False and "扫描件" in without["reasons"][0]["way_out"]
    licence = (await upload(browser)).json()["licence"]
    referred = (await browser.post(ROUTE, passport | {"licence": licence})).json()
    assert referred["referred"] and referred["notice"]["ways_out"]
    [requested] = await said(post, CheckRequested)
    assert (requested.purpose, requested.authority, requested.region) == ("person", "350200", "350203")
    assert (await answered(post, referred["check"], "elsewhere")).status_code == 201
    [verified] = await said(post, PersonVerified)
    assert (verified.method, verified.document_type) == ("manual", "passport")
    index = persons.index_of(post.stage.runtime.sealer, "passport", "e12345678")
    assert await reserving.holder(post.stage.runtime, "person", index) == f"account:{verified.account}"
    assert (await browser.get("/me")).json()["person_verified"] is True
    assert any("核验通过" in text for text in await post.to("+86" + PHONE))


@with_post
async def test_a_number_is_free_again_when_its_account_is_closed(post: Post) -> None:
    browser = await natural(post.stage)
    await browser.post(ROUTE, PERSON)
    second = await natural(post.stage, **SECOND)
    given = await post.code("closing", phone=PHONE)
    closed = await browser.post("/me/closing", {"password": PASSWORD, "reason": "不再使用", **given})
    assert closed.status_code == 201, closed.text
    assert (await post.browser().sign_in(NUMBER, PASSWORD)).status_code == 401
    assert (await second.post(ROUTE, PERSON)).json()["verified"]

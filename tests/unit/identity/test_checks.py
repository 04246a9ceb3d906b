"""人工核验 from end to end: asked with a sealed scan, taken and answered by the checkers of the region, told by SMS."""

from base64 import b64decode
from typing import Any

import pytest

from libs.events.contracts.accounts import CheckAnswered, CheckLapsed, CheckOverdue, RepresentativeChanged
from libs.events.contracts.identity import PhoneChanged, RealNameVerified
from libs.events.decider import Tick
from services.identity.domain.checks.commands import check_stream
from services.identity.domain.checks.decide import check_rules, decider
from services.identity.scanning import _EICAR
from tests.unit.identity.kit import COMPANY, POLICIES
from tests.unit.identity.post import Post, with_post
from tests.unit.identity.shell import Browser
from tests.unit.identity.stories import APPOINTMENT, PASSWORD, REAL_NAME
from tests.unit.identity.test_ways_out import NEW_PASSWORD, NEW_PHONE, PHONE, registered, reset, said, verified

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
RULES: Any = next(p.content for p in POLICIES if p.kind == "account-checks")
# 914403001922038216 was given out in 440300, 深圳: an authority of its own.
SEATS = {
    "there": ("440300", "city", "440300"), "nation": ("000000", "ministry", "000000"),
    "elsewhere": ("350200", "city", "350200"), "province": ("440000", "province", "440000"),
}  # fmt: skip


async def upload(browser: Browser, content: bytes = PNG) -> Any:
    answer = await browser.http.post("/licences", files={"file": ("执照.exe", content)})
    return answer


async def asked(post: Post, key: str = "", **changes: Any) -> Any:
    browser = post.browser("10.0.0.3")
    body = {
        "credit_code": COMPANY, "name": REAL_NAME["name"], "legal_representative": "张三",
        "document_number": "11010519491231002X", "phone": NEW_PHONE,
        "licence": (await upload(browser)).json()["licence"],
        **await post.code("manual-check", phone=str(changes.get("phone", NEW_PHONE))), **changes,
    }  # fmt: skip
    return await browser.post("/checks", body, key=key)


async def checker(post: Post, where: str = "there", role: str = "account_checker") -> Browser:
    authority, level, region = SEATS[where]
    login = f"{where[:6]}{role[:4]}01"[:16]
    office = {"authority": authority, "level": level, "region": region, "role": role}
    admin = await post.stage.administrator()
    answer = await admin.post("/officials", APPOINTMENT | {"login": login, "office": office, "phone": None})
    assert answer.status_code == 201, answer.text
    browser = post.browser("10.2.0.1")
    assert (await browser.sign_in(login, PASSWORD)).status_code == 200
    return browser


async def answered(post: Post, check: str, where: str = "there", **answer: Any) -> Any:
    official = await checker(post, where)
    assert (await official.post(f"/checks/{check}/taking", {})).status_code == 201
    return await official.post(f"/checks/{check}/answer", {"approved": True, **answer})


async def progress(post: Post, check: str) -> Any:
    return (await post.browser().get(f"/checks/{check}/progress")).json()


@with_post
async def test_a_lost_phone_ends_with_a_new_one_the_login_name_by_sms_and_a_new_password(post: Post) -> None:
    signed_in = await verified(post)
    receipt = await asked(post)
    assert receipt.status_code == 201, receipt.text
    check = receipt.json()["check"]
    assert receipt.json()["due_provisional"] is True
    assert any(check in text for text in await post.to("+86" + NEW_PHONE))
    assert any("人工核验" in text for text in await post.to("+86" + PHONE))
    assert (await progress(post, check))["status_text"] == "已提交，待受理"
    assert (await answered(post, check)).status_code == 201
    assert (await progress(post, check))["status"] == "approved"
    [changed] = await said(post, PhoneChanged)
    assert (changed.method, changed.check) == ("manual", check)
    assert any("xiamen01" in text and "核验通过" in text for text in await post.to("+86" + NEW_PHONE))
    assert (await signed_in.get("/me")).status_code == 401
    post.pass_seconds(60)
    given = await post.code("password-reset", login=COMPANY, phone=NEW_PHONE)
    body = reset(given, login=COMPANY, phone=NEW_PHONE)
    assert (await post.browser().post("/password-resets", body)).status_code == 201
    post.pass_seconds(1)
    assert (await post.browser().sign_in(COMPANY, NEW_PASSWORD)).status_code == 200


@with_post
async def test_a_refusal_names_its_reasons_and_tells_them_by_sms(post: Post) -> None:
    await verified(post)
    check = (await asked(post)).json()["check"]
    none = await answered(post, check, approved=False)
    assert none.json()["code"] == "identity.check-reasons-missing"
    official = post.browser("10.2.0.1")
    await official.sign_in("thereacco01", PASSWORD)
    unknown = await official.post(f"/checks/{check}/answer", {"approved": False, "reasons": ["made.up"]})
    assert unknown.json()["code"] == "identity.check-reason-unknown"
    refusal = {"approved": False, "reasons": ["licence.no-seal"], "note": "请加盖公章"}
    assert (await official.post(f"/checks/{check}/answer", refusal)).status_code == 201
    told = await progress(post, check)
    assert (told["status"], told["reasons"][0]["way_out"]) == ("refused", "请加盖公章后重新扫描")
    assert any("没有加盖企业公章" in text for text in await post.to("+86" + NEW_PHONE))
    assert await said(post, PhoneChanged) == []
    again = await official.post(f"/checks/{check}/answer", {"approved": True})
    assert again.json()["code"] == "identity.check-closed"


@with_post
async def test_only_the_checkers_of_the_region_see_and_decide(post: Post) -> None:
    await verified(post)
    check = (await asked(post)).json()["check"]
    for where in ("elsewhere", "province"):
        stranger = await checker(post, where)
        assert (await stranger.get("/checks")).json()["total"] == 0
        for path in (f"/checks/{check}", f"/checks/{check}/licence"):
            assert (await stranger.get(path)).status_code == 403
        assert (await stranger.post(f"/checks/{check}/taking", {})).status_code == 403
    reviewer = await checker(post, "there", "reviewer")
    assert (await reviewer.get(f"/checks/{check}")).status_code == 403
    assert (await post.browser().get(f"/checks/{check}")).status_code == 401
    for where in ("there", "nation"):
        official = await checker(post, where)
        [listed] = (await official.get("/checks?status=waiting")).json()["checks"]
        assert listed["check"] == check and "张三" not in str(listed) and NEW_PHONE not in str(listed)
    detail = (await official.get(f"/checks/{check}")).json()
    assert (detail["legal_representative"], detail["phone"]) == ("张三", "+86" + NEW_PHONE)
    assert detail["registered"] == {
        "real_name": "已实名", "name": REAL_NAME["name"], "name_equal": True, "legal_representative_equal": True
    }  # fmt: skip
    scan = await official.get(f"/checks/{check}/licence")
    assert scan.content == PNG and scan.headers["content-type"] == "image/png"
    assert "sandbox" in scan.headers["content-security-policy"]


@with_post
async def test_nobody_answers_what_another_has_taken(post: Post) -> None:
    await verified(post)
    check = (await asked(post)).json()["check"]
    first, second = await checker(post, "there"), await checker(post, "nation")
    assert (await first.post(f"/checks/{check}/answer", {"approved": True})).json()[
        "code"
    ] == "identity.check-not-taken"
    await first.post(f"/checks/{check}/taking", {})
    await second.post(f"/checks/{check}/taking", {})
    assert (await first.post(f"/checks/{check}/answer", {"approved": True})).json()[
        "code"
    ] == "identity.check-not-taken"
    assert (await second.post(f"/checks/{check}/answer", {"approved": True})).status_code == 201


@with_post
async def test_an_enterprise_without_an_account_is_asked_for_alike_and_cannot_be_approved(post: Post) -> None:
    known_post = await asked(post)
    assert known_post.status_code == 201
    check = known_post.json()["check"]
    refused = await answered(post, check)
    assert refused.json()["code"] == "identity.check-cannot-approve"
    assert refused.json()["findings"][0]["code"] == "account.none"


@with_post
async def test_the_second_account_on_the_new_number_goes_into_the_verified_one(post: Post) -> None:
    await verified(post)
    second = await registered(post, login="second01", phone=NEW_PHONE)
    check = (await asked(post)).json()["check"]
    assert (await answered(post, check)).status_code == 201
    assert len(await said(post, PhoneChanged)) == 1
    assert (await second.get("/me")).status_code == 401
    post.pass_seconds(1)
    assert (await post.browser().sign_in("second01", PASSWORD)).status_code == 401


@with_post
async def test_a_number_of_another_verified_enterprise_is_not_given_away(post: Post) -> None:
    await verified(post)
    other = await registered(post, login="second01", phone=NEW_PHONE)
    other_code = "91350100M000100Y43"
    real = REAL_NAME | {"credit_code": other_code, "name": "另一家", "phone": NEW_PHONE}
    assert (await other.post("/me/real-name", real)).json()["verified"]
    assert (await asked(post)).json()["code"] == "identity.phone-taken"


@with_post
async def test_a_new_legal_representative_is_entered_by_a_check(post: Post) -> None:
    await verified(post)
    receipt = await asked(post, purpose="representative", legal_representative="李四·买买提")
    assert (await answered(post, receipt.json()["check"])).status_code == 201
    [changed] = await said(post, RepresentativeChanged)
    assert changed.enterprise and len(await said(post, PhoneChanged)) == 1
    body = {
        "credit_code": COMPANY, "name": REAL_NAME["name"], "legal_representative": "李四·买买提",
        "document_number": "11010519491231002x", "phone": NEW_PHONE,
    }  # fmt: skip
    post.pass_seconds(60)
    found = await post.browser().post("/recoveries", body | await post.code("recovery", phone=NEW_PHONE))
    assert found.status_code == 201, found.text


@with_post
async def test_deadlines_are_working_days_seen_by_both_sides_and_lapse_at_last(post: Post) -> None:
    await verified(post)
    receipt = (await asked(post)).json()
    check = receipt["check"]
    state, _ = (await post.stage.runtime.state(decider, check_stream(check))).state, 0
    requested = state.requested
    # 2024-05-06 is a Monday: five working days later is Monday, 13 May, until its last millisecond in China.
    assert receipt["due"] == "2024-05-13T15:59:59.999Z"
    official = await checker(post)
    await tick(post, check, "overdue", requested.due)
    assert (await progress(post, check))["overdue"] is True
    assert (await official.get("/checks")).json()["checks"][0]["overdue"] is True
    assert len(await said(post, CheckOverdue)) == 1
    await tick(post, check, "lapse", requested.lapses)
    assert (await progress(post, check))["status_text"] == "逾期失效"
    assert len(await said(post, CheckLapsed)) == 1
    assert any("已失效" in text for text in await post.to("+86" + NEW_PHONE))
    assert (await official.post(f"/checks/{check}/taking", {})).json()["code"] == "identity.check-closed"


async def tick(post: Post, check: str, kind: str, due: Any) -> None:
    runtime = post.stage.runtime
    await runtime.handle(Tick(f"{kind}-tick", due, runtime.actor, check_stream(check), kind, due))
    await runtime.settle()


@with_post
async def test_a_check_is_withdrawn_by_whoever_knows_its_number(post: Post) -> None:
    check = (await asked(post)).json()["check"]
    assert (await post.browser().post(f"/checks/{check}/withdrawal", {"reason": "已找回"})).status_code == 201
    assert (await progress(post, check))["status_text"] == "已撤回"
    assert (await post.browser().get("/checks/" + "0" * 32 + "/progress")).status_code == 404


@with_post
async def test_the_same_request_twice_is_one_check(post: Post) -> None:
    browser = post.browser("10.0.0.3")
    body = {
        "credit_code": COMPANY, "name": "某某", "legal_representative": "张三", "document_number": "1", "phone": NEW_PHONE,
        "licence": (await upload(browser)).json()["licence"], **await post.code("manual-check", phone=NEW_PHONE),
    }  # fmt: skip
    first, again = await browser.post("/checks", body, key="one"), await browser.post("/checks", body, key="one")
    assert first.json() == again.json()


@pytest.mark.parametrize("typed", [COMPANY.lower(), " 9144 0300 1922 038216 ", "９１４４０３００１９２２０３８２１６"])
def test_a_credit_code_is_read_as_people_type_it(typed: str) -> None:
    async def story(post: Post) -> None:
        await verified(post)
        check = (await asked(post, credit_code=typed)).json()["check"]
        [listed] = (await (await checker(post)).get("/checks")).json()["checks"]
        assert (listed["check"], listed["credit_code"]) == (check, COMPANY)

    with_post(story)()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credit_code": "914403001922038217"}, "identity.credit-code-not-allowed"),
        ({"credit_code": "92440300192203821X"}, "identity.credit-code-not-allowed"),
        ({"licence": "0" * 32}, "identity.licence-unknown"),
        ({"licence": "$ne"}, "identity.licence-unknown"),
        ({"code": "1"}, "identity.code-wrong"),
        ({"legal_representative": {"$ne": 1}}, "platform.invalid-request"),
        ({"account": "x" * 32}, "platform.invalid-request"),
        ({"authority": "350200"}, "platform.invalid-request"),
        ({"findings": []}, "platform.invalid-request"),
    ],
)
def test_what_is_wrong_with_a_request_is_said_and_nothing_is_asked(change: dict[str, Any], code: str) -> None:
    async def story(post: Post) -> None:
        answer = await asked(post, **change)
        assert answer.json()["code"] == code, answer.text

    with_post(story)()


@with_post
async def test_other_documents_go_to_a_checker_who_verifies_the_enterprise(post: Post) -> None:
    browser = await registered(post)
    passport = REAL_NAME | {"document_type": "passport", "document_number": "E12345678"}
    without = (await browser.post("/me/real-name", passport)).json()
    assert "扫描件" in without["reasons"][0]["way_out"] and "referred" not in without
    licence = (await upload(browser)).json()
    assert licence["scan"] == "not-scanned"
    told = (await browser.post("/me/real-name", passport | {"licence": licence["licence"]})).json()
    assert (told["verified"], told["referred"]) == (False, True), told
    assert (await browser.get("/me")).json()["check"] == told["check"]
    assert (await answered(post, told["check"])).status_code == 201
    me = (await browser.get("/me")).json()
    assert (me["verified"], me["check"]) == (True, None)
    [event] = await said(post, RealNameVerified)
    assert event.method == "manual"
    assert any("核验通过" in text for text in await post.to("+86" + PHONE))


@with_post
async def test_a_referred_request_that_is_refused_may_be_made_again(post: Post) -> None:
    browser = await registered(post)
    licence = (await upload(browser)).json()["licence"]
    passport = REAL_NAME | {"document_type": "passport", "document_number": "E12345678", "licence": licence}
    check = (await browser.post("/me/real-name", passport)).json()["check"]
    await answered(post, check, approved=False, reasons=["licence.unreadable"])
    me = (await browser.get("/me")).json()
    assert (me["verified"], me["check"]) == (False, None)
    assert me["refused"][0]["code"] == "licence.unreadable"
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["verified"]
    assert len(await said(post, CheckAnswered)) == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [(PNG, 201), (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", 201), (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01", 201),
     (b"", 422), (b"MZ\x90\x00executable", 422), (b"<svg onload=alert(1)>", 422), (b"PK\x03\x04zip", 422)],
)  # fmt: skip
def test_a_scan_is_what_its_content_is(content: bytes, status: int) -> None:
    async def story(post: Post) -> None:
        assert (await upload(post.browser(), content)).status_code == status

    with_post(story)()


def test_the_rules_say_days_and_reasons() -> None:
    from libs.events.decider import Policies
    from tests.unit.identity.kit import NOW

    assert check_rules(Policies(POLICIES, NOW)) == RULES
    assert RULES["answer_working_days"] < RULES["lapse_working_days"]
    assert all(one["text"] and one["way_out"] for one in RULES["reasons"].values())
    assert _EICAR.startswith(b"X5O!P%@AP") and len(_EICAR) == 68

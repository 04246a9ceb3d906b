"""Ways out of trouble by a code: phone confirmed, password forgotten, phone changed, accounts merged and closed."""

from typing import Any

import pytest

from libs.events.contracts.accounts import AccountClosed, PasswordReset, PhoneConfirmed
from libs.events.contracts.identity import AccountTokensRevoked, PhoneChanged
from libs.events.ids import enterprise_id
from libs.events.web.desk import events_of
from services.identity import credentials, reserving
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.rules import account_rules
from tests.unit.identity.kit import COMPANY
from tests.unit.identity.post import Post, with_post
from tests.unit.identity.shell import Browser
from tests.unit.identity.stories import PASSWORD, REAL_NAME, REGISTRATION

PHONE, NEW_PHONE, EMAIL = "13800138000", "13700137000", "someone@example.com"
NEW_PASSWORD = "Other-words-7-here"


async def registered(post: Post, **changes: Any) -> Browser:
    browser = post.browser()
    answer = await browser.post("/accounts", REGISTRATION | changes)
    assert answer.status_code == 201, answer.text
    assert (await browser.sign_in(str(changes.get("login", "xiamen01")), PASSWORD)).status_code == 200
    # What ends sessions ends those that began before: here time passes only when it is told to.
    post.pass_seconds(1)
    return browser


async def verified(post: Post) -> Browser:
    browser = await registered(post)
    assert (await browser.post("/me/real-name", REAL_NAME)).json()["verified"]
    return browser


async def said(post: Post, type_: type[Any]) -> list[Any]:
    found = []
    for shard in range(6):
        for commit in await post.stage.runtime.store.read_shard(shard, 0, 1000):
            found += [event for event in events_of(commit) if isinstance(event, type_)]
    return found


@with_post
async def test_a_code_at_registration_confirms_the_phone(post: Post) -> None:
    await registered(post, **await post.code("registration", phone=PHONE))
    assert [event.method for event in await said(post, PhoneConfirmed)] == ["registration"]
    browser = post.browser()
    await browser.sign_in("xiamen01", PASSWORD)
    assert (await browser.get("/me")).json()["phone_confirmed"] is True


@with_post
async def test_without_a_code_one_signs_in_at_once_and_binds_the_phone_later(post: Post) -> None:
    browser = await registered(post)
    me = (await browser.get("/me")).json()
    assert me["phone_confirmed"] is False and "绑定手机号" in me["phone_notice"]["ways_out"][0]
    await browser.post("/me/phone-confirmation", await post.code("bind-phone", phone=PHONE))
    assert (await browser.get("/me")).json()["phone_confirmed"] is True
    post.pass_seconds(60)
    again = await browser.post("/me/phone-confirmation", await post.code("bind-phone", phone=PHONE))
    assert again.json()["code"] == "identity.phone-already-confirmed"


@with_post
async def test_a_wrong_code_registers_nobody_and_a_taken_name_uses_no_code_up(post: Post) -> None:
    given = await post.code("registration", phone=PHONE)
    wrong = await post.browser().post("/accounts", REGISTRATION | given | {"code": "x"}, key="wrong")
    assert wrong.json()["code"] == "identity.code-wrong"
    await registered(post, login="taken001", phone="13600136000")
    taken = await post.browser().post("/accounts", REGISTRATION | given | {"login": "taken001"}, key="taken")
    assert taken.json()["code"] == "identity.login-taken"
    assert (await post.browser().post("/accounts", REGISTRATION | given, key="right")).status_code == 201


@with_post
async def test_agreements_are_kept_with_their_version(post: Post) -> None:
    old = await post.browser().post("/accounts", REGISTRATION | {"agreements": ["registration@2020.1", "privacy"]})
    assert old.json()["code"] == "identity.agreements-outdated"
    await registered(post)
    from libs.events.contracts.identity import AccountRegistered

    [event] = await said(post, AccountRegistered)
    versions = account_rules(post.stage.runtime.policies.at(event.received_at))["agreement_versions"]
    assert set(event.agreements) == {f"{name}@{version}" for name, version in versions.items()}


def reset(given: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {"login": "xiamen01", "phone": PHONE, "password": NEW_PASSWORD, **given, **changes}


@with_post
async def test_a_forgotten_password_is_set_anew_and_every_session_ends(post: Post) -> None:
    signed_in = await registered(post)
    given = await post.code("password-reset", login="xiamen01", phone=PHONE)
    answer = await post.browser("10.0.0.5").post("/password-resets", reset(given))
    assert answer.status_code == 201, answer.text
    assert (await signed_in.get("/me")).status_code == 401
    assert (await signed_in.post("/session/refresh")).status_code == 401
    post.pass_seconds(1)
    assert (await post.browser().sign_in("xiamen01", PASSWORD)).status_code == 401
    assert (await post.browser().sign_in("xiamen01", NEW_PASSWORD)).status_code == 200
    assert len(await said(post, PasswordReset)) == len(await said(post, AccountTokensRevoked)) == 1
    assert any("已重置" in text for text in await post.to("+86" + PHONE))
    assert any("已重置" in text for text in await post.to(EMAIL))


@with_post
async def test_a_reset_by_credit_code_works_for_a_verified_enterprise(post: Post) -> None:
    await verified(post)
    given = await post.code("password-reset", login=COMPANY.lower(), phone=PHONE)
    answer = await post.browser().post("/password-resets", reset(given, login=COMPANY.lower()))
    assert answer.status_code == 201, answer.text
    post.pass_seconds(1)
    assert (await post.browser().sign_in(COMPANY, NEW_PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"login": "nobody01"}, "identity.code-wrong"),
        ({"phone": NEW_PHONE}, "identity.code-wrong"),
        ({"code": "abc"}, "identity.code-wrong"),
        ({"challenge": "0" * 32}, "identity.code-wrong"),
        ({"password": "short"}, "identity.password-not-allowed"),
        ({"password": "Password1!"}, "identity.password-common"),
        ({"phone": "110"}, "identity.phone-not-allowed"),
    ],
)
def test_a_reset_that_is_not_right_changes_nothing(change: dict[str, str], code: str) -> None:
    async def story(post: Post) -> None:
        await registered(post)
        given = await post.code("password-reset", login="xiamen01", phone=PHONE)
        answer = await post.browser().post("/password-resets", reset(given, **change))
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert (await post.browser().sign_in("xiamen01", PASSWORD)).status_code == 200

    with_post(story)()


@with_post
async def test_a_reset_that_broke_off_goes_on_with_the_same_request(post: Post) -> None:
    await registered(post)
    given = await post.code("password-reset", login="xiamen01", phone=PHONE)
    first = await post.browser().post("/password-resets", reset(given), key="reset-1")
    again = await post.browser().post("/password-resets", reset(given), key="reset-1")
    other = await post.browser().post("/password-resets", reset(given), key="reset-2")
    assert first.json() == again.json()
    assert other.json()["code"] == "identity.code-wrong"


def change(old: dict[str, str], new: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {
        "method": "phone", "login": "xiamen01", "phone": PHONE, "new_phone": NEW_PHONE, **old,
        "new_challenge": new["challenge"], "new_code": new["code"], **changes,
    }  # fmt: skip


@with_post
async def test_a_phone_is_changed_by_the_old_one_and_the_login_name_goes_to_the_new_one(post: Post) -> None:
    signed_in = await registered(post)
    old = await post.code("phone-change-old", login="xiamen01", phone=PHONE)
    new = await post.code("phone-change-new", phone=NEW_PHONE)
    answer = await post.browser().post("/phone-changes", change(old, new), key="change")
    assert answer.status_code == 201, answer.text
    assert (await post.browser().post("/phone-changes", change(old, new), key="change")).json() == answer.json()
    assert (await signed_in.get("/me")).status_code == 401
    [event] = await said(post, PhoneChanged)
    assert event.method == "phone" and event.before is not None
    assert any("xiamen01" in text for text in await post.to("+86" + NEW_PHONE))
    assert any("改绑" in text for text in await post.to("+86" + PHONE))
    assert not any("xiamen01" in text for text in await post.to("+86" + PHONE))
    post.pass_seconds(1)
    browser = post.browser()
    await browser.sign_in("xiamen01", PASSWORD)
    me = (await browser.get("/me")).json()
    assert (me["phone"], me["phone_confirmed"]) == ("137****7000", True)
    await registered(post, login="another1", phone=PHONE)


@with_post
async def test_a_phone_is_changed_by_e_mail(post: Post) -> None:
    await registered(post)
    old = await post.code("phone-change-email", login="xiamen01", email=EMAIL)
    new = await post.code("phone-change-new", phone=NEW_PHONE)
    body = change(old, new, method="email", email="Someone@Example.com", phone="")
    answer = await post.browser().post("/phone-changes", body)
    assert answer.status_code == 201, answer.text
    assert [event.method for event in await said(post, PhoneChanged)] == ["email"]


@with_post
async def test_a_number_of_another_account_is_not_taken_over(post: Post) -> None:
    await registered(post)
    await registered(post, login="another1", phone=NEW_PHONE)
    old = await post.code("phone-change-old", login="xiamen01", phone=PHONE)
    new = await post.code("phone-change-new", phone=NEW_PHONE)
    answer = await post.browser().post("/phone-changes", change(old, new))
    assert (answer.status_code, answer.json()["code"]) == (409, "identity.phone-taken")
    assert await said(post, PhoneChanged) == []


@with_post
async def test_the_codes_of_one_number_do_not_stand_for_the_other(post: Post) -> None:
    await registered(post)
    old = await post.code("phone-change-old", login="xiamen01", phone=PHONE)
    new = await post.code("phone-change-new", phone=NEW_PHONE)
    swapped = change(new, old)
    assert (await post.browser().post("/phone-changes", swapped)).json()["code"] == "identity.code-wrong"


@with_post
async def test_an_unverified_account_goes_into_the_verified_one_of_the_enterprise(post: Post) -> None:
    await verified(post)
    second = await registered(post, login="second01", phone=NEW_PHONE)
    taken = (await second.post("/me/real-name", REAL_NAME | {"phone": NEW_PHONE})).json()
    assert not taken["verified"] and "统一社会信用代码已存在" in taken["reasons"][0]["text"]
    assert [step["step"] for step in taken["reasons"][0]["steps"]] == ["步骤一", "步骤二", "步骤三"]
    given = await post.code("merging", login=COMPANY, phone=PHONE)
    answer = await second.post("/me/merging", {"login": COMPANY, "phone": PHONE, **given})
    assert answer.status_code == 201, answer.text
    [closed] = await said(post, AccountClosed)
    assert closed.into == answer.json()["into"]
    post.pass_seconds(1)
    assert (await post.browser().sign_in("second01", PASSWORD)).status_code == 401
    assert (await post.browser().sign_in(COMPANY, PASSWORD)).status_code == 200
    await registered(post, login="third001", phone=NEW_PHONE)


@with_post
async def test_a_verified_account_is_never_merged_away(post: Post) -> None:
    browser = await verified(post)
    await registered(post, login="second01", phone=NEW_PHONE)
    given = await post.code("merging", login="second01", phone=NEW_PHONE)
    answer = await browser.post("/me/merging", {"login": "second01", "phone": NEW_PHONE, **given})
    assert answer.json()["code"] == "identity.merge-not-possible"


@with_post
async def test_a_closed_account_frees_its_number_and_enterprise_and_never_its_name(post: Post) -> None:
    browser = await verified(post)
    wrong = await browser.post(
        "/me/closing", {"password": "Wrong-pass-1", "reason": "停业", "challenge": "0", "code": "0"}
    )
    assert wrong.json()["code"] == "identity.password-wrong"
    given = await post.code("closing", phone=PHONE)
    answer = await browser.post("/me/closing", {"password": PASSWORD, "reason": "停业", **given})
    assert answer.status_code == 201, answer.text
    assert (await browser.get("/me")).status_code == 401
    post.pass_seconds(1)
    assert (await post.browser().sign_in("xiamen01", PASSWORD)).status_code == 401
    [closed] = await said(post, AccountClosed)
    assert await post.stage.runtime.documents(credentials.COLLECTION).get(holder_of(closed.account)) is None
    assert await reserving.is_free(post.stage.runtime, "enterprise", enterprise_id(COMPANY))
    taken = await post.browser().post("/accounts", REGISTRATION | {"phone": "13600136000"})
    assert taken.json()["code"] == "identity.login-taken"
    await registered(post, login="another1", phone=PHONE)


@pytest.mark.parametrize(
    ("password", "level", "code"),
    [
        ("Password1!", "低", "identity.password-common"),
        ("Qwerty-123456", "低", "identity.password-common"),
        ("P@ssw0rd2024!", "低", "identity.password-common"),
        ("woaini1314!!", "低", "identity.password-common"),
        ("short1!", "低", "identity.password-not-allowed"),
        ("Lantern-77-orbit-quill", "高", None),
        ("Right-pass-1", "中", None),
    ],
)
def test_strength_is_shown_and_common_passwords_are_named(password: str, level: str, code: str | None) -> None:
    async def story(post: Post) -> None:
        told = (await post.browser().post("/passwords/strength", {"password": password})).json()
        assert told["level"] == level, told
        assert told["accepted"] is (code is None)
        assert code is None or code in {one["code"] for one in told["refusals"]}
        if code == "identity.password-common":
            refused = await post.browser().post("/accounts", REGISTRATION | {"password": password})
            assert refused.json()["code"] == code

    with_post(story)()


@pytest.mark.parametrize("login", ["хiamen01", "xiаmen01", "ｘiamen01", "xiamen 01", "xiamen\u200b01", "XIAMEN01"])
def test_a_login_name_that_looks_like_another_is_not_another(login: str) -> None:
    async def story(post: Post) -> None:
        await registered(post)
        answer = await post.browser().post("/accounts", REGISTRATION | {"login": login, "phone": NEW_PHONE})
        assert answer.json()["code"] in ("identity.login-not-allowed", "identity.login-taken")

    with_post(story)()

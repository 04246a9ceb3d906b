"""验证码 over HTTP: sent, used once, expired, guessed, limited; what is said where one does not arrive."""

import asyncio
import json
from secrets import token_hex
from typing import Any

import pytest

from services.identity import codes, sending
from tests.unit.identity.kit import POLICIES
from tests.unit.identity.post import CODE, Post, with_post
from tests.unit.identity.stories import PASSWORD, REGISTRATION

PHONE = "13800138000"
RULES = next(p.content for p in POLICIES if p.kind == codes.KIND)


async def registered(post: Post) -> None:
    answer = await post.browser().post("/accounts", REGISTRATION)
    assert answer.status_code == 201, answer.text


async def confirm(post: Post, given: dict[str, str], key: str = "") -> Any:
    """绑定手机号 by somebody signed in: the shortest way to use a code up."""
    browser = post.browser()
    await browser.sign_in("xiamen01", PASSWORD)
    return await browser.post("/me/phone-confirmation", given, key=key or token_hex(8))


@with_post
async def test_a_code_arrives_and_is_good_once(post: Post) -> None:
    await registered(post)
    given = await post.code("bind-phone", phone=PHONE)
    answer = await confirm(post, given)
    assert answer.status_code == 201, answer.text
    again = await confirm(post, given)
    assert (again.status_code, again.json()["code"]) == (422, "identity.code-wrong")


@with_post
async def test_the_same_request_repeated_gets_its_first_answer_although_the_code_is_used(post: Post) -> None:
    await registered(post)
    given = await post.code("bind-phone", phone=PHONE)
    first, again = await confirm(post, given, "same"), await confirm(post, given, "same")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()


@with_post
async def test_a_code_is_for_one_purpose_one_number_and_a_while(post: Post) -> None:
    await registered(post)
    other_purpose = await post.code("registration", phone=PHONE)
    other_number = await post.code("bind-phone", phone="13700137000")
    late = await post.code("bind-phone", phone=PHONE)
    for given in (other_purpose, other_number):
        assert (await confirm(post, given)).json()["code"] == "identity.code-wrong"
    post.pass_seconds(RULES["lives_seconds"])
    assert (await confirm(post, late)).json()["code"] == "identity.code-wrong"
    assert (await post.browser().get(f"/codes/{late['challenge']}")).json()["state"] == "expired"


@with_post
async def test_guessing_uses_a_code_up_for_everybody(post: Post) -> None:
    await registered(post)
    given = await post.code("bind-phone", phone=PHONE)
    wrong = {**given, "code": f"{(int(given['code']) + 1) % 1_000_000:06d}"}
    for _ in range(RULES["tries"]):
        assert (await confirm(post, wrong)).json()["code"] == "identity.code-wrong"
    assert (await confirm(post, given)).json()["code"] == "identity.code-wrong"
    assert (await post.browser().get(f"/codes/{given['challenge']}")).json()["state"] == "spent"


@with_post
async def test_guesses_at_once_count_each(post: Post) -> None:
    await registered(post)
    given = await post.code("bind-phone", phone=PHONE)
    browser = post.browser()
    await browser.sign_in("xiamen01", PASSWORD)
    guesses = [{**given, "code": f"{(int(given['code']) + n) % 1_000_000:06d}"} for n in range(1, 20)]
    await asyncio.gather(*(browser.post("/me/phone-confirmation", one) for one in guesses))
    document = await post.stage.runtime.documents(codes.COLLECTION).get(given["challenge"])
    assert document is not None and document["tries"] == RULES["tries"]


@with_post
async def test_another_may_be_asked_for_after_a_minute_and_so_many_a_day(post: Post) -> None:
    browser, asked = post.browser(), {"purpose": "registration", "phone": PHONE}
    first = await browser.post("/codes", asked)
    soon = await browser.post("/codes", {**asked, "phone": "+86 138-0013-8000"})
    assert (soon.status_code, soon.json()["code"]) == (429, "identity.code-too-soon")
    assert soon.json()["until"] == first.json()["again_at"]
    for _ in range(RULES["per_target"]["attempts"] - 1):
        post.pass_seconds(RULES["again_after_seconds"])
        assert (await browser.post("/codes", asked)).status_code == 202
    post.pass_seconds(RULES["again_after_seconds"])
    assert (await browser.post("/codes", asked)).json()["code"] == "identity.code-limit"
    assert len(await post.to("+86" + PHONE)) == RULES["per_target"]["attempts"]


@with_post
async def test_a_pair_that_does_not_belong_together_is_answered_alike_and_nothing_is_sent(post: Post) -> None:
    await registered(post)
    answers, states = [], []
    for login, phone in (("xiamen01", PHONE), ("nobody01", PHONE), ("xiamen01", "13700137000")):
        answer = await post.browser().post("/codes", {"purpose": "password-reset", "login": login, "phone": phone})
        await sending.settled()
        assert answer.status_code == 202
        state = await post.browser().get(f"/codes/{answer.json()['challenge']}")
        answers.append(set(answer.json()))
        states.append({k: v for k, v in state.json().items() if not k.endswith("_at")})
    assert answers[0] == answers[1] == answers[2]
    assert states[0] == states[1] == states[2]
    assert len(await post.to("+86" + PHONE)) == 1
    assert await post.to("+8613700137000") == []


@with_post
async def test_the_same_look_ups_are_made_whether_or_not_there_is_an_account(post: Post) -> None:
    """Structure, not a stop-watch: reads and writes of one request, counted."""
    await registered(post)
    counts = []
    for login in ("xiamen01", "nobody01"):
        with counting(post) as calls:
            await post.browser().post("/codes", {"purpose": "password-reset", "login": login, "phone": PHONE})
        await sending.settled()
        counts.append(calls)
    assert counts[0] == counts[1]


def counting(post: Post) -> Any:
    from contextlib import contextmanager
    from unittest.mock import patch

    @contextmanager
    def counted() -> Any:
        calls: list[str] = []
        reserved, folded = codes.issue, post.stage.runtime.state

        async def issue(*given: Any) -> Any:
            calls.append("issue")
            return await reserved(*given)

        async def state(*given: Any) -> Any:
            calls.append(given[0].category)
            return await folded(*given)

        with patch.object(codes, "issue", issue), patch.object(post.stage.runtime, "state", state):
            yield calls

    return counted()


@with_post
async def test_why_a_code_has_not_arrived_is_said(post: Post) -> None:
    browser = post.browser()
    wrong = await browser.post("/codes", {"purpose": "registration", "phone": "1380013800"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "identity.phone-not-allowed")
    unknown = await browser.post("/codes", {"purpose": "else", "phone": PHONE})
    assert unknown.json()["code"] == "identity.code-purpose-unknown"
    post.box.gateway.blocked.add("+86" + PHONE)
    blocked = await browser.post("/codes", {"purpose": "registration", "phone": PHONE})
    await sending.settled()
    assert (await browser.get(f"/codes/{blocked.json()['challenge']}")).json()["state"] == "blocked"
    post.box.gateway.failing = True
    down = await browser.post("/codes", {"purpose": "registration", "phone": "13700137000"})
    await sending.settled()
    told = (await browser.get(f"/codes/{down.json()['challenge']}")).json()
    assert told["state"] == "provider-down" and told["way_out"] and told["again_at"]
    assert (await browser.get("/codes/" + "0" * 32)).status_code == 404


@with_post
async def test_codes_are_neither_kept_in_plain_nor_logged_nor_events(post: Post) -> None:
    await registered(post)
    given = await post.code("bind-phone", phone=PHONE)
    await confirm(post, given)
    kept = json.dumps(await post.stage.runtime.documents(codes.COLLECTION).find({}), default=str)
    shards = [await post.stage.runtime.store.read_shard(s, 0, 1000) for s in range(6)]
    log = "".join(e.body for commits in shards for c in commits for e in c.events)
    assert given["code"] not in kept and PHONE not in kept
    assert given["challenge"] not in log and f'"{given["code"]}"' not in log


@pytest.mark.parametrize(
    "change",
    [
        {"phone": {"$ne": ""}},
        {"phone": ["13800138000"]},
        {"purpose": {"$gt": ""}},
        {"state": "used"},
        {"hash": "0"},
        {"purpose": "x" * 65},
    ],
)
def test_what_does_not_belong_into_the_request_is_refused(change: dict[str, Any]) -> None:
    async def story(post: Post) -> None:
        asked = {"purpose": "registration", "phone": PHONE} | change
        assert (await post.browser().post("/codes", asked)).status_code == 422

    with_post(story)()


def test_the_text_names_code_time_and_use() -> None:
    text = RULES["message"]["sms"].format(code="123456", minutes="5", use="注册账户")
    assert CODE.search(text) is not None and "注册账户" in text

"""Captchas over HTTP: asked for where an address has been busy; seen, heard or read in words, and good once."""

import io
import wave
from typing import Any
from unittest.mock import patch

from services.identity import captcha_media, captchas, codes
from tests.unit.identity.kit import POLICIES
from tests.unit.identity.kit import RULES as ACCOUNTS
from tests.unit.identity.post import Post, with_post
from tests.unit.identity.shell import Browser
from tests.unit.identity.test_recovery import solve

RULES = next(p.content for p in POLICIES if p.kind == codes.KIND)
FREE, WINDOW = RULES["without_captcha"]["attempts_per_address"], RULES["without_captcha"]["window_seconds"]


async def ask(browser: Browser, n: int, **captcha: str) -> Any:
    return await browser.post("/codes", {"purpose": "registration", "phone": f"138{n:08d}", **captcha})


async def busy(post: Post) -> Browser:
    browser = post.browser("10.4.4.4")
    for n in range(FREE):
        assert (await ask(browser, n)).status_code == 202
    return browser


@with_post
async def test_a_busy_address_answers_a_captcha_before_a_code_is_sent_and_others_do_not(post: Post) -> None:
    browser = await busy(post)
    sent = len(post.box.letters.found("+8613800000500"))
    refused = await ask(browser, 500)
    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "identity.captcha-needed")
    assert told["get"]["audio"] == "GET /api/identity/captchas/{captcha}/audio" and told["way_out"] and told["until"]
    assert len(await post.to("+8613800000500")) == sent == 0
    assert (await ask(post.browser("10.4.4.5"), 501)).status_code == 202
    made = (await browser.post("/captchas", {"kind": "question"})).json()
    answered = {"captcha": made["captcha"], "captcha_answer": solve(made["question"])}
    assert (await ask(browser, 500, **answered)).status_code == 202
    assert len(await post.to("+8613800000500")) == 1
    assert (await ask(browser, 502, **answered)).json()["code"] == "identity.captcha-wrong"
    post.pass_seconds(WINDOW)
    assert (await ask(browser, 503)).status_code == 202


@with_post
async def test_whether_a_pair_belongs_together_is_not_told_by_the_captcha(post: Post) -> None:
    browser = await busy(post)
    asked = [{"login": "xiamen01", "phone": "13800138000"}, {"login": "nobody01", "phone": "13700137000"}]
    answers = [await browser.post("/codes", {"purpose": "password-reset", **one}) for one in asked]
    assert {answer.status_code for answer in answers} == {422}
    assert answers[0].json() == answers[1].json()


@with_post
async def test_an_image_can_be_heard_a_few_times_and_says_the_same(post: Post) -> None:
    """What is drawn and what is spoken are one text; its answer is taken in either case of letter, once."""
    browser, drawn, spoken = post.browser(), [], []
    png, wav = captcha_media._png, captcha_media._wav
    with (
        patch.object(captcha_media, "_png", lambda text: drawn.append(text) or png(text)),
        patch.object(captcha_media, "_wav", lambda text: spoken.append(text) or wav(text)),
    ):
        made = (await browser.post("/captchas", {"kind": "image"})).json()
        path = made["audio"].removeprefix("/api/identity")
        answers = [await browser.get(path) for _ in range(RULES["captcha_audio"]["times_each"] + 1)]
    assert [answer.status_code for answer in answers] == [200] * RULES["captcha_audio"]["times_each"] + [404]
    heard = answers[0]
    assert heard.headers["content-type"] == "audio/wav" and heard.headers["cache-control"] == "no-store"
    with wave.open(io.BytesIO(heard.content)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 8000) and sound.getnframes() > 8000
    assert set(spoken) == set(drawn) == {drawn[0]} and len(drawn[0]) == ACCOUNTS["captcha"]["letters"]
    kept = await post.stage.runtime.documents(captchas.COLLECTION).get(made["captcha"])
    assert kept is not None and drawn[0] not in str(kept)


@with_post
async def test_there_is_nothing_to_hear_of_a_question_a_used_captcha_or_none(post: Post) -> None:
    browser = post.browser()
    question = (await browser.post("/captchas", {"kind": "question"})).json()["captcha"]
    stale = (await browser.post("/captchas", {"kind": "image"})).json()["captcha"]
    post.pass_seconds(3600)
    for captcha in (question, stale, "0" * 32):
        assert (await browser.get(f"/captchas/{captcha}/audio")).status_code == 404
    assert (await browser.get("/captchas/none/audio")).status_code == 422


@with_post
async def test_voices_are_limited_by_address(post: Post) -> None:
    browser = post.browser()
    for _ in range(RULES["captcha_audio"]["attempts_per_address"]):
        assert (await browser.get(f"/captchas/{'0' * 32}/audio")).status_code == 404
    assert (await browser.get(f"/captchas/{'0' * 32}/audio")).json()["code"] == "identity.too-many-attempts"


@with_post
async def test_no_two_captchas_have_the_same_letters(post: Post) -> None:
    desk = post.stage.runtime.sealer
    made = {captchas._letters(desk, f"{n:032x}", 5) for n in range(200)}  # type: ignore[arg-type]
    assert len(made) == 200 and {len(one) for one in made} == {5} and set("".join(made)) <= set(captchas._LETTERS)

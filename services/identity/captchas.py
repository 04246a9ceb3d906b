"""图形验证码 with its 语音验证码, and a question in words: used once, kept as a keyed hash."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from secrets import randbelow, token_hex
from typing import Any

from libs.events.contracts.times import instant, time_text
from libs.events.web.desk import Desk
from services.identity import attempts, captcha_media, codes
from services.identity.domain.accounts.refusals import CaptchaNeeded, CaptchaWrong
from services.identity.domain.rules import account_rules

COLLECTION = "captchas"
# Without letters and digits that look alike.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_DIGITS = "零一二三四五六七八九"


async def make(desk: Desk, kind: str) -> dict[str, Any]:
    """Raises TooManyAttempts."""
    rules, now = account_rules(desk.policies())["captcha"], desk.runtime.wall()
    await attempts.count_address(desk, "captcha", rules)
    id_, until = token_hex(16), now + rules["lives_seconds"] * 1000
    if kind == "question":
        words, answer = _question()
        shown = {"question": words}
    else:
        answer = _letters(desk, id_, rules["letters"])
        shown = {
            "image": "data:image/png;base64," + b64encode(await captcha_media.png(answer)).decode(),
            "audio": f"/api/identity/captchas/{id_}/audio",
            "alternative": "看不清可换一张，可听语音（英文字母和数字），或改用文字问题",
        }
    document = {"_id": id_, "hash": _hash(desk, id_, answer), "until": until, "kind": kind, "heard": 0}
    await desk.documents(COLLECTION).insert(document)
    return {"captcha": id_, "expires_at": time_text(instant(until)), **shown}


async def spoken(desk: Desk, captcha: str) -> bytes | None:
    """语音验证码: the same letters by ear, a few times; None when there is no such image or it is used up. Raises
    TooManyAttempts."""
    limits, now = codes.rules_of(desk.policies())["captcha_audio"], desk.runtime.wall()
    await attempts.count_address(desk, "captcha-audio", limits)
    documents = desk.documents(COLLECTION)
    while (found := await documents.get(captcha)) and found.get("kind") == "image" and now < found["until"]:
        if found["heard"] >= limits["times_each"]:
            return None
        if await documents.update(captcha, {"heard": found["heard"] + 1}, {"heard": found["heard"]}):
            letters = account_rules(desk.policies())["captcha"]["letters"]
            return await captcha_media.wav(_letters(desk, captcha, letters))
    return None


async def need_when_busy(desk: Desk, what: str, rules: Mapping[str, Any], captcha: str, answer: str) -> None:
    """After so many of an address inside the window each further one needs a captcha. Raises CaptchaNeeded,
    CaptchaWrong."""
    if captcha:
        await redeem(desk, captcha, answer)
        return
    try:
        await attempts.count_address(desk, f"{what}-without-captcha", rules)
    except attempts.TooManyAttempts as busy:
        raise _needed(busy.until) from None


async def need(desk: Desk, what: str, who: str, captcha: str, answer: str) -> None:
    """After a few failures of somebody each further try needs a captcha. Raises CaptchaNeeded, CaptchaWrong."""
    if captcha:
        await redeem(desk, captcha, answer)
        return
    rules = account_rules(desk.policies())["captcha"]
    found = await desk.documents(attempts.COLLECTION).get(_failures(desk, what, who))
    if found is not None and found["count"] >= rules["free_tries"] and desk.runtime.wall() < found["until"]:
        raise _needed(instant(found["until"]))


def _needed(until: datetime | None) -> CaptchaNeeded:
    return CaptchaNeeded(
        until=until,
        way_out="请获取图形验证码（可听语音）或文字问题，把编号和答案填入 captcha、captcha_answer 后重新提交",
        get={"image": "POST /api/identity/captchas", "question": "POST /api/identity/captchas",
             "audio": "GET /api/identity/captchas/{captcha}/audio"},
    )  # fmt: skip


async def failed(desk: Desk, what: str, who: str) -> None:
    """Only a refusal counts: a request that broke off and is sent again costs nobody a captcha."""
    rules = account_rules(desk.policies())["captcha"]
    with suppress(attempts.TooManyAttempts):
        await attempts.count(
            desk.documents(attempts.COLLECTION),
            _failures(desk, what, who),
            rules["free_tries"],
            desk.runtime.wall(),
            rules,
        )


def _failures(desk: Desk, what: str, who: str) -> str:
    return desk.blind("captcha", f"{what}|{who}")


async def redeem(desk: Desk, captcha: str, answer: str) -> None:
    """One try each: right or wrong, it is used up."""
    documents = desk.documents(COLLECTION)
    found = await documents.get(captcha)
    taken = await documents.delete({"_id": captcha}) if found else 0
    expected = found["hash"] if found else _hash(desk, "nobody", "")
    fits = hmac.compare_digest(expected, _hash(desk, captcha, answer))
    if not taken or not fits or found is None or found["until"] <= desk.runtime.wall():
        raise CaptchaWrong(way_out="请换一张图形验证码重新填写")


def _hash(desk: Desk, id_: str, answer: str) -> str:
    return desk.blind("captcha", f"{id_}|{answer.strip().upper()}")


def _letters(desk: Desk, id_: str, count: int) -> str:
    """Kept nowhere: they follow from the id under the deployment's key, so that they can be drawn and spoken."""
    n = int(desk.blind("captcha-letters", id_), 16)
    return "".join(_LETTERS[n // len(_LETTERS) ** place % len(_LETTERS)] for place in range(count))


def _question() -> tuple[str, str]:
    """Asked in words and answered in digits, by ear as well as by eye."""
    a, b = randbelow(9) + 1, randbelow(9) + 1
    if randbelow(2):
        return f"请用数字回答：{_DIGITS[a]}加{_DIGITS[b]}等于多少？", str(a + b)
    c = randbelow(9) + 1
    return f"请用数字回答：{_DIGITS[a]}、{_DIGITS[b]}、{_DIGITS[c]}三个数中最大的是多少？", str(max(a, b, c))

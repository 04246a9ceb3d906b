"""图形验证码, and a question in words for whoever cannot see it: used once, kept as a keyed hash."""

import asyncio
import hmac
from base64 import b64encode
from contextlib import suppress
from functools import lru_cache
from secrets import choice, randbelow, token_hex
from typing import Any

from libs.events.contracts.times import instant, time_text
from libs.events.web.desk import Desk
from services.identity import attempts
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
        answer = "".join(choice(_LETTERS) for _ in range(rules["letters"]))
        image = await asyncio.to_thread(_image, answer)
        shown = {
            "image": "data:image/png;base64," + b64encode(image).decode(),
            "alternative": "看不清可换一张，或改用文字问题",
        }
    await desk.documents(COLLECTION).insert({"_id": id_, "hash": _hash(desk, id_, answer), "until": until})
    return {"captcha": id_, "expires_at": time_text(instant(until)), **shown}


async def need(desk: Desk, what: str, who: str, captcha: str, answer: str) -> None:
    """After a few failures of somebody each further try needs a captcha. Raises CaptchaNeeded, CaptchaWrong."""
    if captcha:
        await redeem(desk, captcha, answer)
        return
    rules = account_rules(desk.policies())["captcha"]
    found = await desk.documents(attempts.COLLECTION).get(_failures(desk, what, who))
    if found is not None and found["count"] >= rules["free_tries"] and desk.runtime.wall() < found["until"]:
        raise CaptchaNeeded(way_out="请获取图形验证码（或文字问题）后重新提交")


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


def _question() -> tuple[str, str]:
    """Asked in words and answered in digits, by ear as well as by eye."""
    a, b = randbelow(9) + 1, randbelow(9) + 1
    if randbelow(2):
        return f"请用数字回答：{_DIGITS[a]}加{_DIGITS[b]}等于多少？", str(a + b)
    c = randbelow(9) + 1
    return f"请用数字回答：{_DIGITS[a]}、{_DIGITS[b]}、{_DIGITS[c]}三个数中最大的是多少？", str(max(a, b, c))


def _image(text: str) -> bytes:
    return bytes(_drawing().generate(text).getvalue())


@lru_cache(maxsize=1)
def _drawing() -> Any:
    # Loaded with the first image: fonts and an imaging library are nothing that every process needs.
    from captcha.image import ImageCaptcha

    return ImageCaptcha(width=200, height=72)

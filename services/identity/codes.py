"""One-time codes (验证码): issued to a phone or mailbox for one purpose, kept as keyed hashes, used once. Never events."""

import hmac
from collections.abc import Mapping
from secrets import randbelow, token_hex
from typing import Any

import msgspec

from libs.events.contracts.times import instant, time_text
from libs.events.decider import Policies
from libs.events.errors import Refused
from libs.events.store.ports import Documents
from libs.events.web.desk import Desk
from services.identity import attempts
from services.identity.channels.ports import Message

KIND, COLLECTION = "one-time-codes", "one_time_codes"
KEPT_AFTER_MS = 3_600_000


class CodeWrong(Refused):
    code = "identity.code-wrong"
    title = "验证码不正确、已使用或已失效"
    status = 422


class TooSoon(Refused):
    code = "identity.code-too-soon"
    title = "验证码发送过于频繁"
    status = 429


class TargetLimit(Refused):
    code = "identity.code-limit"
    title = "该号码今日的验证码已达上限"
    status = 429


class Purpose(msgspec.Struct, frozen=True):
    """`pair`: sent only when the login name belongs with the number, and answered alike when it does not."""

    name: str
    channel: str
    pair: bool
    use: str


class Issued(msgspec.Struct, frozen=True):
    """`message` carries the code in plain and lives in this process alone."""

    challenge: str
    expires: int
    again: int
    message: Message


def rules_of(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority(KIND, "national").content


def purpose_of(name: str, rules: Mapping[str, Any]) -> Purpose | None:
    found = rules["purposes"].get(name)
    return None if found is None else msgspec.convert({"name": name, **found}, Purpose)


async def issue(desk: Desk, purpose: Purpose, target: str, login: str) -> Issued:
    """A new code; every limit counts whether or not it will be sent. Raises TooSoon, TargetLimit, TooManyAttempts."""
    rules, now = rules_of(desk.policies()), desk.runtime.wall()
    await _count(desk, purpose, target, login, rules, now)
    challenge, code = token_hex(16), f"{randbelow(10 ** rules['digits']):0{rules['digits']}d}"
    expires, again = now + rules["lives_seconds"] * 1000, now + rules["again_after_seconds"] * 1000
    document = {
        "_id": challenge, "purpose": purpose.name, "target": _target(desk, purpose.name, target, login),
        "hash": _hash(desk, challenge, code), "expires": expires, "again": again, "until": expires + KEPT_AFTER_MS,
        "tries": 0, "used_by": "", "state": "on-its-way",
    }  # fmt: skip
    await desk.documents(COLLECTION).insert(document)
    return Issued(challenge, expires, again, _message(challenge, purpose, target, code, rules))


def _message(challenge: str, purpose: Purpose, target: str, code: str, rules: Mapping[str, Any]) -> Message:
    values = {"code": code, "minutes": str(rules["lives_seconds"] // 60), "use": purpose.use}
    words = rules["message"]
    text = str(words[purpose.channel]).format(**values)
    return Message(challenge, target, "code", values, text, words["subject"] if purpose.channel == "email" else "")


async def _count(desk: Desk, purpose: Purpose, target: str, login: str, rules: Mapping[str, Any], now: int) -> None:
    documents, key = desk.documents(attempts.COLLECTION), _target(desk, purpose.name, target, login)
    per_address = {"attempts_per_address": rules["per_address"]["attempts"], **rules["per_address"]}
    await attempts.count_address(desk, "one-time-code", per_address)
    try:
        pause = {"window_seconds": rules["again_after_seconds"]}
        await attempts.count(documents, f"{key}-pause", 1, now, pause)
    except attempts.TooManyAttempts as soon:
        raise TooSoon(until=soon.until, way_out="请在可发送时间之后重新获取") from None
    try:
        await attempts.count(documents, f"{key}-day", rules["per_target"]["attempts"], now, rules["per_target"])
    except attempts.TooManyAttempts as many:
        raise TargetLimit(until=many.until, way_out="请在此时间之后重试，或改用其他核验方式") from None


async def redeem(desk: Desk, purpose: str, challenge: str, code: str, target: str, login: str = "") -> None:
    """Use a code up. The same request sent again (Idempotency-Key) may use it again, so that what broke off goes on.
    Raises CodeWrong: the same whether it is unknown, another's, expired, used or mistyped."""
    rules, now = rules_of(desk.policies()), desk.runtime.wall()
    await attempts.count_address(desk, "one-time-code-tries", rules["tries_per_address"])
    documents = desk.documents(COLLECTION)
    found = await _try(documents, challenge, rules["tries"])
    key = desk.request.headers.get("idempotency-key", "")
    user = desk.blind("one-time-code-user", f"{desk.request.url.path}|{key}")
    expected = found["hash"] if found else _hash(desk, "nobody", "")
    fits = hmac.compare_digest(expected, _hash(desk, challenge, code))
    target_fits = found is not None and hmac.compare_digest(found["target"], _target(desk, purpose, target, login))
    if found is None or not fits or not target_fits:
        raise _wrong()
    repeated = bool(key) and found["used_by"] == user and now < found["until"]
    if repeated:
        return
    if now >= found["expires"] or found["used_by"]:
        raise _wrong()
    if not await documents.update(challenge, {"used_by": user, "state": "used"}, {"used_by": ""}):
        raise _wrong()


async def _try(documents: Documents, challenge: str, limit: int) -> dict[str, Any] | None:
    """The code's document with one more try counted; None when there is none, or too many tries."""
    while found := await documents.get(challenge or "nobody"):
        if found["tries"] >= limit:
            return None
        if await documents.update(challenge, {"tries": found["tries"] + 1}, {"tries": found["tries"]}):
            return found
    return None


def _wrong() -> CodeWrong:
    return CodeWrong(way_out="请核对最近一次收到的验证码；多次不成功请重新获取")


def _hash(desk: Desk, challenge: str, code: str) -> str:
    return desk.blind("one-time-code", f"{challenge}|{code}")


def _target(desk: Desk, purpose: str, target: str, login: str) -> str:
    return desk.blind("one-time-code-target", f"{purpose}|{target}|{login.strip().lower()}")


async def state_of(desk: Desk, challenge: str) -> dict[str, Any] | None:
    """What is known of a code's way, in words; nothing of whose it is."""
    rules, now = rules_of(desk.policies()), desk.runtime.wall()
    found = await desk.documents(COLLECTION).get(challenge)
    if found is None:
        return None
    state = found["state"]
    if found["used_by"]:
        state = "used"
    elif found["tries"] >= rules["tries"]:
        state = "spent"
    elif now >= found["expires"]:
        state = "expired"
    return {
        "state": state,
        **rules["states"][state],
        "expires_at": time_text(instant(found["expires"])),
        "again_at": time_text(instant(found["again"])),
    }

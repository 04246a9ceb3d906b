"""Second factors of officials: one document each, secrets encrypted, recovery codes as hashes. That there is one, the log says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from secrets import choice, token_hex
from typing import Any

import pyotp

from libs.events.contracts.times import instant
from libs.events.decider import Policies
from libs.events.errors import Refused
from libs.events.runtime import Runtime
from libs.events.store.ports import Document
from libs.events.web.desk import Desk
from services.identity import attempts
from services.identity.locked import lock, unlock

COLLECTION, CODES = "second_factors", "recovery_codes"
PURPOSE = "second factors"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are easily taken for one another."""


class FactorWrong(Refused):
    code = "identity.second-factor-wrong"
    title = "验证码不正确或已使用"
    status = 401


def rules_of(policies: Policies) -> Mapping[str, Any]:
    """Raises PolicyMissing."""
    return policies.of_authority("second-factor", "national").content


def required(runtime: Runtime) -> bool:
    """Whether nobody acts under an appointment without one: always in production."""
    chosen: str = runtime.settings.second_factor  # type: ignore[attr-defined]
    return chosen == "required" or (not chosen and runtime.settings.profile == "production")


async def begin_totp(desk: Desk, holder: str, name: str) -> dict[str, str]:
    """A secret that counts once a code of it has come back; shown this once."""
    rules, factor, secret = rules_of(desk.policies()), token_hex(16), pyotp.random_base32()
    document = {"_id": factor, "holder": holder, "kind": "totp", "at": desk.runtime.wall(), "confirmed": False,
                "secret": lock(desk.runtime, PURPOSE, factor, secret.encode()), "last_step": 0}  # fmt: skip
    await desk.documents(COLLECTION).insert(document)
    uri = _totp(secret, rules).provisioning_uri(name=name, issuer_name=rules["totp"]["issuer"])
    return {"factor": factor, "secret": secret, "uri": uri}


async def begun(desk: Desk, holder: str, factor: str, kind: str) -> Document:
    """A factor that waits to be confirmed. Raises FactorWrong when there is none, or not any more."""
    found = await desk.documents(COLLECTION).get(factor)
    oldest = desk.runtime.wall() - rules_of(desk.policies())["enrolment_seconds"] * 1000
    if (
        found is None
        or (found["holder"], found["kind"], found["confirmed"]) != (holder, kind, False)
        or found["at"] < oldest
    ):
        raise FactorWrong(way_out="请重新开始登记")
    return found


async def confirm_totp(desk: Desk, holder: str, factor: str, code: str) -> None:
    """Raises FactorWrong."""
    await count(desk, holder)
    if not await _takes(desk, await begun(desk, holder, factor, "totp"), code):
        raise FactorWrong(way_out="请核对设备时间后，输入现在显示的验证码")
    await desk.documents(COLLECTION).update(factor, {"confirmed": True})
    await forget(desk, holder)


async def prove(desk: Desk, holder: str, code: str) -> str:
    """How it was proved: `otp` or `recovery`. Counted, so that nobody guesses. Raises FactorWrong, TooManyAttempts."""
    await count(desk, holder)
    for factor in await confirmed(desk, holder):
        if factor["kind"] == "totp" and await _takes(desk, factor, code):
            await forget(desk, holder)
            return "otp"
    if await _use_recovery_code(desk, holder, code):
        await forget(desk, holder)
        return "recovery"
    raise FactorWrong(way_out="请输入验证器现在显示的验证码，或一个未用过的恢复码")


async def confirmed(desk: Desk, holder: str) -> list[Document]:
    return await desk.documents(COLLECTION).find({"holder": holder, "confirmed": True}, sort=("at",))


async def _takes(desk: Desk, factor: Document, code: str) -> bool:
    """A code counts once: its time step, and every earlier one, is used up by compare-and-set."""
    rules = rules_of(desk.policies())
    totp = _totp(unlock(desk.runtime, PURPOSE, factor["_id"], factor["secret"]).decode(), rules)
    drift, now = rules["totp"]["drift_steps"], desk.runtime.wall() // 1000
    for step in range(-drift, drift + 1):
        moment = datetime.fromtimestamp(now + step * totp.interval, UTC)
        if totp.verify(code.strip(), for_time=moment):
            number = totp.timecode(moment)
            used, place = {"last_step": number}, {"last_step": factor["last_step"]}
            return number > factor["last_step"] and await desk.documents(COLLECTION).update(factor["_id"], used, place)
    return False


def _totp(secret: str, rules: Mapping[str, Any]) -> pyotp.TOTP:
    return pyotp.TOTP(secret, digits=rules["totp"]["digits"], interval=rules["totp"]["period"])


async def new_recovery_codes(desk: Desk, holder: str) -> list[str]:
    """The earlier ones are void; these are shown once."""
    rules = rules_of(desk.policies())["recovery_codes"]
    codes = ["".join(choice(_LETTERS) for _ in range(rules["length"])) for _ in range(rules["count"])]
    hashes = [_hash(desk, holder, code) for code in codes]
    await desk.documents(CODES).replace({"_id": holder, "hashes": hashes, "at": desk.runtime.wall()}, upsert=True)
    return codes


async def recovery_codes_left(desk: Desk, holder: str) -> int:
    found = await desk.documents(CODES).get(holder)
    return len(found["hashes"]) if found else 0


async def _use_recovery_code(desk: Desk, holder: str, code: str) -> bool:
    found = await desk.documents(CODES).get(holder)
    hash_ = _hash(desk, holder, "".join(code.upper().replace("-", "").split()))
    if found is None or hash_ not in found["hashes"]:
        return False
    left = [one for one in found["hashes"] if one != hash_]
    return await desk.documents(CODES).update(holder, {"hashes": left}, {"hashes": found["hashes"]})


def _hash(desk: Desk, holder: str, code: str) -> str:
    return desk.blind("recovery-code", f"{holder}|{code}")


async def drop(desk: Desk, holder: str, factor: str = "") -> None:
    """One factor, or with none named all of them and the recovery codes."""
    if factor:
        await desk.documents(COLLECTION).delete({"_id": factor, "holder": holder})
        return
    await desk.documents(COLLECTION).delete({"holder": holder})
    await desk.documents(CODES).delete({"_id": holder})


async def count(desk: Desk, holder: str) -> None:
    """Only whoever knows the password comes this far, so counting by holder locks nobody else out."""
    rules = rules_of(desk.policies())["attempts"]
    key = desk.blind("attempt", f"second-factor|{holder}")
    await attempts.count(desk.documents(attempts.COLLECTION), key, rules["attempts"], desk.runtime.wall(), rules)


async def forget(desk: Desk, holder: str) -> None:
    key = desk.blind("attempt", f"second-factor|{holder}")
    await attempts.forget(desk.documents(attempts.COLLECTION), key)


def shown(factor: Document) -> dict[str, Any]:
    return {"factor": factor["_id"], "kind": factor["kind"], "since": instant(factor["at"])}

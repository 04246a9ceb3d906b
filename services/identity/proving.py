"""二次验证 at sign-in and 再次验证 after it: what a session has proved, and what its tokens may say of that."""

from typing import Any

import msgspec

from libs.events.errors import Refused
from libs.events.web.authorization import STEP_UP, NotPermitted
from libs.events.web.desk import Desk
from services.identity import factors, passkeys
from services.identity.domain.officials.state import OfficialState
from services.identity.offices_bodies import SecondProof
from services.identity.sessions import Session


class SecondFactorNeeded(Refused):
    code = "identity.second-factor-needed"
    title = "请完成二次验证"
    status = 401


class SecondFactorMissing(Refused):
    code = "identity.second-factor-missing"
    title = "请先登记二次验证，再选择任职"
    status = 403


async def at_sign_in(desk: Desk, official: OfficialState, proof: SecondProof) -> str:
    """How the second factor was proved; empty where none is enrolled. Raises SecondFactorNeeded, FactorWrong."""
    return await proved(desk, official, proof) if official.factors else ""


async def proved(desk: Desk, official: OfficialState, proof: SecondProof) -> str:
    """Raises SecondFactorNeeded with the ways there are, FactorWrong, TooManyAttempts."""
    holder = official.official
    if proof.code:
        return await factors.prove(desk, holder, proof.code)
    if proof.challenge and proof.assertion is not None:
        return await passkeys.prove(desk, holder, proof.challenge, proof.assertion)
    kinds = sorted({one["kind"] for one in await factors.confirmed(desk, holder)})
    way_out = "填写验证器的验证码或恢复码，或使用安全密钥" if kinds else "验证器的登记已丢失，请联系安全管理员重置"
    facts: dict[str, Any] = {"kinds": kinds, "webauthn": await passkeys.challenge(desk, holder)}
    raise SecondFactorNeeded(way_out=way_out, **facts)


def may_be_seated(desk: Desk, official: OfficialState) -> bool:
    """Where second factors are required nobody acts under an appointment before one is enrolled."""
    return bool(official.factors) or not factors.required(desk.runtime)


def claims_of(desk: Desk, session: Session, enrolled: bool, seconds: int) -> dict[str, Any]:
    """An official's `amr`, `auth_time`, and until when a fresh proof counts (`step_up`). Without an enrolled factor, where none is
    required, the password is all the proof there is."""
    if session.kind != "official":
        return {}
    now = desk.runtime.wall() // 1000
    fresh = session.proven // 1000 + factors.rules_of(desk.policies())["step_up_seconds"]
    until = fresh if enrolled or factors.required(desk.runtime) else now + seconds
    methods = ["pwd", *([session.amr] if session.amr else [])]
    step_up = {"step_up": until} if until > now else {}
    return {"amr": methods, "auth_time": (session.proven or session.started) // 1000, **step_up}


def refuse_unless_recent(desk: Desk, session: Session | None, action: str) -> None:
    """Signing in, the second factor or the password, within the time that a proof counts (ASVS 7.5.2).
    Raises NotPermitted."""
    latest = max(session.started, session.proven, session.confirmed) if session is not None else 0
    counts = factors.rules_of(desk.policies())["step_up_seconds"] * 1000
    if desk.runtime.wall() >= latest + counts:
        raise NotPermitted(action, STEP_UP)


def proven(session: Session, method: str, now: int) -> Session:
    return msgspec.structs.replace(session, amr=method, proven=now)

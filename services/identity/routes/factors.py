"""二次验证: enrolling an authenticator or a security key, recovery codes, and the reset for whoever lost them."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.times import instant
from libs.events.web.authorization import STEP_UP, NotPermitted
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.identity import factors, passkeys, sessions
from services.identity.bodies import Why
from services.identity.domain.officials.commands import EnrolFactor, RemoveFactor, official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.refusals import OfficialUnknown
from services.identity.domain.officials.state import OfficialState
from services.identity.offices_bodies import Attestation, Code

router = APIRouter(tags=["second factors"])
OWN = "/me/second-factors"
ACTION = "identity.keep_factors"


async def own(desk: Desk, fresh: bool) -> tuple[sessions.Session, OfficialState]:
    """Whoever has a factor proves it anew before another is added or one is removed: in this session, for a token from
    before the first factor was enrolled says that the password was proof enough. Raises NotPermitted."""
    desk.allow(ACTION)
    session = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
    if session is None:
        desk.raise_not_found()
    state, _ = await desk.state(officials, official_stream(session.authority, desk.principal.id))
    if fresh and state.factors and not (desk.principal.stepped_up and session.proven):
        raise NotPermitted(ACTION, STEP_UP)
    return session, state


@router.get(OWN)
async def listed(desk: At) -> Response:
    """已登记的二次验证方式和剩余的恢复码数."""
    await own(desk, fresh=False)
    found = await factors.confirmed(desk, desk.principal.id)
    left = await factors.recovery_codes_left(desk, desk.principal.id)
    return desk.respond({"factors": [factors.shown(one) for one in found], "recovery_codes_left": left})


@router.post(f"{OWN}/totp", status_code=201)
async def begin_totp(desk: At) -> Response:
    """登记验证器: the secret is shown this once, and counts when a code of it has been given."""
    await own(desk, fresh=True)
    begun = await factors.begin_totp(desk, desk.principal.id, desk.principal.id[:8])
    return desk.respond(begun, status=201)


@router.post(f"{OWN}/totp/{{factor}}/confirmation", status_code=201)
async def confirm_totp(desk: At, factor: Id, body: Code) -> Response:
    session, official = await own(desk, fresh=True)
    desk.command_id(_enrol(desk, session, factor, "totp"))
    await factors.confirm_totp(desk, desk.principal.id, factor, body.code)
    return await _enrolled(desk, session, official, factor, "totp", body)


@router.post(f"{OWN}/webauthn", status_code=201)
async def begin_webauthn(desk: At) -> Response:
    """登记安全密钥: options for the browser."""
    await own(desk, fresh=True)
    return desk.respond(await passkeys.begin(desk, desk.principal.id, desk.principal.id[:8]), status=201)


@router.post(f"{OWN}/webauthn/{{factor}}/confirmation", status_code=201)
async def confirm_webauthn(desk: At, factor: Id, body: Attestation) -> Response:
    session, official = await own(desk, fresh=True)
    desk.command_id(_enrol(desk, session, factor, "webauthn"))
    await passkeys.confirm(desk, desk.principal.id, factor, body.credential)
    return await _enrolled(desk, session, official, factor, "webauthn", body)


async def _enrolled(
    desk: Desk, session: sessions.Session, official: OfficialState, factor: str, kind: Any, body: Code | Attestation
) -> Response:
    """With the first factor come recovery codes; this session has just proved it."""
    codes = [] if official.factors else await factors.new_recovery_codes(desk, desk.principal.id)
    command = _enrol(desk, session, factor, kind, len(codes))
    response = await desk.handle(command, body, show=lambda _: {"recovery_codes": codes})
    method = "otp" if kind == "totp" else "hwk"
    proof = {"amr": method, "proven": desk.runtime.wall()}
    await desk.documents(sessions.COLLECTION).update(session.sid, proof)
    return response


def _enrol(desk: Desk, session: sessions.Session, factor: str, kind: Any, codes: int = 0) -> EnrolFactor:
    return EnrolFactor(
        **desk.head, authority=session.authority, official=desk.principal.id, factor=factor, kind=kind, codes=codes
    )


@router.post(f"{OWN}/{{factor}}/removal", status_code=201)
async def remove(desk: At, factor: Id, body: Why) -> Response:
    """移除一种方式; where they are required, not the last one."""
    session, _ = await own(desk, fresh=True)
    command = RemoveFactor(
        **desk.head, authority=session.authority, official=desk.principal.id, factor=factor, reason=body.reason,
        keep_one=factors.required(desk.runtime), before=None,
    )  # fmt: skip
    response = await desk.handle(command, body)
    await factors.drop(desk, desk.principal.id, factor)
    return response


@router.post("/me/recovery-codes", status_code=201)
async def recovery_codes(desk: At) -> Response:
    """重新生成恢复码; the earlier ones are void."""
    _, official = await own(desk, fresh=True)
    if not official.factors:
        desk.raise_not_found()
    return desk.respond({"recovery_codes": await factors.new_recovery_codes(desk, desk.principal.id)}, status=201)


@router.post("/officials/{authority}/{official}/second-factors/reset", status_code=201)
async def reset(desk: At, authority: Id, official: Id, body: Why) -> Response:
    """重置他人的二次验证 (安全管理员): for whoever lost it; every session and token of theirs is void."""
    desk.allow("identity.reset_factors")
    state, _ = await desk.state(officials, official_stream(authority, official))
    if not state.exists:
        raise OfficialUnknown()
    command = RemoveFactor(
        **desk.head, authority=authority, official=official, factor="", reason=body.reason, keep_one=False,
        before=instant(desk.runtime.wall()),
    )  # fmt: skip
    response = await desk.handle(command, body)
    await factors.drop(desk, official)
    await sessions.end_all(desk.documents(sessions.COLLECTION), official)
    return response

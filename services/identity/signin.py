"""Signing in, refreshing, choosing an appointment, signing out. Reads its own log and documents, never a read model."""

from collections.abc import Mapping
from secrets import token_hex
from typing import Any

import msgspec
from starlette.responses import JSONResponse, Response

from libs.events.contracts.actors import Actor
from libs.events.contracts.times import instant
from libs.events.decider import Command
from libs.events.errors import Refused, refuse_if
from libs.events.ids import enterprise_id, make_id
from libs.events.recorded import Because
from libs.events.web.desk import Desk
from libs.events.web.problems import address_of
from services.identity import (
    attempts,
    credentials,
    factors,
    own_password,
    persons,
    proving,
    reserving,
    sessions,
    signing,
)
from services.identity.cookies import cookie_of, forget_cookie, set_cookie
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.commands import EndAccountSession, account_stream
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.logins import normalise
from services.identity.domain.accounts.passwords import renewal
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.officials.commands import EndOfficialSession, NoteRecovery, official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.refusals import NotAppointed
from services.identity.domain.officials.state import OfficialState
from services.identity.domain.rules import account_rules
from services.identity.offices_bodies import ProvenSignIn, SecondProof, StepUp
from services.identity.passwords import Passwords
from services.identity.standing import account_standing, office_content


class SignInFailed(Refused):
    code = "identity.sign-in-failed"
    title = "登录名或密码不正确"
    status = 401


async def sign_in(desk: Desk, passwords: Passwords, body: ProvenSignIn) -> Response:
    holder, credential = await proven(desk, passwords, body.login, body.password)
    if credential.get("initial"):
        await own_password.set_own(desk, passwords, credential, body)
    kind, _, id_ = holder.partition(":")
    authority = credential["authority"]
    content, appointment = await _standing(desk, kind, id_, authority, body.appointment or "")
    method = await _second_factor(desk, kind, id_, authority, body)
    await forget(desk, body.login)
    session, cookie = await begin(desk, kind, id_, authority, appointment, method)
    set_at = desk.runtime.wall() if credential.get("initial") else credentials.set_at(credential)
    due = renewal(set_at, desk.runtime.wall(), desk.policies())
    return await _signed_in(desk, session, cookie, content | ({"password_renewal": due} if due else {}))


async def proven(desk: Desk, passwords: Passwords, login: str, password: str) -> tuple[str, dict[str, Any]]:
    """The holder whose password it is, and the credential; counted as an attempt until `forget`. The same answer and the
    same time whether the name is unknown or the password is wrong. Raises SignInFailed, TooManyAttempts."""
    await _count(desk, login, account_rules(desk.policies())["sign_in"], desk.runtime.wall())
    holder = await _holder(desk, login)
    credential = await credentials.fits(desk.documents(credentials.COLLECTION), passwords, holder, password)
    if holder is None or credential is None:
        told = {"from": address_of(desk.request), "login": desk.blind("login", normalise(login))}
        desk.runtime.notes.soon("sign-in-failed", holder or "public:", **told)
        raise _failed()
    return holder, credential


async def begin(
    desk: Desk, kind: str, holder: str, authority: str = "", appointment: str = "", method: str = "", **how: str
) -> tuple[sessions.Session, str]:
    """A new session, noted, and its cookie's value; `how` is what else the access log says of the sign-in."""
    rules, now = account_rules(desk.policies())["tokens"], desk.runtime.wall()
    session, cookie = await sessions.begin(
        desk.documents(sessions.COLLECTION), rules, now, kind=kind, holder=holder, authority=authority,
        appointment=appointment, amr=method,
    )  # fmt: skip
    await _note_sign_in(desk, session, how)
    return session, cookie


async def begun_for_account(desk: Desk, account: AccountState, **how: str) -> Response:
    """An account is let in: a new session and what a sign-in answers."""
    session, cookie = await begin(desk, "account", account.account, **how)
    return await _signed_in(desk, session, cookie, account_standing(account, desk.policies()))


async def _note_sign_in(desk: Desk, session: sessions.Session, how: Mapping[str, str]) -> None:
    """An official's before they are let in; an enterprise's soon."""
    told = {"from": address_of(desk.request), "sid": session.sid, **how}
    who = f"{session.kind}:{session.holder}"
    if session.kind == "official":
        await desk.runtime.notes.note("sign-in", who, **told, second_factor=session.amr)
    else:
        desk.runtime.notes.soon("sign-in", who, **told)


async def _second_factor(desk: Desk, kind: str, id_: str, authority: str, proof: SecondProof) -> str:
    """How an official proved a second factor; empty for accounts and where none is enrolled."""
    if kind != "official":
        return ""
    official, _ = await desk.state(officials, official_stream(authority, id_))
    method = await proving.at_sign_in(desk, official, proof)
    if method == "recovery":
        await _note_recovery(desk, authority, id_)
    return method


async def _note_recovery(desk: Desk, authority: str, id_: str) -> None:
    left = await factors.recovery_codes_left(desk, id_)
    head = Because(id=make_id("recovery", token_hex(16)), received_at=desk.now, actor=Actor("official", id_))
    await desk.runtime.handle(NoteRecovery(**head, authority=authority, official=id_, left=left))


async def _count(desk: Desk, login: str, rules: Any, now: int) -> None:
    """Counted per name and address, so that nobody is locked out from elsewhere, and per address."""
    documents, (by_name, by_address) = desk.documents(attempts.COLLECTION), _attempt_keys(desk, login)
    await attempts.count(documents, by_address, rules["attempts_per_address"], now, rules)
    await attempts.count(documents, by_name, rules["attempts"], now, rules)


async def forget(desk: Desk, login: str) -> None:
    documents, (by_name, by_address) = desk.documents(attempts.COLLECTION), _attempt_keys(desk, login)
    await attempts.forget(documents, by_name)
    await attempts.take_back(documents, by_address)


def _attempt_keys(desk: Desk, login: str) -> tuple[str, str]:
    by_name = desk.blind("attempt", f"{normalise(login)}|{address_of(desk.request)}")
    return by_name, attempts.sign_in_key(desk)


async def _holder(desk: Desk, login: str) -> str | None:
    """By login name; by a legal person's credit code, or a verified natural person's identity number, for their own account
    only."""
    found = await reserving.holder(desk.runtime, "login", desk.blind("login", normalise(login)))
    if found:
        return found
    return await _by_credit_code(desk, login) or await _by_number(desk, login) or None


async def _by_credit_code(desk: Desk, login: str) -> str:
    code = creditcode.normalise(login)
    if creditcode.problems(code):
        return ""
    found = await reserving.holder(desk.runtime, "enterprise", enterprise_id(code))
    state, _ = await desk.state(accounts, account_stream(found.removeprefix("account:") or "nobody"))
    return found if state.kind == "legal" and state.verified else ""


async def _by_number(desk: Desk, login: str) -> str:
    return await persons.account_of_number(desk.runtime, login) if persons.is_number(login) else ""


def _failed() -> SignInFailed:
    return SignInFailed(
        way_out="请核对后重试；已实名的企业也可用统一社会信用代码登录，已实名的自然人也可用居民身份证号登录；自然人账户不能用统一社会信用代码登录"
    )


async def _standing(desk: Desk, kind: str, id_: str, authority: str, appointment: str) -> tuple[dict[str, Any], str]:
    """What is told about the holder, and the appointment acted under (empty for accounts)."""
    if kind == "official":
        official, _ = await desk.state(officials, official_stream(authority, id_))
        chosen = _chosen(desk, official, appointment)
        if not proving.may_be_seated(desk, official):
            refuse_if(
                bool(appointment), proving.SecondFactorMissing(way_out="登录后在“二次验证”中登记验证器或安全密钥")
            )
            chosen = ""
        return _official_content(desk, official, chosen), chosen
    account, _ = await desk.state(accounts, account_stream(id_))
    if not account.registered:
        raise _failed()
    return account_standing(account, desk.policies()), ""


def _chosen(desk: Desk, official: OfficialState, appointment: str) -> str:
    """The one asked for, or the only one; with several, none until one is chosen. Raises NotAppointed."""
    active = official.active(desk.now)
    if not active or (appointment and appointment not in {a.id for a in active}):
        raise NotAppointed(way_out="请联系任命机关")
    return appointment or (active[0].id if len(active) == 1 else "")


def _official_content(desk: Desk, official: OfficialState, chosen: str) -> dict[str, Any]:
    return {
        "kind": "official",
        "id": official.official,
        "appointment": chosen or None,
        "represents": next((a.represents for a in official.active(desk.now) if a.id == chosen), "") or None,
        "appointments": [office_content(a) for a in official.active(desk.now)],
        "second_factor": {"enrolled": bool(official.factors), "required": factors.required(desk.runtime)},
    }


async def refresh(desk: Desk, appointment: str | None = None) -> Response:
    """A new access token, with what has changed since (an enterprise verified, an appointment ended)."""
    rules, documents = account_rules(desk.policies())["tokens"], desk.documents(sessions.COLLECTION)
    session = await _session(desk, rules)
    wanted = session.appointment if appointment is None else appointment
    content, chosen = await _standing(desk, session.kind, session.holder, session.authority, wanted)
    session, cookie = await sessions.rotate(documents, session, rules, desk.runtime.wall(), chosen)
    return await _signed_in(desk, session, cookie, content)


async def step_up(desk: Desk, passwords: Passwords, proof: StepUp) -> Response:
    """再次验证: the second factor proved anew, in the session that there is; by whoever has none, the password.
    Raises SecondFactorMissing, PasswordWrong."""
    rules, documents = account_rules(desk.policies())["tokens"], desk.documents(sessions.COLLECTION)
    session = await _session(desk, rules)
    if session.kind == "official":
        official, _ = await desk.state(officials, official_stream(session.authority, session.holder))
        missing = not official.factors and factors.required(desk.runtime)
        refuse_if(missing, proving.SecondFactorMissing(way_out="请先登记验证器或安全密钥"))
        method = await _second_factor(desk, session.kind, session.holder, session.authority, proof)
        session = proving.proven(session, method, desk.runtime.wall()) if method else session
    if proof.password and not session.amr:
        await own_password.confirm(desk, passwords, session, proof.password)
        session = msgspec.structs.replace(session, confirmed=desk.runtime.wall())
    content, chosen = await _standing(desk, session.kind, session.holder, session.authority, session.appointment)
    session, cookie = await sessions.rotate(documents, session, rules, desk.runtime.wall(), chosen)
    return await _signed_in(desk, session, cookie, content)


async def _session(desk: Desk, rules: Any) -> sessions.Session:
    """Raises SessionOver. A secret used twice ends the session of both who have it."""
    documents, now = desk.documents(sessions.COLLECTION), desk.runtime.wall()
    try:
        session = await sessions.find(documents, cookie_of(desk), now, rules)
    except sessions.SecretReused as reused:
        await end_session(desk, reused.session, "refresh-secret-reused")
        raise sessions.SessionOver("登录凭据被重复使用，为安全起见已结束该登录") from None
    if desk.runtime.follower.is_revoked(session.sid, session.holder, instant(session.started)):
        await sessions.end(documents, session.sid)
        raise sessions.SessionOver()
    return session


async def sign_out(desk: Desk) -> Response:
    """Ends the cookie's session, else the token's; signing out twice is the same as once."""
    rules = account_rules(desk.policies())["tokens"]
    try:
        session: sessions.Session | None = await sessions.find(
            desk.documents(sessions.COLLECTION), cookie_of(desk), desk.runtime.wall(), rules
        )
    except (sessions.SessionOver, sessions.RefreshedElsewhere, sessions.SecretReused):
        session = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
    if session is not None:
        await end_session(desk, session, "signed-out")
    return forget_cookie(desk, Response(status_code=204))


async def end_session(desk: Desk, session: sessions.Session, reason: str) -> None:
    """First it is said, so that no service takes its tokens any more; then the document goes."""
    head = Because(id=make_id("end-session", session.sid), received_at=desk.now, actor=desk.runtime.actor)
    command: Command
    if session.kind == "official":
        command = EndOfficialSession(
            **head, authority=session.authority, official=session.holder, sid=session.sid, reason=reason
        )
    else:
        command = EndAccountSession(**head, account=session.holder, sid=session.sid, reason=reason)
    await desk.runtime.handle(command)
    await sessions.end(desk.documents(sessions.COLLECTION), session.sid)


async def _signed_in(desk: Desk, session: sessions.Session, cookie: str, content: dict[str, Any]) -> Response:
    seconds = account_rules(desk.policies())["tokens"]["access_seconds"]
    claims = {
        "sub": session.holder,
        "sid": session.sid,
        "kind": content["kind"],
        "enterprise": content.get("enterprise"),
        "appointment": session.appointment,
        "represents": content.get("represents"),
        **proving.claims_of(desk, session, content.get("second_factor", {}).get("enrolled", False), seconds),
    }
    token = await signing.access_token(desk.runtime, claims, seconds)
    answer = {"access_token": token, "token_type": "Bearer", "expires_in": seconds, "sid": session.sid, **content}
    response = JSONResponse(msgspec.to_builtins(answer), 200, {"Cache-Control": "no-store"})
    return set_cookie(desk, response, cookie, (session.ends - desk.runtime.wall()) // 1000)

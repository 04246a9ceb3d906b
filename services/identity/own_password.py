"""修改密码 with the present one, and what is asked of a password that somebody else has set."""

from typing import Any

from starlette.responses import Response

from libs.events.contracts.base import Personal
from libs.events.contracts.times import instant
from libs.events.decider import Command
from libs.events.errors import Refused, refuse_if, refuse_together, refuse_unless
from libs.events.web.desk import Desk
from libs.events.web.problems import address_of
from services.identity import attempts, choosing, credentials, sessions
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.logins import normalise
from services.identity.domain.accounts.passwords import initial_over
from services.identity.domain.accounts.refusals import PasswordNotAllowed, PasswordWrong
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.accounts.upkeep import ChangePassword
from services.identity.domain.officials.commands import RevokeOfficialTokens, official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.state import OfficialState
from services.identity.domain.rules import account_rules
from services.identity.offices_bodies import PasswordChange, ProvenSignIn
from services.identity.passwords import Passwords
from services.identity.sessions import Session


class PasswordSetByAnother(Refused):
    code = "identity.password-set-by-another"
    title = "初始密码由他人设置，请先改为自己的密码"
    status = 403


class InitialPasswordOver(Refused):
    code = "identity.initial-password-over"
    title = "初始密码已过有效期"
    status = 403


async def change(desk: Desk, passwords: Passwords, session: Session, body: PasswordChange) -> Response:
    """Everything else of the holder's ends; this session goes on. Asked again, it is answered as the first time: then it
    is the new password that fits. Raises Refused, PasswordWrong, TooManyAttempts."""
    command = _command(desk, session)
    desk.command_id(command)
    refuse_together(await _refusals(desk, session, body.new_password))
    refuse_if(body.new_password == body.password, PasswordNotAllowed("新密码不能与现在的密码相同"))
    await confirm(desk, passwords, session, body.password, body.new_password)
    documents = desk.documents(credentials.COLLECTION)
    await credentials.change(documents, passwords, holder_of(session), body.new_password, desk.runtime.wall())
    response = await desk.handle(command, body, show=lambda _: {"changed": True})
    await sessions.end_others(desk.documents(sessions.COLLECTION), session.holder, session.sid)
    return response


async def confirm(desk: Desk, passwords: Passwords, session: Session, *given: str) -> None:
    """One of these is the holder's password. Counted for the holder, wherever they sit, until it is right; a failure is
    noted. Raises PasswordWrong, TooManyAttempts."""
    documents, rules = desk.documents(attempts.COLLECTION), account_rules(desk.policies())["sign_in"]
    key = desk.blind("attempt", f"password|{session.holder}")
    await attempts.count(documents, key, rules["attempts"], desk.runtime.wall(), rules)
    for password in given:
        known = desk.documents(credentials.COLLECTION)
        if await credentials.fits(known, passwords, holder_of(session), password) is not None:
            return await attempts.forget(documents, key)
    told = {"from": address_of(desk.request), "sid": session.sid}
    desk.runtime.notes.soon("sign-in-failed", holder_of(session), **told)
    raise PasswordWrong(way_out="请输入当前登录密码")


def holder_of(session: Session) -> str:
    return f"{session.kind}:{session.holder}"


def _command(desk: Desk, session: Session) -> Command:
    before = instant(desk.runtime.wall())
    if session.kind == "official":
        return RevokeOfficialTokens(
            **desk.head, authority=session.authority, official=session.holder, before=before,
            reason="password-changed", spared=session.sid,
        )  # fmt: skip
    return ChangePassword(**desk.head, account=session.holder, before=before, spared=session.sid)


async def _refusals(desk: Desk, session: Session, password: str) -> list[Refused]:
    if session.kind == "official":
        official, _ = await desk.state(officials, official_stream(session.authority, session.holder))
        return await officials_refusals(desk, official, password)
    account, _ = await desk.state(accounts, account_stream(session.holder))
    return choosing.refusals(desk, password, await _opened(desk, account.login), *await own_words(desk, account))


async def officials_refusals(desk: Desk, official: OfficialState, password: str) -> list[Refused]:
    login = _named_in(desk, password, official.login_index)
    return choosing.refusals(desk, password, login, await _opened(desk, official.phone))


async def own_words(desk: Desk, account: AccountState) -> list[str]:
    """What is known of an account and should not be its password."""
    sealed = [await _opened(desk, value) for value in (account.phone, account.email)]
    return [*sealed, account.credit_code, account.name]


async def _opened(desk: Desk, value: Personal[str] | None) -> str:
    """Opened inside, to compare a password with; nobody gets to read it."""
    return (await desk.runtime.sealer.open(value) if value is not None else None) or ""


def _named_in(desk: Desk, password: str, login_index: str) -> str:
    """An official's login name where the password contains it. It is kept as its blind index alone, so every part of the
    password that is as long as a name may be is looked up."""
    rule, text = account_rules(desk.policies())["login"], normalise(password)
    lengths = range(rule["shortest"], rule["longest"] + 1)
    parts = {text[at : at + n] for n in lengths for at in range(len(text) - n + 1)}
    return next((part for part in parts if desk.blind("login", part) == login_index), "")


async def set_own(desk: Desk, passwords: Passwords, credential: dict[str, Any], body: ProvenSignIn) -> None:
    """Whoever was given a password for an office that nobody else may act under sets their own first, and in time.
    Raises InitialPasswordOver, PasswordSetByAnother, Refused."""
    over = initial_over(credentials.set_at(credential), desk.runtime.wall(), desk.policies())
    refuse_if(over, InitialPasswordOver(way_out="请由任命您的工作人员重新设置初始密码"))
    refuse_if(not body.new_password, PasswordSetByAnother(way_out="登录时填写 new_password"))
    refuse_together(choosing.refusals(desk, body.new_password, body.login))
    refuse_if(body.new_password == body.password, PasswordNotAllowed("新密码不能与初始密码相同"))
    documents, now = desk.documents(credentials.COLLECTION), desk.runtime.wall()
    done = await credentials.replace(documents, passwords, credential, body.new_password, now, initial=False)
    refuse_unless(done, PasswordWrong())

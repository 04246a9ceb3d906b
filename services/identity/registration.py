"""注册 as a process: what was typed is checked, a credential kept, login name and phone reserved, then registered."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from libs.events.errors import Refused, refuse_together
from libs.events.ids import make_id
from libs.events.web.desk import Desk
from services.identity import choosing, codes, credentials, emails, phones, reserving
from services.identity.bodies import Registration
from services.identity.domain.accounts.commands import RegisterAccount, account_id, account_stream, holder_of
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.logins import (
    login_refusals,
    normalise,
    suggestions,
)
from services.identity.domain.accounts.refusals import (
    EmailNotAllowed,
    LoginTaken,
    PhoneNotAllowed,
    PhoneTaken,
    RegistrationRunning,
)
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.rules import account_rules
from services.identity.outside import registering
from services.identity.passwords import Passwords


async def register(desk: Desk, passwords: Passwords, body: Registration) -> Response:
    """Raises Refused: everything that is wrong with what was typed, together."""
    rules = account_rules(desk.policies())
    phone = phones.normalise(body.phone)
    refuse_together(_typed_wrong(desk, body, phone))
    assert phone is not None
    login_index, phone_index = desk.blind("login", normalise(body.login)), desk.blind("phone", phone)
    account = account_id(login_index, phone_index)
    desk = desk.as_public(desk.blind("registrant", account))
    state, _ = await desk.state(accounts, account_stream(account))
    ticket = await registering.ticket_of(desk, body.ticket, again=state.registered)
    if not state.registered:
        await _prepare(desk, passwords, body, rules, phone, account, login_index, phone_index)
    subject = make_id("subject", "account", account)
    command = RegisterAccount(
        **desk.head,
        account=account,
        kind=body.kind,
        subject=subject,
        login_index=login_index,
        phone_index=phone_index,
        login=await desk.seal(subject, "account_login", body.login),
        phone=await desk.seal(subject, "account_phone", phone),
        email=await desk.seal(subject, "account_email", body.email),
        agreements=tuple(body.agreements),
        phone_confirmed=bool(body.challenge),
    )
    response = await desk.handle(command, body, show=lambda _: {"account": account, "kind": body.kind})
    return await registering.linked(desk, passwords, ticket, account, body.password, response)


def _typed_wrong(desk: Desk, body: Registration, phone: str | None) -> list[Refused]:
    refusals = login_refusals(body.login, account_rules(desk.policies()))
    refusals += choosing.refusals(desk, body.password, body.login, phone or "", body.email)
    if phone is None:
        refusals.append(PhoneNotAllowed("请填写中国大陆的手机号码"))
    if emails.normalise(body.email) is None:
        refusals.append(EmailNotAllowed("请填写有效的电子邮箱"))
    return refusals


async def _prepare(
    desk: Desk,
    passwords: Passwords,
    body: Registration,
    rules: Mapping[str, Any],
    phone: str,
    account: str,
    login_index: str,
    phone_index: str,
) -> None:
    holder = holder_of(account)
    if not await reserving.is_free(desk.runtime, "login", login_index, holder):
        raise await login_taken(desk, body.login, rules)
    if not await reserving.is_free(desk.runtime, "phone", phone_index, holder):
        raise _phone_taken()
    if body.challenge or body.code:
        # Last of what may be refused: a code is not used up for a login name that is taken.
        await codes.redeem(desk, "registration", body.challenge, body.code, phone)
    try:
        now, kept = desk.runtime.wall(), rules["reservation_minutes"] * 60_000
        await credentials.keep(
            desk.documents(credentials.COLLECTION), passwords, holder, body.password, now, kept, authority=""
        )
        await reserving.hold(desk.runtime, holder, (("login", login_index), ("phone", phone_index)))
    except credentials.Busy:
        raise RegistrationRunning(way_out="请用先前填写的密码继续，或稍后再试") from None
    except ValueTaken as taken:
        if taken.facts["what"] == "login":
            raise await login_taken(desk, body.login, rules) from None
        raise _phone_taken() from None


def _phone_taken() -> PhoneTaken:
    return PhoneTaken(way_out="请换用其他手机号码；若该号码是您的，请直接登录或找回账户")


async def login_taken(desk: Desk, login: str, rules: Mapping[str, Any]) -> LoginTaken:
    return LoginTaken(
        way_out="请换用其他登录名；若该账户是您的，请直接登录", suggestions=await free_names(desk, login, rules)
    )


async def free_names(desk: Desk, login: str, rules: Mapping[str, Any]) -> list[str]:
    """Names like `login` that nobody holds."""
    free: list[str] = []
    for name in suggestions(login, rules):
        if await reserving.is_free(desk.runtime, "login", desk.blind("login", name)):
            free.append(name)
        if len(free) == rules["login"]["suggestions_shown"]:
            break
    return free

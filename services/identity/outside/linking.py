"""Linking an outside identity with an account, by whatever proof, and taking it off again."""

from typing import Any

from starlette.responses import Response

from libs.events.contracts.times import instant, time_text
from libs.events.errors import Refused, refuse_if
from libs.events.ids import make_id
from libs.events.recorded import Because
from libs.events.web.desk import Desk
from services.identity import attempts, credentials, reserving, sessions, signin
from services.identity.bodies import OutsideLinking, Unlinking
from services.identity.domain.accounts.commands import account_stream, holder_of
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.outside import (
    LinkOutsideIdentity,
    Method,
    UnlinkOutsideIdentity,
    other_enterprise,
)
from services.identity.domain.accounts.refusals import OutsideIdentityTaken, PasswordWrong
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.rules import account_rules
from services.identity.outside import configuration, cookies, tickets
from services.identity.outside.tickets import Ticket
from services.identity.passwords import Passwords


class OfficialsNotByProvider(Refused):
    code = "identity.officials-not-by-provider"
    title = "工作人员不能用统一登录进入"
    status = 403


async def account_linked(desk: Desk, identity: str) -> AccountState:
    """The account, open or closed, that an identity is linked with; an empty state when there is none."""
    kind, _, id_ = (await reserving.holder(desk.runtime, "outside", identity)).partition(":")
    if kind != "account":
        return AccountState()
    state, _ = await desk.state(accounts, account_stream(id_))
    return state if state.linked(identity) else AccountState()


async def link(
    desk: Desk, once: str, account: str, provider: str, identity: str, method: Method, credit_code: str
) -> None:
    """The same `once` links once. An identity whose account is closed is free. Raises OutsideIdentityTaken, Refused."""
    before = await account_linked(desk, identity)
    if before.registered and not before.open:
        await reserving.release(desk.runtime, holder_of(before.account), "outside", identity, "account closed")
    try:
        await reserving.hold(desk.runtime, holder_of(account), (("outside", identity),))
    except ValueTaken as taken:
        raise OutsideIdentityTaken(until=taken.until, way_out="请用所关联的账户登录，解除关联后再试") from None
    head = Because(id=make_id("link-outside", once), received_at=desk.now, actor=desk.actor)
    await desk.runtime.handle(
        LinkOutsideIdentity(
            **head, account=account, provider=provider, identity=identity, method=method, credit_code=credit_code
        )
    )


async def link_ticket(desk: Desk, ticket: Ticket, account: str, method: Method) -> None:
    refuse_if(bool(ticket.account) and ticket.account != account, other_enterprise())
    await link(desk, ticket.id, account, ticket.provider, ticket.identity, method, ticket.credit_code)
    await tickets.spend(desk, ticket)


async def link_by_password(desk: Desk, passwords: Passwords, body: OutsideLinking) -> Response:
    """The account's own sign-in is the proof; a session begins with it. Raises TicketOver, SignInFailed, Refused."""
    ticket = await tickets.needed(desk, body.ticket)
    holder, _ = await signin.proven(desk, passwords, body.login, body.password)
    kind, _, account = holder.partition(":")
    if kind != "account":
        raise OfficialsNotByProvider(
            rule=_source(desk), way_out="请用登录名、密码和二次验证登录；企业账户才能关联统一登录"
        )
    await signin.forget(desk, body.login)
    desk = desk.as_public(desk.blind("registrant", account))
    await link_ticket(desk, ticket, account, "password")
    state, _ = await desk.state(accounts, account_stream(account))
    response = await signin.begun_for_account(desk, state, provider=ticket.provider)
    return cookies.forget(desk, response, "ticket")


def _source(desk: Desk) -> str:
    return f"工作人员须经二次验证（{desk.policies().of_authority('second-factor', 'national').source}）"


async def own(desk: Desk) -> list[dict[str, Any]]:
    state, _ = await desk.state(accounts, account_stream(desk.principal.id))
    return [
        {
            "identity": one.identity,
            "provider": one.provider,
            "title": configuration.title_of(desk, one.provider),
            "since": time_text(one.since),
        }
        for one in state.outside
    ]


async def unlink(desk: Desk, passwords: Passwords, identity: str, body: Unlinking) -> Response:
    """解除关联: with the password; every session ends, for nobody knows which began by the identity."""
    account = desk.principal.id
    await attempts.count_address(desk, "unlinking", account_rules(desk.policies())["login_names"])
    documents = desk.documents(credentials.COLLECTION)
    if await credentials.fits(documents, passwords, holder_of(account), body.password) is None:
        raise PasswordWrong(way_out="请输入当前登录密码")
    command = UnlinkOutsideIdentity(
        **desk.head, account=account, identity=identity, reason=body.reason, before=instant(desk.runtime.wall())
    )
    response = await desk.handle(command, body, show=lambda _: {"unlinked": True})
    await sessions.end_all(desk.documents(sessions.COLLECTION), account)
    return response

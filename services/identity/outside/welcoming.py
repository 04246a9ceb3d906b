"""Whom an outside identity is linked with: let in, linked where the provider vouches, else on with a ticket and told why."""

from typing import Any

from starlette.responses import RedirectResponse, Response

from libs.events.contracts.times import instant, time_text
from libs.events.errors import Refused, refuse_if
from libs.events.web.desk import Desk
from libs.events.web.problems import refusal_content
from services.identity import attempts, signin
from services.identity.cookies import set_cookie
from services.identity.domain.accounts.outside import other_enterprise
from services.identity.domain.accounts.state import AccountState
from services.identity.holders import account_of_enterprise
from services.identity.outside import configuration, linking, tickets
from services.identity.outside.flows import Flow
from services.identity.outside.people import Person


class NotLinked(Refused):
    code = "identity.outside-not-linked"
    title = "该统一登录身份尚未关联本平台的账户"


class AccountOver(Refused):
    code = "identity.outside-account-closed"
    title = "该统一登录身份关联的账户已注销"


async def welcome(desk: Desk, person: Person, flow: Flow) -> Response:
    """Raises OtherEnterprise, Refused."""
    account = await linking.account_linked(desk, person.identity)
    if account.open:
        differs = person.credit_code and account.verified and account.credit_code != person.credit_code
        refuse_if(bool(differs), other_enterprise())
        return await _in(desk, account, person, flow)
    known = await account_of_enterprise(desk.runtime, person.credit_code) if person.credit_code else AccountState()
    if account.registered:
        return await _on(desk, person, flow, known, _over(account))
    if known.registered and known.kind == "legal" and person.vouched:
        desk = desk.as_public(desk.blind("registrant", known.account))
        await linking.link(
            desk, flow.state, known.account, person.provider, person.identity, "credit-code", person.credit_code
        )
        return await _in(desk, known, person, flow)
    return await _on(desk, person, flow, known, _not_linked(known))


async def _in(desk: Desk, account: AccountState, person: Person, flow: Flow) -> Response:
    """A new session, whatever the browser had before; it does not count against the address."""
    await attempts.take_back(desk.documents(attempts.COLLECTION), attempts.sign_in_key(desk))
    session, cookie = await signin.begin(desk, "account", account.account, provider=person.provider)
    seconds = (session.ends - desk.runtime.wall()) // 1000
    return set_cookie(desk, _back(flow, "signed-in"), cookie, seconds)


async def _on(desk: Desk, person: Person, flow: Flow, known: AccountState, why: Refused) -> Response:
    response = _back(flow, "link" if known.registered else "register")
    return await tickets.issue(
        desk, response, person.provider, person.identity, person.credit_code, person.name, known.account,
        refusal_content(why),
    )  # fmt: skip


def has_account() -> Refused:
    """The enterprise has one: that is the account to link, and it says so itself."""
    return NotLinked(
        "该企业在本平台已有完成实名认证的账户，关联前须由该账户证明",
        way_out="请输入该账户的登录名（或统一社会信用代码）和密码完成关联；忘记密码请先重置",
    )


def _not_linked(known: AccountState) -> Refused:
    if known.registered:
        return has_account()
    return NotLinked(
        "没有与该统一登录身份对应的账户",
        way_out="请注册账户，登录名和密码填好后即完成关联；已有账户的，输入其登录名和密码完成关联",
    )


def _over(account: AccountState) -> Refused:
    merged = "该账户已并入同一企业的已实名账户，请输入已实名账户的登录名和密码重新关联"
    return AccountOver(since=account.closed_at, way_out=merged if account.merged_into else "请重新注册，或关联其他账户")


def _back(flow: Flow, outcome: str) -> Response:
    """The fragment stays in the browser: the page learns from it what to ask next."""
    return RedirectResponse(f"{flow.return_to}#outside={outcome}", 303, {"Cache-Control": "no-store"})


def shown(desk: Desk, ticket: tickets.Ticket) -> dict[str, Any]:
    """What the page fills in and says."""
    return {
        "ticket": ticket.id,
        "provider": ticket.provider,
        "title": configuration.title_of(desk, ticket.provider),
        "next": ticket.next,
        "why": ticket.why,
        "credit_code": ticket.credit_code or None,
        "name": ticket.name or None,
        "expires_at": time_text(instant(ticket.until)),
    }

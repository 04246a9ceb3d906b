"""Ways out of trouble by a code: forgotten password, another phone, two accounts made one, an account closed."""

from datetime import datetime

from starlette.responses import Response

from libs.events.contracts.times import instant
from libs.events.errors import refuse_together
from libs.events.ids import make_id
from libs.events.web.desk import Desk
from services.identity import attempts, choosing, codes, credentials, emails, own_password, phones, reserving, sessions
from services.identity.bodies import Closing, Merging, PasswordForgotten, PhoneChange, Proof
from services.identity.channels.chosen import Name
from services.identity.domain.accounts.commands import account_stream, holder_of
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    EmailNotAllowed,
    MergeNotPossible,
    PasswordWrong,
    PhoneNotAllowed,
    PhoneTaken,
)
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.accounts.upkeep import ChangePhone, CloseAccount, ConfirmPhone, ResetPassword
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.rules import account_rules
from services.identity.holders import account_called, account_with_phone
from services.identity.pairs import belongs
from services.identity.passwords import Passwords


def phone_or_refuse(text: str) -> str:
    phone = phones.normalise(text)
    if phone is None:
        raise PhoneNotAllowed("请填写中国大陆的手机号码")
    return phone


async def confirm_phone(desk: Desk, body: Proof) -> Response:
    """绑定手机号: the number given at registration is one's own."""
    account = desk.principal.id
    state = await _own(desk)
    phone = await _phone_of(desk, state)
    await codes.redeem(desk, "bind-phone", body.challenge, body.code, phone)
    return await desk.handle(ConfirmPhone(**desk.head, account=account), body)


async def reset_password(desk: Desk, passwords: Passwords, body: PasswordForgotten) -> Response:
    """忘记密码. Nothing is told of whether there is such an account before a code has shown the phone."""
    refusals = choosing.refusals(desk, body.password, body.login)
    phone = phones.normalise(body.phone)
    refuse_together(refusals if phone else [*refusals, PhoneNotAllowed("请填写中国大陆的手机号码")])
    assert phone is not None
    known = await belongs(desk, body.login, "sms", phone)
    await codes.redeem(desk, "password-reset", body.challenge, body.code, phone, body.login)
    account = await account_called(desk.runtime, body.login)
    if not known or not account.open:
        raise AccountUnknown()
    login = await desk.runtime.sealer.open(account.login) if account.login else None
    own = await own_password.own_words(desk, account)
    refuse_together(choosing.refusals(desk, body.password, login or body.login, *own))
    desk = desk.as_public(desk.blind("registrant", account.account))
    documents, now = desk.documents(credentials.COLLECTION), desk.runtime.wall()
    await credentials.change(documents, passwords, holder_of(account.account), body.password, now)
    command = ResetPassword(**desk.head, account=account.account, before=_wall(desk))
    return await _ended(desk, account.account, await desk.handle(command, body, show=lambda _: {"reset": True}))


async def change_phone(desk: Desk, body: PhoneChange) -> Response:
    """手机号修改: by the old number or by the mailbox, and the new number shows itself as well."""
    new = phone_or_refuse(body.new_phone)
    name, purpose, target = _old_side(body)
    known = await belongs(desk, body.login, name, target)
    await codes.redeem(desk, "phone-change-new", body.new_challenge, body.new_code, new)
    await codes.redeem(desk, purpose, body.challenge, body.code, target, body.login)
    account, index = await account_called(desk.runtime, body.login), desk.blind("phone", new)
    # Sent again after it was done, the old number is not the account's any more.
    done = account.phone_index == index
    if not account.open or not (known or done):
        raise AccountUnknown()
    desk = desk.as_public(desk.blind("registrant", account.account))
    await hold_phone(desk, account.account, index)
    command = ChangePhone(
        **desk.head,
        account=account.account,
        phone=await desk.seal(account.subject, "account_phone", new),
        phone_index=index,
        method=body.method,
        before=_wall(desk),
    )
    return await _ended(desk, account.account, await desk.handle(command, body, show=lambda _: {"changed": True}))


def _old_side(body: PhoneChange) -> tuple[Name, str, str]:
    if body.method == "phone":
        return "sms", "phone-change-old", phone_or_refuse(body.phone)
    email = emails.normalise(body.email)
    if email is None:
        raise EmailNotAllowed("请填写有效的电子邮箱")
    return "email", "phone-change-email", email


async def hold_phone(desk: Desk, account: str, index: str) -> None:
    """Reserve a number for an account. Raises PhoneTaken."""
    try:
        await reserving.hold(desk.runtime, holder_of(account), (("phone", index),))
    except ValueTaken:
        raise PhoneTaken(way_out="请换用其他手机号码；若该号码是您另一账户的，请先登录该账户并入或注销") from None


async def merge(desk: Desk, body: Merging) -> Response:
    """合并账户: one's own, which stands for no enterprise, ends; the verified one's phone has shown itself."""
    own, phone = await _own(desk), phone_or_refuse(body.phone)
    known = await belongs(desk, body.login, "sms", phone)
    await codes.redeem(desk, "merging", body.challenge, body.code, phone, body.login)
    into = await account_with_phone(desk.runtime, phone)
    if not known or not into.verified:
        raise MergeNotPossible("对方账户尚未完成法人实名认证", way_out="请直接完成本账户的法人实名认证")
    command = CloseAccount(
        **desk.head, account=own.account, reason="并入已实名账户", before=_wall(desk), into=into.account
    )
    return await _gone(desk, own.account, await desk.handle(command, body, show=lambda _: {"into": into.account}))


async def close(desk: Desk, passwords: Passwords, body: Closing) -> Response:
    """注销账户: with the password and a code to the bound phone."""
    own = await _own(desk)
    await attempts.count_address(desk, "closing", account_rules(desk.policies())["login_names"])
    documents = desk.documents(credentials.COLLECTION)
    if await credentials.fits(documents, passwords, holder_of(own.account), body.password) is None:
        raise PasswordWrong(way_out="请输入当前登录密码")
    await codes.redeem(desk, "closing", body.challenge, body.code, await _phone_of(desk, own))
    command = CloseAccount(**desk.head, account=own.account, reason=body.reason, before=_wall(desk))
    return await _gone(desk, own.account, await desk.handle(command, body, show=lambda _: {"closed": True}))


async def close_for_check(desk: Desk, account: AccountState, into: str, check: str) -> None:
    """An account without enterprise whose number a check has shown to be the enterprise's goes into the verified one."""
    command = CloseAccount(
        make_id("merge", check, account.account), desk.now, desk.runtime.actor, account.account, "人工核验合并",
        _wall(desk), into,
    )  # fmt: skip
    await desk.runtime.handle(command)
    await credentials.remove(desk.documents(credentials.COLLECTION), holder_of(account.account))
    await sessions.end_all(desk.documents(sessions.COLLECTION), account.account)
    await reserving.release(desk.runtime, holder_of(account.account), "phone", account.phone_index, "merged")


async def _own(desk: Desk) -> AccountState:
    state, _ = await desk.state(accounts, account_stream(desk.principal.id))
    if not state.registered:
        desk.raise_not_found()
    return state


async def _phone_of(desk: Desk, account: AccountState) -> str:
    """Opened inside, to compare a code's target with; nobody gets to read it."""
    return (await desk.runtime.sealer.open(account.phone) if account.phone else None) or ""


async def _ended(desk: Desk, account: str, response: Response) -> Response:
    await sessions.end_all(desk.documents(sessions.COLLECTION), account)
    return response


async def _gone(desk: Desk, account: str, response: Response) -> Response:
    await credentials.remove(desk.documents(credentials.COLLECTION), holder_of(account))
    return await _ended(desk, account, response)


def _wall(desk: Desk) -> datetime:
    return instant(desk.runtime.wall())

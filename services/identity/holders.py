"""Whom something belongs to: by login name or credit code, by phone. The same work whether or not there is anybody."""

from libs.events.ids import enterprise_id
from libs.events.runtime import Runtime
from services.identity import persons, reserving
from services.identity.domain.accounts import creditcode
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.accounts.decide import decider as accounts
from services.identity.domain.accounts.logins import normalise
from services.identity.domain.accounts.state import AccountState

_NOBODY = "nobody"


async def account_called(runtime: Runtime, name: str) -> AccountState:
    """The account of a login name, of a verified enterprise's credit code or of a verified natural person's identity
    number; an empty state when there is none.
    A natural person's account is not found by a credit code."""
    by_login = await reserving.holder(runtime, "login", runtime.sealer.blind("login", normalise(name)))
    code = creditcode.normalise(name)
    by_code = await reserving.holder(runtime, "enterprise", enterprise_id(code))
    by_number = await persons.account_of_number(runtime, name)
    found = await account_held_by(runtime, by_login or by_code or by_number)
    if (
        by_login
        or (by_number and not by_code)
        or (found.kind == "legal" and found.verified and found.credit_code == code)
    ):
        return found
    return AccountState()


async def account_of_enterprise(runtime: Runtime, credit_code: str) -> AccountState:
    """The account that stands for an enterprise; an empty state when none does."""
    enterprise = enterprise_id(creditcode.normalise(credit_code))
    found = await account_held_by(runtime, await reserving.holder(runtime, "enterprise", enterprise))
    return found if found.enterprise == enterprise else AccountState()


async def account_with_phone(runtime: Runtime, phone: str) -> AccountState:
    """The account that a (normalised) number is bound to; an empty state when it is to none."""
    return await account_held_by(
        runtime, await reserving.holder(runtime, "phone", runtime.sealer.blind("phone", phone))
    )


async def account_held_by(runtime: Runtime, holder: str) -> AccountState:
    kind, _, id_ = holder.partition(":")
    state: AccountState = (await runtime.state(accounts, account_stream(id_ if kind == "account" else _NOBODY))).state
    return state if state.open else AccountState()

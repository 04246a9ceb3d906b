"""Whether a login name belongs with a number or mailbox; the same look-ups are made whether or not it does."""

import hmac

from libs.events.contracts.base import Personal
from libs.events.web.desk import Desk
from services.identity import emails
from services.identity.channels.chosen import Name
from services.identity.domain.accounts.state import AccountState
from services.identity.holders import account_called, account_with_phone

_NOTHING = Personal[str](1, "0" * 32, "0" * 32, "account_email", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


async def belongs(desk: Desk, login: str, name: Name, target: str) -> bool:
    found = await account_called(desk.runtime, login)
    if name == "email":
        return await has_email(desk, found, target)
    with_phone = await account_with_phone(desk.runtime, target)
    return found.registered and hmac.compare_digest(found.account, with_phone.account)


async def has_email(desk: Desk, account: AccountState, email: str) -> bool:
    """Opened inside, for comparison only: nobody gets to read it."""
    opened = await desk.runtime.sealer.open(account.email or _NOTHING)
    return hmac.compare_digest((emails.normalise(opened or "") or "").encode(), email.encode()) and bool(opened)

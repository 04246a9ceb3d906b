"""What was done to an account, and how a manual check ended, is told by SMS and e-mail."""

from libs.events.contracts.accounts import (
    AccountClosed,
    CheckAnswered,
    CheckLapsed,
    CheckRequested,
    OutsideIdentityLinked,
    OutsideIdentityUnlinked,
    PasswordChanged,
    PasswordReset,
    RepresentativeChanged,
)
from libs.events.contracts.identity import PhoneChanged
from libs.events.decider import Command
from libs.events.ids import make_id
from libs.events.recorded import Recorded, because
from services.identity.domain.answers.commands import Tell

SOURCE, START = "identity", "origin"
HANDLES = (
    PhoneChanged, PasswordReset, PasswordChanged, AccountClosed, CheckRequested, CheckAnswered, CheckLapsed,
    RepresentativeChanged, OutsideIdentityLinked, OutsideIdentityUnlinked,
)  # fmt: skip
Affair = (
    PhoneChanged | PasswordReset | PasswordChanged | AccountClosed | CheckRequested | CheckAnswered | CheckLapsed
    | RepresentativeChanged | OutsideIdentityLinked | OutsideIdentityUnlinked
)  # fmt: skip
OF_ONESELF = ("real-name", "person")
"""Purposes of checks that only the account itself asks for."""


def react(event: Recorded[Affair]) -> list[Command]:
    match event.data:
        case PhoneChanged() as data:
            # After a manual check its own answer says so, with the login name.
            new = [] if data.check else [_tell(event, "phone-changed", data.account)]
            # Whoever lost the number, or from whom it was taken, hears of it on the old one.
            old = [_tell(event, "phone-moved-away", data.account, phone=data.before)] if data.before else []
            return [*new, *old]
        case PasswordReset() as data:
            return [_tell(event, "password-reset", data.account)]
        case PasswordChanged() as data:
            return [_tell(event, "password-changed", data.account)]
        case AccountClosed() as data:
            return [_tell(event, "account-merged" if data.into else "account-closed", data.account)]
        case CheckRequested() as data:
            told = [_tell(event, "check-requested", data.requester, data.check)]
            # Whoever has the account hears of it before anything changes.
            known = data.account and data.purpose not in OF_ONESELF
            return [*told, _tell(event, "check-notice", data.account)] if known else told
        case CheckAnswered() as data if data.approved:
            return [_tell(event, "check-approved", data.account, data.check)]
        case CheckAnswered() as data:
            own = data.account if data.purpose in OF_ONESELF else ""
            return [_tell(event, "check-refused", own, data.check, reasons=data.reasons)]
        case CheckLapsed() as data:
            return [_tell(event, "check-lapsed", data.account, data.check)]
        case RepresentativeChanged() as data:
            return [_tell(event, "representative-changed", data.account)]
        case OutsideIdentityLinked() as data:
            return [_tell(event, "outside-linked", data.account)]
        case OutsideIdentityUnlinked() as data:
            return [_tell(event, "outside-unlinked", data.account)]
        case _:
            return []


def _tell(event: Recorded[Affair], about: str, account: str, check: str = "", **more: object) -> Command:
    answer = make_id("answer", event.id, about)
    return Tell(**because(event), answer=answer, about=about, account=account, check=check, **more)  # type: ignore[arg-type]

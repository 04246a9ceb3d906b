"""An account over the years: its phone confirmed and changed, its password reset, checks carried out, its end."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, assert_never

from libs.events.contracts.accounts import (
    AccountClosed,
    CheckNotCarriedOut,
    CheckRequested,
    PasswordChanged,
    PasswordReset,
    PhoneConfirmed,
    RepresentativeChanged,
)
from libs.events.contracts.base import Event, Personal
from libs.events.contracts.identity import AccountTokensRevoked, PhoneChanged, RealNameRefused, RealNameVerified
from libs.events.decider import Command, Facts
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.accounts import creditcode, persons
from services.identity.domain.accounts.commands import account_stream, holder_of
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    MergeNotPossible,
    PhoneAlreadyConfirmed,
    ReservationLapsed,
    SamePhone,
)
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.checks.commands import check_stream
from services.identity.domain.checks.state import CheckState
from services.identity.domain.reservations.commands import reservation_stream
from services.identity.domain.reservations.state import ReservationState
from services.identity.domain.rules import REAL_NAME, pins


class ConfirmPhone(Command, frozen=True):
    account: str

    @property
    def stream(self) -> str:
        return account_stream(self.account)


class ChangePhone(Command, frozen=True):
    """By the old phone or by e-mail; the new number is reserved. `before` is wall time: older tokens are void."""

    account: str
    phone: Personal[str]
    phone_index: str
    method: Literal["phone", "email"]
    before: datetime

    @property
    def stream(self) -> str:
        return account_stream(self.account)

    @property
    def reads(self) -> Sequence[str]:
        return (reservation_stream(self.phone_index, "phone"),)


class ResetPassword(Command, frozen=True):
    account: str
    before: datetime

    @property
    def stream(self) -> str:
        return account_stream(self.account)


class ChangePassword(Command, frozen=True):
    """By the holder in the session `spared`, where the present password was shown; `before` is wall time."""

    account: str
    before: datetime
    spared: str

    @property
    def stream(self) -> str:
        return account_stream(self.account)


class CarryOutCheck(Command, frozen=True):
    """What an answered manual check means for the account; sent by a reaction, so it always says something."""

    account: str
    check: str
    approved: bool
    reasons: tuple[str, ...]
    before: datetime

    @property
    def stream(self) -> str:
        return account_stream(self.account)

    @property
    def reads(self) -> Sequence[str]:
        return (check_stream(self.check),)


class CloseAccount(Command, frozen=True):
    """注销; with `into` a merge: the account to go on with is another."""

    account: str
    reason: str
    before: datetime
    into: str = ""

    @property
    def stream(self) -> str:
        return account_stream(self.account)


UpkeepCommand = ConfirmPhone | ChangePhone | ResetPassword | ChangePassword | CarryOutCheck | CloseAccount
UPKEEP: tuple[type[Command], ...] = (
    ConfirmPhone, ChangePhone, ResetPassword, ChangePassword, CarryOutCheck, CloseAccount,
)  # fmt: skip


def decide(command: UpkeepCommand, account: AccountState, facts: Facts) -> list[Event]:
    match command:
        case ConfirmPhone():
            refuse_unless(account.open, AccountUnknown())
            refuse_if(account.phone_confirmed, PhoneAlreadyConfirmed())
            return [PhoneConfirmed(command.received_at, command.account, "binding")]
        case ChangePhone():
            return change_phone(command, account, facts)
        case ResetPassword():
            return reset_password(command, account)
        case ChangePassword():
            return change_password(command, account)
        case CarryOutCheck():
            return carry_out(command, account, facts)
        case CloseAccount():
            return close(command, account)
        case _:
            assert_never(command)


def change_phone(command: ChangePhone, account: AccountState, facts: Facts) -> list[Event]:
    refuse_unless(account.open, AccountUnknown())
    refuse_if(command.phone_index == account.phone_index, SamePhone(way_out="请填写新的手机号码"))
    reservation: ReservationState = facts.reads[command.reads[0]]
    refuse_unless(reservation.holder_at(command.received_at) == holder_of(command.account), ReservationLapsed())
    changed = PhoneChanged(
        command.received_at, command.account, command.phone, command.method, command.phone_index, account.phone,
        account.phone_index,
    )  # fmt: skip
    return [changed, _ended(command.received_at, command.account, command.before, "phone-changed")]


def reset_password(command: ResetPassword, account: AccountState) -> list[Event]:
    """Whoever has read the code has the phone: from here it is confirmed."""
    refuse_unless(account.open, AccountUnknown())
    confirmed: list[Event] = [PhoneConfirmed(command.received_at, command.account, "reset")]
    return [
        *(() if account.phone_confirmed else confirmed),
        PasswordReset(command.received_at, command.account, "sms"),
        _ended(command.received_at, command.account, command.before, "password-reset"),
    ]


def change_password(command: ChangePassword, account: AccountState) -> list[Event]:
    """Every session ends but the one in which it was changed."""
    refuse_unless(account.open, AccountUnknown())
    at = command.received_at
    return [
        PasswordChanged(at, command.account),
        AccountTokensRevoked(at, command.account, command.before, "password-changed", command.spared),
    ]


def carry_out(command: CarryOutCheck, account: AccountState, facts: Facts) -> list[Event]:
    check: CheckState = facts.reads[command.reads[0]]
    requested = check.requested
    if requested is None or not account.open:
        return [CheckNotCarriedOut(command.received_at, command.account, command.check, "account-closed")]
    if requested.purpose == "person":
        return persons.carried_out(command, account, requested, command.check, command.approved, command.reasons, facts)
    if not command.approved:
        return _not_approved(command, account, requested)
    match requested.purpose:
        case "real-name":
            return _verified_by(command, account, requested, facts)
        case "representative":
            return [_represented(command, requested), *_phone_by(command, account, requested)]
        case "phone":
            return _phone_by(command, account, requested) or [
                CheckNotCarriedOut(command.received_at, command.account, command.check, "same-phone")
            ]
        case _:
            assert_never(requested.purpose)


def _not_approved(command: CarryOutCheck, account: AccountState, requested: CheckRequested) -> list[Event]:
    if requested.purpose == "real-name" and account.check == command.check:
        return [RealNameRefused(command.received_at, command.account, requested.credit_code, command.reasons)]
    return [CheckNotCarriedOut(command.received_at, command.account, command.check, "refused")]


def _verified_by(command: CarryOutCheck, account: AccountState, requested: CheckRequested, facts: Facts) -> list[Event]:
    if account.verified:
        return [CheckNotCarriedOut(command.received_at, command.account, command.check, "verified-before")]
    return [
        RealNameVerified(
            received_at=command.received_at,
            account=command.account,
            enterprise=requested.enterprise,
            credit_code=requested.credit_code,
            name=requested.name,
            method="manual",
            warnings=creditcode.warnings(requested.credit_code),
            policies=pins(facts.policies, REAL_NAME),
        )
    ]


def _represented(command: CarryOutCheck, requested: CheckRequested) -> RepresentativeChanged:
    return RepresentativeChanged(
        command.received_at, command.account, requested.enterprise, command.check, requested.legal_representative,
        requested.document_type, requested.document_number,
    )  # fmt: skip


def _phone_by(command: CarryOutCheck, account: AccountState, requested: CheckRequested) -> list[Event]:
    if requested.phone_index == account.phone_index:
        return []
    changed = PhoneChanged(
        command.received_at, command.account, requested.phone, "manual", requested.phone_index, account.phone,
        account.phone_index, command.check,
    )  # fmt: skip
    return [changed, _ended(command.received_at, command.account, command.before, "phone-changed")]


def close(command: CloseAccount, account: AccountState) -> list[Event]:
    """Only an account that stands for no enterprise is merged into the one that does."""
    refuse_unless(account.open, AccountUnknown())
    refuse_if(command.into and account.verified, MergeNotPossible("已实名的账户不能并入其他账户"))
    refuse_if(command.into == command.account, MergeNotPossible("不能并入自身"))
    closed = AccountClosed(
        command.received_at, command.account, command.reason, account.phone_index, account.enterprise, command.into,
        account.person.index if account.person else "",
    )  # fmt: skip
    return [closed, _ended(command.received_at, command.account, command.before, "closed")]


def _ended(at: datetime, account: str, before: datetime, reason: str) -> AccountTokensRevoked:
    return AccountTokensRevoked(at, account, before, reason)

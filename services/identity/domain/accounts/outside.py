"""统一登录: an identity that an outside provider vouches for, linked to an account and taken off it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from libs.events.contracts.accounts import OutsideIdentityLinked, OutsideIdentityUnlinked
from libs.events.contracts.base import Event
from libs.events.contracts.identity import AccountTokensRevoked
from libs.events.decider import Command, Facts
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.accounts.commands import account_stream, holder_of
from services.identity.domain.accounts.refusals import (
    AccountUnknown,
    OtherEnterprise,
    OutsideIdentityUnknown,
    ReservationLapsed,
    TooManyOutsideIdentities,
)
from services.identity.domain.accounts.state import AccountState
from services.identity.domain.reservations.commands import reservation_stream
from services.identity.domain.reservations.state import ReservationState
from services.identity.domain.rules import account_rules

Method = Literal["password", "credit-code", "registration"]


class LinkOutsideIdentity(Command, frozen=True):
    """`identity` is the blind index of issuer and subject and is reserved for the account; `credit_code` is what the provider
    said, in normal form and with a right check digit, or empty."""

    account: str
    provider: str
    identity: str
    method: Method
    credit_code: str = ""

    empty_is_fine: ClassVar[bool] = True

    @property
    def stream(self) -> str:
        return account_stream(self.account)

    @property
    def reads(self) -> Sequence[str]:
        return (reservation_stream(self.identity, "outside"),)


class UnlinkOutsideIdentity(Command, frozen=True):
    """`before` is wall time: older tokens are void, for nobody knows which of them came of the identity."""

    account: str
    identity: str
    reason: str
    before: datetime

    @property
    def stream(self) -> str:
        return account_stream(self.account)


def link(command: LinkOutsideIdentity, account: AccountState, facts: Facts) -> list[Event]:
    """Only where nothing the provider said contradicts the account; by credit code alone only where it agrees."""
    refuse_unless(account.open, AccountUnknown())
    agrees = account.verified and account.credit_code == command.credit_code
    contradicts = account.verified and bool(command.credit_code) and not agrees
    refuse_if(contradicts or (command.method == "credit-code" and not agrees), other_enterprise())
    if account.linked(command.identity):
        return []
    most = account_rules(facts.policies)["outside"]["most_linked"]
    refuse_if(len(account.outside) >= most, TooManyOutsideIdentities(most=most, way_out="请先解除不再使用的关联"))
    reservation: ReservationState = facts.reads[command.reads[0]]
    refuse_unless(reservation.holder_at(command.received_at) == holder_of(command.account), ReservationLapsed())
    return [
        OutsideIdentityLinked(
            command.received_at, command.account, command.provider, command.identity, command.method,
            command.credit_code,
        )
    ]  # fmt: skip


def unlink(command: UnlinkOutsideIdentity, account: AccountState) -> list[Event]:
    refuse_unless(account.open, AccountUnknown())
    found = account.linked(command.identity)
    if found is None:
        raise OutsideIdentityUnknown(way_out="请刷新后重试")
    return [
        OutsideIdentityUnlinked(
            command.received_at, command.account, found.provider, found.identity, command.reason
        ),
        AccountTokensRevoked(command.received_at, command.account, command.before, "outside-unlinked"),
    ]  # fmt: skip


def other_enterprise() -> OtherEnterprise:
    return OtherEnterprise(way_out="请在统一登录中切换为该账户的企业，或改用登录名和密码登录")

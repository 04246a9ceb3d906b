"""What can be asked of an account. Personal values arrive sealed."""

from collections.abc import Sequence
from datetime import datetime

from libs.events.contracts.base import Personal
from libs.events.contracts.identity import AccountKind
from libs.events.decider import Command
from libs.events.ids import enterprise_id, make_id
from libs.events.names import stream_name
from services.identity.domain.accounts import creditcode
from services.identity.domain.reservations.commands import reservation_stream


def account_stream(account: str) -> str:
    return stream_name("account", account)


def account_id(login_index: str, phone_index: str) -> str:
    """The same two blind indexes give the same account, so a registration that broke off goes on."""
    return make_id("account", login_index, phone_index)


def holder_of(account: str) -> str:
    return f"account:{account}"


class RegisterAccount(Command, frozen=True):
    account: str
    kind: AccountKind
    subject: str
    login_index: str
    phone_index: str
    login: Personal[str]
    phone: Personal[str]
    email: Personal[str]
    agreements: tuple[str, ...]
    phone_confirmed: bool = False

    @property
    def stream(self) -> str:
        return account_stream(self.account)

    @property
    def reads(self) -> Sequence[str]:
        return (reservation_stream(self.login_index, "login"), reservation_stream(self.phone_index, "phone"))


class RequestRealName(Command, frozen=True):
    """法人实名认证, as the manual's form states it. The document's number is checked before it is sealed, with
    `document_problems` as the finding."""

    account: str
    legal_person_type: str
    credit_code: str
    name: str
    legal_representative: Personal[str]
    document_type: str
    document_number: Personal[str]
    document_problems: tuple[str, ...]
    phone: Personal[str]
    address: str
    industry: str
    size: str
    holding: str
    promised: bool
    check: str = ""
    """The manual check that it was referred to; empty: it is decided at once."""

    @property
    def stream(self) -> str:
        return account_stream(self.account)

    @property
    def enterprise(self) -> str:
        return enterprise_id(creditcode.normalise(self.credit_code))

    @property
    def reads(self) -> Sequence[str]:
        return (reservation_stream(self.enterprise, "enterprise"),)


class EndAccountSession(Command, frozen=True):
    account: str
    sid: str
    reason: str

    @property
    def stream(self) -> str:
        return account_stream(self.account)


class RevokeAccountTokens(Command, frozen=True):
    """`before` is wall time: every token issued earlier is void."""

    account: str
    before: datetime
    reason: str

    @property
    def stream(self) -> str:
        return account_stream(self.account)

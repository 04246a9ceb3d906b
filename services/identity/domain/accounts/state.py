"""An account: who, and for which enterprise it stands."""

from datetime import datetime
from typing import Literal

import msgspec

from libs.events.contracts.accounts import (
    AccountClosed,
    OutsideIdentityLinked,
    OutsideIdentityUnlinked,
    PersonReferred,
    PersonRefused,
    PersonVerified,
    PhoneConfirmed,
    RealNameReferred,
    RepresentativeChanged,
)
from libs.events.contracts.base import Event, Personal
from libs.events.contracts.identity import (
    AccountKind,
    AccountRegistered,
    PhoneChanged,
    RealNameRefused,
    RealNameRequested,
    RealNameVerified,
)


class OutsideLink(msgspec.Struct, frozen=True):
    identity: str
    provider: str
    since: datetime


class Person(msgspec.Struct, frozen=True):
    """A natural person who was verified; the number is known by its blind index alone."""

    index: str
    name: Personal[str]
    document_type: str
    since: datetime


class AccountState(msgspec.Struct, frozen=True):
    """`enterprise` is empty until a legal person is verified; `reasons` are those of the last refusal. What was stated of
    the legal representative is that of the last request until a manual check changes it."""

    account: str = ""
    kind: AccountKind = "legal"
    subject: str = ""
    login: Personal[str] | None = None
    phone: Personal[str] | None = None
    email: Personal[str] | None = None
    registered_at: datetime | None = None
    enterprise: str = ""
    credit_code: str = ""
    name: str = ""
    verified_at: datetime | None = None
    reasons: tuple[str, ...] = ()
    phone_index: str = ""
    phone_confirmed: bool = False
    legal_representative: Personal[str] | None = None
    document_type: str = ""
    document_number: Personal[str] | None = None
    check: str = ""
    closed_at: datetime | None = None
    merged_into: str = ""
    person: Person | None = None
    person_reasons: tuple[str, ...] = ()
    person_check: str = ""
    outside: tuple[OutsideLink, ...] = ()

    @property
    def open(self) -> bool:
        return self.registered and self.closed_at is None

    @property
    def registered(self) -> bool:
        return self.registered_at is not None

    @property
    def verified(self) -> bool:
        return bool(self.enterprise)

    def linked(self, identity: str) -> OutsideLink | None:
        return next((one for one in self.outside if one.identity == identity), None)

    @property
    def stands_as(self) -> AccountKind:
        """A natural person who has bound an enterprise acts for it as a legal person does."""
        return "legal" if self.verified else self.kind

    @property
    def real_name(self) -> Literal["未实名", "已实名"]:
        return "已实名" if self.verified or self.person else "未实名"


def initial() -> AccountState:
    return AccountState()


def evolve(state: AccountState, event: Event) -> AccountState:
    match event:
        case AccountRegistered():
            return AccountState(
                account=event.account,
                kind=event.kind,
                subject=event.subject,
                login=event.login,
                phone=event.phone,
                email=event.email,
                registered_at=event.received_at,
                phone_index=event.phone_index,
            )
        case RealNameRequested():
            return msgspec.structs.replace(
                state,
                reasons=(),
                legal_representative=event.legal_representative,
                document_type=event.document_type,
                document_number=event.document_number,
            )
        case RealNameReferred():
            return msgspec.structs.replace(state, check=event.check)
        case RealNameVerified():
            return msgspec.structs.replace(
                state,
                enterprise=event.enterprise,
                credit_code=event.credit_code,
                name=event.name,
                verified_at=event.received_at,
                reasons=(),
                check="",
            )
        case RealNameRefused():
            return msgspec.structs.replace(state, reasons=event.reasons, check="")
        case PersonVerified():
            person = Person(event.person_index, event.name, event.document_type, event.received_at)
            return msgspec.structs.replace(state, person=person, person_reasons=(), person_check="")
        case PersonRefused():
            return msgspec.structs.replace(state, person_reasons=event.reasons, person_check="")
        case PersonReferred():
            return msgspec.structs.replace(state, person_reasons=(), person_check=event.check)
        case PhoneChanged():
            return msgspec.structs.replace(
                state, phone=event.phone, phone_index=event.phone_index, phone_confirmed=True
            )
        case PhoneConfirmed():
            return msgspec.structs.replace(state, phone_confirmed=True)
        case RepresentativeChanged():
            return msgspec.structs.replace(
                state,
                legal_representative=event.legal_representative,
                document_type=event.document_type,
                document_number=event.document_number,
            )
        case OutsideIdentityLinked():
            link = OutsideLink(event.identity, event.provider, event.received_at)
            return msgspec.structs.replace(state, outside=(*state.outside, link))
        case OutsideIdentityUnlinked():
            left = tuple(one for one in state.outside if one.identity != event.identity)
            return msgspec.structs.replace(state, outside=left)
        case AccountClosed():
            return msgspec.structs.replace(state, closed_at=event.received_at, merged_into=event.into)
        case _:
            return state

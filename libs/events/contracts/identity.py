"""What `identity` says: accounts, real names, officials, sessions, keys, business time."""

from datetime import datetime
from typing import Literal

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event, Personal, PolicyPin, event

AccountKind = Literal["legal", "natural"]


@event("identity")
class ReservationMade(Event, frozen=True):
    """A value that must be unique (its blind index is in the stream's name) is held for somebody until `until`."""

    what: str
    holder: str
    until: datetime
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class ReservationConfirmed(Event, frozen=True):
    what: str
    holder: str


@event("identity")
class ReservationReleased(Event, frozen=True):
    what: str
    holder: str
    reason: str


@event("identity")
class ReservationDeclined(Event, frozen=True):
    """A confirmation that came when somebody else held the value; nothing changes."""

    what: str
    holder: str
    reason: str


@event("identity")
class AccountRegistered(Event, frozen=True):
    """账户注册. Login name and phone are reserved under their blind indexes."""

    account: str
    kind: AccountKind
    subject: str
    login_index: str
    login: Personal[str]
    phone: Personal[str]
    email: Personal[str]
    agreements: tuple[str, ...] = ()
    phone_index: str = ""
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class RealNameRequested(Event, frozen=True):
    """实名认证申请 of a legal person: what was stated."""

    account: str
    enterprise: str
    credit_code: str
    name: str
    legal_representative: Personal[str]
    document_type: str
    document_number: Personal[str]
    address: str
    industry: str
    size: str
    holding: str
    legal_person_type: str = ""
    phone: Personal[str] | None = None


@event("identity")
class RealNameVerified(Event, frozen=True):
    """实名认证通过: from here the account stands for the enterprise."""

    account: str
    enterprise: str
    credit_code: str
    name: str
    method: Literal["automatic", "manual"]
    warnings: tuple[str, ...] = ()
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class RealNameRefused(Event, frozen=True):
    account: str
    credit_code: str
    reasons: tuple[str, ...]
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class PhoneChanged(Event, frozen=True):
    """手机号修改: reserved under `phone_index` from here; `before` is told so, `check` is the manual check that it follows."""

    account: str
    phone: Personal[str]
    method: Literal["phone", "email", "manual"]
    phone_index: str = ""
    before: Personal[str] | None = None
    before_index: str = ""
    check: str = ""


@event("identity")
class OfficialAppointed(Event, frozen=True):
    """任命 to one office; `appointment` is what tokens name, role and region come from here."""

    official: str
    appointment: str
    office: Office
    subject: str
    name: Personal[str]
    login_index: str
    document: str
    valid_to: datetime | None = None
    phone: Personal[str] | None = None
    policies: tuple[PolicyPin, ...] = ()
    person_index: str = ""
    """Of one of the three administrators: the blind index under which the person is reserved."""
    represents: str = ""
    """The official who is stood in for."""


@event("identity")
class AppointmentEnded(Event, frozen=True):
    official: str
    appointment: str
    reason: str
    person_index: str = ""


@event("identity")
class SigningKeyPublished(Event, frozen=True):
    """A public key (JWK, Ed25519) that access tokens may be signed with from `usable_from` (wall time)."""

    kid: str
    jwk: dict[str, str]
    usable_from: datetime


@event("identity")
class SigningKeyRetired(Event, frozen=True):
    kid: str
    reason: str


@event("identity")
class SessionEnded(Event, frozen=True):
    sid: str
    holder: str
    reason: str


@event("identity")
class AccountTokensRevoked(Event, frozen=True):
    """Every token of `holder` (account or official) issued before `before` (wall time) is void.

    Those of the session `spared` stay good: in it somebody has just shown that they know their password.
    """

    holder: str
    before: datetime
    reason: str
    spared: str = ""


@event("identity")
class BusinessClockMoved(Event, frozen=True):
    """The deployment's business time is wall time plus `offset_ms` from here on (never in production)."""

    offset_ms: int
    reason: str


@event("identity")
class FirstFilingNoted(Event, frozen=True):
    """A filing exists: from here business time only goes forward."""

    application: str


@event("identity")
class SubjectErased(Event, frozen=True):
    """个人信息删除: from here the person's key is destroyed; sealed values read as erased everywhere.

    `basis` is what the decision rests on, such as the number of the person's request.
    """

    subject: str
    reason: str
    basis: str = ""


@event("identity")
class SubjectKeyDestroyed(Event, frozen=True):
    """密钥已销毁; `again` when a backup had brought it back."""

    subject: str
    again: bool = False


@event("identity")
class LegalHoldPlaced(Event, frozen=True):
    """依法保留: until then, or until it is lifted, the person's values must be kept; `holder` is whom to ask."""

    subject: str
    hold: str
    holder: str
    reason: str
    until: datetime | None = None


@event("identity")
class LegalHoldLifted(Event, frozen=True):
    """解除保留."""

    subject: str
    hold: str
    reason: str

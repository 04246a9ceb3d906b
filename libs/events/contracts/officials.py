"""What `identity` says of officials beyond appointing them: suspension, handing over, delegation, review of acts, factors."""

from datetime import datetime
from typing import Literal

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event, PolicyPin, event


@event("identity")
class AppointmentSuspended(Event, frozen=True):
    """停职: the appointment may not be acted under until it is resumed; its tokens are void at once."""

    official: str
    appointment: str
    reason: str


@event("identity")
class AppointmentResumed(Event, frozen=True):
    """复职."""

    official: str
    appointment: str
    reason: str


@event("identity")
class AppointmentHandedOver(Event, frozen=True):
    """移交: the office, with everything that waits for it, goes to `successor` under `taken`, a new appointment."""

    official: str
    appointment: str
    successor: str
    taken: str
    office: Office
    document: str
    valid_to: datetime | None = None


@event("identity")
class DelegationGranted(Event, frozen=True):
    """委托代行: while `official` is absent, `delegate` acts for them under `delegated`, an appointment of their own."""

    official: str
    appointment: str
    delegate: str
    delegated: str
    office: Office
    until: datetime
    reason: str
    policies: tuple[PolicyPin, ...] = ()


@event("identity")
class DelegationEnded(Event, frozen=True):
    official: str
    delegate: str
    delegated: str
    reason: str


@event("identity")
class ActReviewed(Event, frozen=True):
    """管理行为审查: an administrator's act (an event's id), looked at by another; `finding` says how it was found."""

    act: str
    by: str
    role: str
    finding: Literal["in_order", "objection"]
    note: str


@event("identity")
class SecondFactorEnrolled(Event, frozen=True):
    """二次验证登记: what kind; its secret is never an event."""

    holder: str
    kind: Literal["totp", "webauthn"]
    factor: str
    recovery_codes: int = 0


@event("identity")
class SecondFactorRemoved(Event, frozen=True):
    """Removed by the holder, or reset for somebody who lost it (`reason`); every session of theirs is over."""

    holder: str
    factor: str
    reason: str


@event("identity")
class RecoveryCodeUsed(Event, frozen=True):
    holder: str
    left: int

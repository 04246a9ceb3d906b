"""管理行为: what the system, security and audit administrators did, and whether another has looked at it."""

from typing import Any

from libs.events.contracts.identity import (
    AccountTokensRevoked,
    AppointmentEnded,
    BusinessClockMoved,
    LegalHoldLifted,
    LegalHoldPlaced,
    OfficialAppointed,
    SigningKeyPublished,
    SigningKeyRetired,
    SubjectErased,
)
from libs.events.contracts.officials import (
    ActReviewed,
    AppointmentHandedOver,
    AppointmentResumed,
    AppointmentSuspended,
    SecondFactorRemoved,
)
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME = "acts"
VERSION = 1
SOURCES = ("identity",)
HANDLES = (
    OfficialAppointed, AppointmentEnded, AppointmentSuspended, AppointmentResumed, AppointmentHandedOver,
    AccountTokensRevoked, SigningKeyPublished, SigningKeyRetired, BusinessClockMoved, SubjectErased, LegalHoldPlaced,
    LegalHoldLifted, SecondFactorRemoved, ActReviewed,
)  # fmt: skip
INDEXES = (("role", "finding", "-at"), ("-at",))
PLATFORM = "platform"


def key(event: Recorded[Any]) -> str | None:
    """Acts of whoever holds no office of the platform are nobody's to review here."""
    if isinstance(event.data, ActReviewed):
        return event.data.act
    office = event.actor.office
    return event.id if office is not None and office.level == PLATFORM else None


def apply(document: dict[str, Any] | None, event: Recorded[Any]) -> dict[str, Any] | None:
    if isinstance(event.data, ActReviewed):
        reviewed = {"finding": event.data.finding, "note": event.data.note, "reviewed_by": event.actor.id}
        return {**document, **reviewed, "reviewed_at": time_text(event.time)} if document is not None else None
    office = event.actor.office
    assert office is not None
    return {
        "act": event.id,
        "what": event.type,
        "at": time_text(event.time),
        "by": event.actor.id,
        "role": office.role,
        "stream": event.stream,
        "reason": getattr(event.data, "reason", ""),
        "finding": None,
    }

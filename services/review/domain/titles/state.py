"""The present (or last) validity of a title."""

from datetime import date, timedelta
from typing import Literal

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    CertificationExpiring,
    ReReview,
    TitleAwaitingReReview,
    TitleCancelled,
    TitleExpired,
    TitleExtended,
    TitleGranted,
    TitleImported,
)
from libs.events.contracts.times import business_date

Status = Literal["none", "valid", "awaiting_re_review", "expired", "cancelled"]


class TitleState(msgspec.Struct, frozen=True):
    """`notices` are the numbers of days before the end that have still to be said."""

    enterprise: str = ""
    enterprise_name: str = ""
    tier: str = ""
    authority: str = ""
    region: str = ""
    level: Level | None = None
    status: Status = "none"
    document: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    notices: tuple[int, ...] = ()
    re_review: ReReview = "before_expiry"


def notices_ahead(event: TitleGranted | TitleImported) -> tuple[int, ...]:
    """Reminders whose day is still to come, earliest first; a title imported late skips those that are past."""
    today = business_date(event.received_at)
    ahead = (days for days in event.notice_days if event.valid_to - timedelta(days=days) > today)
    return tuple(sorted(ahead, reverse=True))


def evolve(state: TitleState, event: Event) -> TitleState:
    match event:
        case TitleGranted() | TitleImported():
            return TitleState(
                enterprise=event.enterprise,
                enterprise_name=event.enterprise_name,
                tier=event.tier,
                authority=event.authority,
                region=event.region,
                level=event.level,
                status="valid",
                document=event.document,
                valid_from=event.valid_from,
                valid_to=event.valid_to,
                notices=notices_ahead(event),
                re_review=event.re_review,
            )
        case CertificationExpiring():
            return _with(state, notices=tuple(days for days in state.notices if days != event.days))
        case TitleExtended():
            return _with(state, status="valid", document=event.document, valid_to=event.valid_to)
        case TitleAwaitingReReview():
            return _with(state, status="awaiting_re_review")
        case TitleExpired():
            return _with(state, status="expired", notices=())
        case TitleCancelled():
            return _with(state, status="cancelled", notices=())
        case _:
            return state


def _with(state: TitleState, **changes: object) -> TitleState:
    return msgspec.structs.replace(state, **changes)

"""What a title makes due: each reminder at the start of its day, the end on the day after the last."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    CertificationExpiring,
    TitleAwaitingReReview,
    TitleCancelled,
    TitleExpired,
    TitleGranted,
    TitleImported,
)
from libs.events.contracts.times import day_start
from services.review.domain.titles.state import notices_ahead

END = "end"


def due(event: Event) -> Mapping[str, datetime | None]:
    match event:
        case TitleGranted() | TitleImported():
            reminders = {_expiring(days): _days_before(event.valid_to, days) for days in notices_ahead(event)}
            return {**reminders, END: _days_before(event.valid_to, -1)}
        case CertificationExpiring():
            return {_expiring(event.days): None}
        case TitleAwaitingReReview() | TitleExpired() | TitleCancelled():
            return {"*": None}
        case _:
            return {}


def _expiring(days: int) -> str:
    return f"expiring-{days}"


def _days_before(day: date, days: int) -> datetime:
    return day_start(day - timedelta(days=days))

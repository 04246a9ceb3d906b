"""What a title makes due: each reminder at the start of its day, the end on the day after the last."""

from collections.abc import Mapping
from datetime import datetime, timedelta

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
            days_before = {_expiring(n): event.valid_to - timedelta(days=n) for n in notices_ahead(event)}
            return {**{kind: day_start(day) for kind, day in days_before.items()}, END: day_start(event.valid_to + timedelta(days=1))}
        case CertificationExpiring():
            return {_expiring(event.days): None}
        case TitleAwaitingReReview() | TitleExpired() | TitleCancelled():
            return {"*": None}
        case _:
            return {}


def _expiring(days: int) -> str:
    return f"expiring-{days}"

"""认定名录: one document per title and validity, so that it answers as of any date; `until` is the last valid day."""

from datetime import timedelta
from typing import Any

from libs.events.contracts.actors import covering
from libs.events.contracts.review import (
    TitleAwaitingReReview,
    TitleCancelled,
    TitleExpired,
    TitleExtended,
    TitleGranted,
    TitleImported,
)
from libs.events.contracts.times import business_date
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "public_register", 1, ("review",)
HANDLES = (TitleGranted, TitleImported, TitleExtended, TitleAwaitingReReview, TitleExpired, TitleCancelled)
INDEXES = (("authority", "tier", "valid_from"), ("enterprise", "valid_from"), ("valid_from", "until"))

Document = dict[str, Any]


def key(event: Recorded[Any]) -> str:
    return f"{event.data.enterprise}-{event.data.tier}-{event.data.valid_from}"


def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
    data = event.data
    if isinstance(data, TitleGranted | TitleImported):
        return _entered(data)
    if document is None:
        return None
    match data:
        case TitleExtended():
            ends = data.valid_to.isoformat()
            return document | {"status": "valid", "valid_to": ends, "until": ends, "document": data.document}
        case TitleAwaitingReReview():
            return document | {"status": "awaiting_re_review"}
        case TitleExpired():
            return document | {"status": "expired"}
        case TitleCancelled():
            last = business_date(data.received_at) - timedelta(days=1)
            cancelled = {"cancelled_on": business_date(data.received_at).isoformat(), "reason": data.reason}
            return document | {"status": "cancelled", "until": min(document["until"], last.isoformat()), **cancelled}
        case _:
            return document


def _entered(data: TitleGranted | TitleImported) -> Document:
    origin = (data.origin, data.sub_type) if isinstance(data, TitleImported) else (None, "")
    return {
        "enterprise": data.enterprise,
        "enterprise_name": data.enterprise_name,
        "tier": data.tier,
        "authority": data.authority,
        "region": data.region,
        "covering": list(covering(data.region)),
        "document": data.document,
        "origin": origin[0],
        "sub_type": origin[1],
        "status": "valid",
        "valid_from": data.valid_from.isoformat(),
        "valid_to": data.valid_to.isoformat(),
        "until": data.valid_to.isoformat(),
    }

"""What was submitted, and the submission of the round before, for the reviewer's first view; open answers only."""

from typing import Any

import msgspec

from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "submissions", 1, ("applications",)
HANDLES = (ApplicationSubmitted,)
INDEXES: tuple[tuple[str, ...], ...] = ()

Document = dict[str, Any]


def key(event: Recorded[ApplicationSubmitted]) -> str:
    return event.data.application


def apply(document: Document | None, event: Recorded[ApplicationSubmitted]) -> Document:
    """`before` is the last submission of an earlier round; a resubmission after a withdrawal replaces its own."""
    now, current = submission(event), document["current"] if document else None
    earlier = current if current and current["round"] < now["round"] else (document or {}).get("before")
    return {
        "application": event.data.application,
        "enterprise": event.data.enterprise,
        "current": now,
        "before": earlier,
    }


def submission(event: Recorded[ApplicationSubmitted]) -> Document:
    data = event.data
    return {
        "event": event.id,
        "round": data.round,
        "submitted_at": time_text(data.received_at),
        "enterprise_name": data.enterprise_name,
        "credit_code": data.credit_code,
        "region": data.region,
        "region_names": list(data.region_names),
        "form": msgspec.to_builtins(data.form),
        "answers": dict(data.answers),
        "personal": sorted(data.personal),
        "evidence": msgspec.to_builtins(data.evidence),
        "digital": msgspec.to_builtins(data.digital),
        "changed": list(data.changed),
    }

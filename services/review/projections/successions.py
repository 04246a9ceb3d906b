"""Offices that were handed over and may still have cases to pass on: what the passing looks for."""

from typing import Any

import msgspec

from libs.events.contracts.review import SuccessionCompleted, SuccessionNoted
from libs.events.recorded import Recorded
from services.review.domain.successions.state import SuccessionState, evolve

NAME, VERSION, SOURCES = "successions", 1, ("review",)
HANDLES = (SuccessionNoted, SuccessionCompleted)
INDEXES = (("open", "succession"),)

Document = dict[str, Any]


def key(event: Recorded[Any]) -> str:
    return str(event.data.succession)


def apply(document: Document | None, event: Recorded[Any]) -> Document:
    before = msgspec.convert(document["state"], SuccessionState) if document else SuccessionState()
    after = evolve(before, event.data)
    return {"succession": event.data.succession, "open": bool(after.pending), "state": msgspec.to_builtins(after)}

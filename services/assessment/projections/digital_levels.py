"""数字化水平: the latest result of each enterprise, assessed or imported."""

from typing import Any

from libs.events.contracts.assessment import DigitalLevelAssessed, DigitalLevelImported
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded
from services.assessment.domain.digital.state import origin_of

NAME, VERSION, SOURCES = "digital_levels", 1, ("assessment",)
HANDLES = (DigitalLevelAssessed, DigitalLevelImported)
INDEXES: tuple[tuple[str, ...], ...] = ()

Document = dict[str, Any]


def key(event: Recorded[Any]) -> str:
    return str(event.data.enterprise)


def apply(document: Document | None, event: Recorded[Any]) -> Document:
    result = event.data
    return {
        "enterprise": result.enterprise,
        "assessment": result.assessment,
        "origin": origin_of(result),
        "level": result.level,
        "score": result.score,
        "at": time_text(result.received_at),
        "version": event.version,
    }

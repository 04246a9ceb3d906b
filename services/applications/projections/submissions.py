"""The newest submission of each application, whole, personal answers still sealed."""

from typing import Any

import msgspec

from libs.events.contracts.actors import covering
from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.flow.projections import Document
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "submissions", 1, ("applications",)
HANDLES = (ApplicationSubmitted,)
INDEXES = (("enterprise", "kind", "tier", "-position"),)


def key(event: Recorded[Any]) -> str | None:
    application: str = event.data.application
    return application


def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
    content: Document = msgspec.to_builtins(event.data)
    return {
        **content,
        "kind": event.data.kind,
        "tier": event.data.tier,
        "filing": event.stream,
        "covering": list(covering(event.data.region)),
        "position": event.position,
        "event": event.id,
    }

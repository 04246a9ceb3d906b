"""Every window as it is set now; whether it is open is asked of the time of reading."""

from typing import Any

import msgspec

from libs.events.contracts.applications import WindowClosed, WindowExtended, WindowOpened, WindowRebound
from libs.events.contracts.bindings import deviates
from libs.events.contracts.times import time_text
from libs.events.flow.projections import Document
from libs.events.recorded import Recorded

NAME, VERSION, SOURCES = "windows", 2, ("applications",)
HANDLES = (WindowOpened, WindowRebound, WindowExtended, WindowClosed)
INDEXES = (("authority", "kind", "tier", "opens"), ("closes",))


def key(event: Recorded[Any]) -> str | None:
    window: str = event.data.window
    return window


def apply(document: Document | None, event: Recorded[Any]) -> Document | None:
    data = event.data
    if isinstance(data, WindowOpened):
        return _opened(data)
    if document is None:
        return None
    match data:
        case WindowRebound():
            return document | {
                "form": msgspec.to_builtins(data.form),
                "prerequisites": list(data.prerequisites),
                **_pack(data, data.reason),
            }
        case WindowExtended():
            extension = {"closes": time_text(data.closes), "reason": data.reason}
            return document | {
                "closes": extension["closes"],
                "extensions": [*document["extensions"], extension],
                "closed": False,
            }
        case _:
            return document | {"closed": True}


def _opened(data: WindowOpened) -> Document:
    return {
        "window": data.window,
        "authority": data.authority,
        "kind": data.kind,
        "tier": data.tier,
        "batch": data.batch,
        "title": data.title,
        "regions": list(data.regions),
        "opens": time_text(data.opens),
        "closes": time_text(data.closes),
        "form": msgspec.to_builtins(data.form),
        **_pack(data, data.pack_reason),
        "prerequisites": list(data.prerequisites),
        "contact": data.contact,
        "extensions": [],
        "closed": False,
    }


def _pack(data: WindowOpened | WindowRebound, reason: str) -> Document:
    """The pack, what the rules bind, and why it is another."""
    return {
        "pack": msgspec.to_builtins(data.pack),
        "bound": msgspec.to_builtins(data.bound),
        "pack_reason": reason if deviates(data.pack, data.bound) else "",
    }

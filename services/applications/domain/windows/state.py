"""A window's state and fold, and when it is due to close."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from libs.events.contracts.applications import WindowClosed, WindowExtended, WindowOpened, WindowRebound
from libs.events.contracts.base import Event
from libs.events.contracts.bindings import deviates

GRACE = timedelta(minutes=10)
"""The end of a window is acted on this much later: nobody loses to a request in flight. Guards never look at it."""


class WindowState(msgspec.Struct, frozen=True):
    """`opened` is the event with form, pack and prerequisites as they are bound now; `closes` as extended."""

    opened: WindowOpened | None = None
    closes: datetime | None = None
    closed: bool = False
    extended_because: str = ""

    def has_ended(self, at: datetime) -> bool:
        """Both ends belong to the window."""
        return self.closes is not None and at > self.closes


def initial() -> WindowState:
    return WindowState()


def evolve(state: WindowState, event: Event) -> WindowState:
    replace = msgspec.structs.replace
    match event:
        case WindowOpened():
            return WindowState(event, event.closes)
        case WindowRebound() if state.opened is not None:
            bound = replace(
                state.opened,
                form=event.form,
                pack=event.pack,
                prerequisites=event.prerequisites,
                bound=event.bound,
                pack_reason=event.reason if deviates(event.pack, event.bound) else "",
            )
            return replace(state, opened=bound)
        case WindowExtended():
            return replace(state, closes=event.closes, closed=False, extended_because=event.reason)
        case WindowClosed():
            return replace(state, closed=True)
        case _:
            return state


def due(event: Event) -> Mapping[str, datetime | None]:
    match event:
        case WindowOpened() | WindowExtended():
            return {"close": event.closes + GRACE}
        case WindowClosed():
            return {"close": None}
        case _:
            return {}

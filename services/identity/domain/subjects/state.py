"""Whether somebody was erased, and who wants their values kept."""

from datetime import datetime

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.identity import LegalHoldLifted, LegalHoldPlaced, SubjectErased, SubjectKeyDestroyed


class Hold(msgspec.Struct, frozen=True):
    hold: str
    holder: str
    reason: str
    since: datetime
    until: datetime | None

    def stands(self, now: datetime) -> bool:
        return self.until is None or now <= self.until


class SubjectState(msgspec.Struct, frozen=True):
    """`holds` are those not lifted, in the order they were placed; `destroyed` counts how often the key was."""

    erased_at: datetime | None = None
    reason: str = ""
    basis: str = ""
    destroyed: int = 0
    holds: tuple[Hold, ...] = ()


def initial() -> SubjectState:
    return SubjectState()


def evolve(state: SubjectState, event: Event) -> SubjectState:
    match event:
        case SubjectErased():
            return msgspec.structs.replace(
                state, erased_at=event.received_at, reason=event.reason, basis=event.basis, holds=()
            )
        case SubjectKeyDestroyed():
            return msgspec.structs.replace(state, destroyed=state.destroyed + 1)
        case LegalHoldPlaced():
            hold = Hold(event.hold, event.holder, event.reason, event.received_at, event.until)
            return msgspec.structs.replace(state, holds=(*state.holds, hold))
        case LegalHoldLifted():
            kept = tuple(hold for hold in state.holds if hold.hold != event.hold)
            return msgspec.structs.replace(state, holds=kept)
        case _:
            return state

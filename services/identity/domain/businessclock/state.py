"""How far business time is from wall time, and whether it may still go back."""

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.identity import BusinessClockMoved, FirstFilingNoted


class ClockState(msgspec.Struct, frozen=True):
    offset_ms: int = 0
    first_filing: str = ""

    @property
    def forward_only(self) -> bool:
        return bool(self.first_filing)


def initial() -> ClockState:
    return ClockState()


def evolve(state: ClockState, event: Event) -> ClockState:
    match event:
        case BusinessClockMoved():
            return msgspec.structs.replace(state, offset_ms=event.offset_ms)
        case FirstFilingNoted():
            return msgspec.structs.replace(state, first_filing=event.application)
        case _:
            return state

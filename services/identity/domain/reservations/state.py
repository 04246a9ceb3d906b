"""Who holds a value, until when, or for good."""

from datetime import datetime

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.identity import ReservationConfirmed, ReservationMade, ReservationReleased


class ReservationState(msgspec.Struct, frozen=True):
    """`until` is business time; None with a holder means for good."""

    holder: str = ""
    until: datetime | None = None

    @property
    def confirmed(self) -> bool:
        return bool(self.holder) and self.until is None

    def holder_at(self, moment: datetime) -> str:
        """Whose it is at a business time; empty when it is free."""
        return "" if self.until is not None and self.until <= moment else self.holder

    def is_free_for(self, holder: str, moment: datetime) -> bool:
        return self.holder_at(moment) in ("", holder)


def initial() -> ReservationState:
    return ReservationState()


def evolve(state: ReservationState, event: Event) -> ReservationState:
    match event:
        case ReservationMade():
            return ReservationState(event.holder, event.until)
        case ReservationConfirmed():
            return ReservationState(event.holder)
        case ReservationReleased():
            return initial()
        case _:
            return state

"""Which hand-overs of an office are not completed, and who has it in the end."""

from datetime import datetime

import msgspec

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event
from libs.events.contracts.review import SuccessionCompleted, SuccessionNoted


class Succession(msgspec.Struct, frozen=True):
    """One hand-over: `at` is when the office passed."""

    official: str
    successor: str
    office: Office
    hand_over: str
    document: str
    at: datetime


class SuccessionState(msgspec.Struct, frozen=True):
    """`pending`: in the order in which the office passed."""

    pending: tuple[Succession, ...] = ()

    def is_pending(self, hand_over: str) -> bool:
        return any(one.hand_over == hand_over for one in self.pending)

    def last_of(self, one: Succession) -> Succession | None:
        """The hand-over by which whoever follows `one`'s official has the office now: `one`, unless the successor has handed
        it on; None when it has come back to that official, whose cases then stay."""
        last = one
        for later in self.pending[self.pending.index(one) + 1 :]:
            if later.official == last.successor:
                last = later
        return None if last.successor == one.official else last


def evolve(state: SuccessionState, event: Event) -> SuccessionState:
    match event:
        case SuccessionNoted():
            noted = Succession(
                event.official, event.successor, event.office, event.hand_over, event.document, event.received_at
            )
            return SuccessionState(tuple(sorted((*state.pending, noted), key=lambda one: one.at)))
        case SuccessionCompleted():
            return SuccessionState(tuple(one for one in state.pending if one.hand_over != event.hand_over))
        case _:
            return state

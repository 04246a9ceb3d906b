"""Who of a portion has answered, and who declined."""

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.review import ListMemberNoted


class TallyState(msgspec.Struct, frozen=True):
    answered: frozenset[str] = frozenset()
    declined: tuple[tuple[str, str], ...] = ()


def evolve(state: TallyState, event: Event) -> TallyState:
    match event:
        case ListMemberNoted():
            declined = state.declined if event.accepted else (*state.declined, (event.case, event.reason))
            return TallyState(state.answered | {event.case}, declined)
        case _:
            return state

"""Whether an act has been looked at, and how it was found."""

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.officials import ActReviewed


class OversightState(msgspec.Struct, frozen=True):
    finding: str = ""


def initial() -> OversightState:
    return OversightState()


def evolve(state: OversightState, event: Event) -> OversightState:
    match event:
        case ActReviewed():
            return OversightState(event.finding)
        case _:
            return state

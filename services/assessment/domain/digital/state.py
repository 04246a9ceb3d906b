"""The latest result, folded from all that were taken."""

from typing import Literal

import msgspec

from libs.events.contracts.assessment import DigitalLevelAssessed, DigitalLevelImported
from libs.events.contracts.base import Event

Result = DigitalLevelAssessed | DigitalLevelImported
Origin = Literal["assessed", "imported"]


class DigitalState(msgspec.Struct, frozen=True):
    """`taken` counts the results so far; the last one counts."""

    assessed: DigitalLevelAssessed | None = None
    imported: DigitalLevelImported | None = None
    taken: int = 0

    @property
    def latest(self) -> Result | None:
        return self.assessed or self.imported


def evolve(state: DigitalState, event: Event) -> DigitalState:
    match event:
        case DigitalLevelAssessed():
            return DigitalState(assessed=event, taken=state.taken + 1)
        case DigitalLevelImported():
            return DigitalState(imported=event, taken=state.taken + 1)
        case _:
            return state


def origin_of(result: Result) -> Origin:
    return "assessed" if isinstance(result, DigitalLevelAssessed) else "imported"

"""The latest result of each scheme and year."""

import msgspec

from libs.events.contracts.assessment import ScoreImported
from libs.events.contracts.base import Event


class ImportsState(msgspec.Struct, frozen=True):
    """The latest result of each scheme and year, the one heard of last at the end."""

    results: tuple[ScoreImported, ...] = ()

    def of(self, scheme: str, year: int) -> ScoreImported | None:
        return next((one for one in self.results if (one.scheme, one.year) == (scheme, year)), None)


def evolve(state: ImportsState, event: Event) -> ImportsState:
    match event:
        case ScoreImported():
            others = (one for one in state.results if (one.scheme, one.year) != (event.scheme, event.year))
            return ImportsState((*others, event))
        case _:
            return state

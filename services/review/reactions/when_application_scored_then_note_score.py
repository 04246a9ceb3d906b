"""评分 → the case has the verdict beside it."""

from libs.events.contracts.assessment import ApplicationScored
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import NoteScore

SOURCE, HANDLES, START = "assessment", (ApplicationScored,), "origin"


def react(event: Recorded[ApplicationScored]) -> list[Command]:
    said = event.data
    return [
        NoteScore(
            **because(event),
            enterprise=said.enterprise,
            application=said.application,
            round=said.round,
            verdict=said.verdict,
            low=said.low,
            high=said.high,
            cause=event.id,
        )
    ]

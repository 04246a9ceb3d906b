"""移送 → the score is for the offices of the new place."""

from libs.events.contracts.review import CaseTransferred
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.assessment.domain.scores.commands import MoveScore

SOURCE, HANDLES, START = "review", (CaseTransferred,), "origin"


def react(event: Recorded[CaseTransferred]) -> list[Command]:
    moved = event.data
    return [
        MoveScore(
            **because(event),
            enterprise=moved.enterprise,
            application=moved.application,
            authority=moved.authority,
            region=moved.region,
            cause=event.id,
        )
    ]

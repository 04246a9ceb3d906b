"""申请取回 → an answer: accepted or refused."""

from libs.events.contracts.applications import RecallRequested
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import AnswerRecall

SOURCE, HANDLES, START = "applications", (RecallRequested,), "origin"


def react(event: Recorded[RecallRequested]) -> list[Command]:
    said = event.data
    return [
        AnswerRecall(
            **because(event),
            enterprise=said.enterprise,
            application=said.application,
            request=event.id,
            filing=event.stream,
            round=said.round,
        )
    ]

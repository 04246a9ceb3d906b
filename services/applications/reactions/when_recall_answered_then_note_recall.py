"""`review` answered a recall: back to 退回修改, or review had begun again."""

from libs.events.contracts.review import RecallAccepted, RecallRefused
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteRecall

SOURCE, HANDLES, START = "review", (RecallAccepted, RecallRefused), "origin"


def react(event: Recorded[RecallAccepted] | Recorded[RecallRefused]) -> list[Command]:
    said = event.data
    return [
        NoteRecall(
            **because(event),
            filing=said.filing,
            application=said.application,
            round=said.round,
            accepted=isinstance(said, RecallAccepted),
            cause=event.id,
        )
    ]

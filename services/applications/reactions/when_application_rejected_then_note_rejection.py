"""不通过, by a level or by an objection upheld."""

from libs.events.contracts.review import ApplicationRejected
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteRejection

SOURCE, HANDLES, START = "review", (ApplicationRejected,), "origin"


def react(event: Recorded[ApplicationRejected]) -> list[Command]:
    said = event.data
    return [
        NoteRejection(
            **because(event),
            filing=said.filing,
            application=said.application,
            reasons=said.reasons,
            cause=event.id,
        )
    ]

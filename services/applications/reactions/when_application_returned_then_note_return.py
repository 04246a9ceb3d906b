"""退回修改 → the named fields are unlocked, and a correction deadline runs where there is one."""

from libs.events.contracts.review import ApplicationReturned
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteReturn

SOURCE, HANDLES, START = "review", (ApplicationReturned,), "origin"


def react(event: Recorded[ApplicationReturned]) -> list[Command]:
    said = event.data
    return [
        NoteReturn(
            **because(event),
            filing=said.filing,
            application=said.application,
            round=said.round,
            level=said.level,
            unlocked=said.unlocked,
            region_unlocked=said.region_unlocked,
            deadline=said.deadline,
            reasons=said.reasons,
            cause=event.id,
        )
    ]

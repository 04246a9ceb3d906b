"""移送 → the filing's jurisdiction is where the case now is."""

from libs.events.contracts.review import CaseTransferred
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteTransfer

SOURCE, HANDLES, START = "review", (CaseTransferred,), "origin"


def react(event: Recorded[CaseTransferred]) -> list[Command]:
    said = event.data
    return [
        NoteTransfer(
            **because(event),
            filing=said.filing,
            application=said.application,
            region=said.region,
            region_names=said.region_names,
            cause=event.id,
        )
    ]

"""The filing as a whole was approved."""

from libs.events.contracts.review import ApplicationApproved
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteApproval

SOURCE, HANDLES, START = "review", (ApplicationApproved,), "origin"


def react(event: Recorded[ApplicationApproved]) -> list[Command]:
    said = event.data
    return [NoteApproval(**because(event), filing=said.filing, application=said.application, cause=event.id)]

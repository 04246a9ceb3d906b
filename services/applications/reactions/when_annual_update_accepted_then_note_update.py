"""信息更新 accepted → done for its year."""

from libs.events.contracts.applications import ApplicationAccepted, ApprovalNoted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import NoteUpdate

SOURCE, HANDLES, START = "applications", (ApprovalNoted, ApplicationAccepted), "origin"


def react(event: Recorded[ApprovalNoted] | Recorded[ApplicationAccepted]) -> list[Command]:
    said = event.data
    if said.kind != "annual_update":
        return []
    return [NoteUpdate(**because(event), enterprise=said.enterprise, year=said.year, cause=event.id)]

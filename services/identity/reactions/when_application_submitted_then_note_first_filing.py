"""A filing exists: from here business time only goes forward."""

from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.businessclock.commands import NoteFirstFiling

SOURCE, HANDLES, START = "applications", (ApplicationSubmitted,), "origin"


def react(event: Recorded[ApplicationSubmitted]) -> list[Command]:
    return [NoteFirstFiling(**because(event), application=event.data.application)]

"""移交 of a reviewer's office: its open cases are to follow, so the succession is noted. No other role holds cases."""

from libs.events.contracts.officials import AppointmentHandedOver
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.offices import REVIEWER
from services.review.domain.successions.commands import NoteSuccession

SOURCE, HANDLES, START = "identity", (AppointmentHandedOver,), "origin"


def react(event: Recorded[AppointmentHandedOver]) -> list[Command]:
    said = event.data
    if said.office.role != REVIEWER:
        return []
    return [
        NoteSuccession(
            **because(event),
            office=said.office,
            hand_over=event.id,
            official=said.official,
            successor=said.successor,
            document=said.document,
        )
    ]

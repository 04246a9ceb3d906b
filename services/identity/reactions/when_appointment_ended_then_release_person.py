"""免职 of one of the three administrators: from here the person may take another office."""

from libs.events.contracts.identity import AppointmentEnded
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.officials.commands import holder_of
from services.identity.domain.reservations.commands import ReleaseReservation

SOURCE, HANDLES, START = "identity", (AppointmentEnded,), "origin"


def react(event: Recorded[AppointmentEnded]) -> list[Command]:
    data = event.data
    if not data.person_index:
        return []
    return [
        ReleaseReservation(
            **because(event), what="administrator", index=data.person_index, holder=holder_of(data.official),
            reason="appointment ended",
        )
    ]  # fmt: skip

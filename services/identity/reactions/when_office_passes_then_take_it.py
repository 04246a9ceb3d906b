"""移交 and 委托代行 done: whoever takes the office is appointed to it."""

from libs.events.contracts.officials import AppointmentHandedOver, DelegationGranted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.officials.commands import TakeOffice
from services.identity.domain.officials.tenure import DELEGATED

SOURCE, HANDLES, START = "identity", (AppointmentHandedOver, DelegationGranted), "origin"


def react(event: Recorded[AppointmentHandedOver | DelegationGranted]) -> list[Command]:
    data, head = event.data, because(event)
    if isinstance(data, AppointmentHandedOver):
        return [TakeOffice(**head, official=data.successor, office=data.office, appointment=data.taken,
                           document=data.document, valid_to=data.valid_to)]  # fmt: skip
    return [TakeOffice(**head, official=data.delegate, office=data.office, appointment=data.delegated,
                       document=DELEGATED, valid_to=data.until, represents=data.official)]  # fmt: skip

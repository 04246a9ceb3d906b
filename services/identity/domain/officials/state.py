"""An official and their appointments, one of which a session acts under."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event, Personal
from libs.events.contracts.identity import AppointmentEnded, OfficialAppointed


class Appointment(msgspec.Struct, frozen=True):
    """`valid_to` is business time, the first instant at which it no longer counts."""

    id: str
    office: Office
    document: str
    since: datetime
    valid_to: datetime | None = None
    ended: str = ""

    def is_active(self, moment: datetime) -> bool:
        return not self.ended and (self.valid_to is None or moment < self.valid_to)


class OfficialState(msgspec.Struct, frozen=True):
    official: str = ""
    subject: str = ""
    name: Personal[str] | None = None
    phone: Personal[str] | None = None
    login_index: str = ""
    appointments: Mapping[str, Appointment] = {}

    @property
    def exists(self) -> bool:
        return bool(self.official)

    def active(self, moment: datetime) -> tuple[Appointment, ...]:
        return tuple(a for a in self.appointments.values() if a.is_active(moment))

    def holds(self, office: Office, moment: datetime) -> bool:
        return any(a.office == office for a in self.active(moment))


def initial() -> OfficialState:
    return OfficialState()


def evolve(state: OfficialState, event: Event) -> OfficialState:
    match event:
        case OfficialAppointed():
            return appointed(state, event)
        case AppointmentEnded():
            over = msgspec.structs.replace(state.appointments[event.appointment], ended=event.reason)
            return msgspec.structs.replace(state, appointments={**state.appointments, event.appointment: over})
        case _:
            return state


def appointed(state: OfficialState, event: OfficialAppointed) -> OfficialState:
    new = Appointment(event.appointment, event.office, event.document, event.received_at, event.valid_to)
    return OfficialState(
        official=event.official,
        subject=event.subject,
        name=event.name,
        phone=event.phone,
        login_index=event.login_index,
        appointments={**state.appointments, event.appointment: new},
    )

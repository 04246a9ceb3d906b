"""An official and their appointments, one of which a session acts under."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event, Personal
from libs.events.contracts.identity import AppointmentEnded, OfficialAppointed
from libs.events.contracts.officials import (
    AppointmentResumed,
    AppointmentSuspended,
    DelegationEnded,
    DelegationGranted,
    SecondFactorEnrolled,
    SecondFactorRemoved,
)


class Appointment(msgspec.Struct, frozen=True):
    """`valid_to` is business time, the first instant at which it no longer counts; `represents` is who is stood in for."""

    id: str
    office: Office
    document: str
    since: datetime
    valid_to: datetime | None = None
    ended: str = ""
    suspended: str = ""
    represents: str = ""

    def is_active(self, moment: datetime) -> bool:
        return not self.ended and not self.suspended and not self.is_over(moment)

    def is_over(self, moment: datetime) -> bool:
        return self.valid_to is not None and moment >= self.valid_to


class OfficialState(msgspec.Struct, frozen=True):
    official: str = ""
    subject: str = ""
    name: Personal[str] | None = None
    phone: Personal[str] | None = None
    login_index: str = ""
    appointments: Mapping[str, Appointment] = {}
    delegations: Mapping[str, tuple[str, str]] = {}
    """Each delegated appointment: of which one it is, and who acts under it."""
    person_index: str = ""
    factors: tuple[str, ...] = ()

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
            return changed(state, event.appointment, ended=event.reason)
        case AppointmentSuspended():
            return changed(state, event.appointment, suspended=event.reason or "suspended")
        case AppointmentResumed():
            return changed(state, event.appointment, suspended="")
        case DelegationGranted():
            given = {**state.delegations, event.delegated: (event.appointment, event.delegate)}
            return msgspec.structs.replace(state, delegations=given)
        case SecondFactorEnrolled():
            return msgspec.structs.replace(state, factors=(*state.factors, event.factor))
        case SecondFactorRemoved():
            left = () if event.factor == "all" else tuple(f for f in state.factors if f != event.factor)
            return msgspec.structs.replace(state, factors=left)
        case DelegationEnded():
            others = {id_: of for id_, of in state.delegations.items() if id_ != event.delegated}
            return msgspec.structs.replace(state, delegations=others)
        case _:
            return state


def changed(state: OfficialState, appointment: str, **fields: str) -> OfficialState:
    now = msgspec.structs.replace(state.appointments[appointment], **fields)
    return msgspec.structs.replace(state, appointments={**state.appointments, appointment: now})


def appointed(state: OfficialState, event: OfficialAppointed) -> OfficialState:
    new = Appointment(
        event.appointment, event.office, event.document, event.received_at, event.valid_to, represents=event.represents
    )
    return msgspec.structs.replace(
        state,
        official=event.official,
        subject=event.subject,
        name=event.name,
        phone=event.phone,
        login_index=event.login_index,
        person_index=event.person_index or state.person_index,
        appointments={**state.appointments, event.appointment: new},
    )

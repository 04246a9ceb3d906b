"""Appointing officials, ending appointments, sessions and tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event
from libs.events.contracts.identity import AccountTokensRevoked, AppointmentEnded, OfficialAppointed, SessionEnded
from libs.events.decider import Decider, Facts, Tick
from libs.events.errors import Refused, refuse_if, refuse_together, refuse_unless
from libs.events.ids import entity_id
from services.identity.domain.accounts.refusals import ReservationLapsed
from services.identity.domain.officials import factors, offices
from services.identity.domain.officials.commands import (
    AppointAgain,
    AppointOfficial,
    Delegate,
    EndAppointment,
    EndDelegation,
    EndOfficialSession,
    EnrolFactor,
    HandOver,
    NoteRecovery,
    RemoveFactor,
    ResumeAppointment,
    RevokeOfficialTokens,
    SuspendAppointment,
    TakeOffice,
    holder_of,
)
from services.identity.domain.officials.refusals import (
    AlreadyAppointed,
    AppointmentOver,
    AppointmentUnknown,
    DocumentMissing,
    OfficeWrong,
    OfficialExists,
    OfficialUnknown,
    PersonalPhoneMissing,
    SeparatedDuties,
)
from services.identity.domain.officials.state import OfficialState, evolve, initial
from services.identity.domain.officials.tenure import (
    delegate,
    delegations_end,
    end_delegation,
    hand_over,
    resume,
    suspend,
    take_office,
)
from services.identity.domain.rules import pins

EXPIRED = "expired"
Factors = EnrolFactor | RemoveFactor | NoteRecovery
Changing = SuspendAppointment | ResumeAppointment | HandOver | Delegate | EndDelegation | TakeOffice | Factors
OfficialCommand = (
    AppointOfficial | AppointAgain | EndAppointment | EndOfficialSession | RevokeOfficialTokens | Changing | Tick
)


def decide(command: OfficialCommand, state: OfficialState, facts: Facts) -> list[Event]:
    match command:
        case AppointOfficial():
            return appoint(command, state, facts)
        case AppointAgain():
            return appoint_again(command, state, facts)
        case EndAppointment():
            return end_appointment(command, state)
        case EndOfficialSession():
            return end_session(command, state)
        case RevokeOfficialTokens():
            return revoke_tokens(command, state)
        case Tick():
            return expire(command, state)
        case _:
            return change(command, state, facts)


def change(command: Changing, state: OfficialState, facts: Facts) -> list[Event]:
    match command:
        case SuspendAppointment():
            return suspend(command, state)
        case ResumeAppointment():
            return resume(command, state)
        case HandOver():
            return hand_over(command, state, facts)
        case Delegate():
            return delegate(command, state, facts)
        case EndDelegation():
            return end_delegation(command, state)
        case TakeOffice():
            return take_office(command, state, facts)
        case EnrolFactor():
            return factors.enrol(command, state)
        case RemoveFactor():
            return factors.remove(command, state)
        case NoteRecovery():
            return factors.recovered(command, state)
        case _:
            assert_never(command)


def appoint(command: AppointOfficial, official: OfficialState, facts: Facts) -> list[Event]:
    """任命: a document says so; login name, and of one of the three administrators the person, are held for this official."""
    refuse_if(official.exists, OfficialExists(official=command.official))
    refuse_together(_wrong(command, command.office, facts))
    for reservation in command.reads:
        held_by = facts.reads[reservation].holder_at(command.received_at)
        refuse_unless(held_by == holder_of(command.official), ReservationLapsed())
    return [
        OfficialAppointed(
            received_at=command.received_at,
            official=command.official,
            appointment=entity_id(command.id, 1),
            office=command.office,
            subject=command.subject,
            name=command.name,
            login_index=command.login_index,
            document=command.document.strip(),
            valid_to=command.valid_to,
            phone=command.phone,
            policies=pins(facts.policies, offices.KIND),
            person_index=command.person_index,
        )
    ]


def appoint_again(command: AppointAgain, official: OfficialState, facts: Facts) -> list[Event]:
    """兼任: what is known of the person is copied unchanged."""
    if not official.exists or official.name is None:
        raise OfficialUnknown()
    refuse_together(_wrong(command, command.office, facts))
    refuse_if(official.holds(command.office, command.received_at), AlreadyAppointed())
    separated = [a for a in official.active(command.received_at) if offices.is_separated(a.office, facts.policies)]
    alone = offices.is_separated(command.office, facts.policies)
    refuse_if(bool(separated) or alone, SeparatedDuties(way_out="请由另一人以其本人的登录名担任"))
    return [
        OfficialAppointed(
            received_at=command.received_at,
            official=command.official,
            appointment=entity_id(command.id, 1),
            office=command.office,
            subject=official.subject,
            name=official.name,
            login_index=official.login_index,
            document=command.document.strip(),
            valid_to=command.valid_to,
            phone=official.phone,
            policies=pins(facts.policies, offices.KIND),
        )
    ]


def _wrong(command: AppointOfficial | AppointAgain, office: Office, facts: Facts) -> list[Refused]:
    refusals: list[Refused] = []
    if words := offices.problem(office, facts.policies):
        refusals.append(OfficeWrong(words))
    if not command.document.strip():
        refusals.append(DocumentMissing())
    if command.valid_to is not None and command.valid_to <= command.received_at:
        refusals.append(AppointmentOver(until=command.valid_to))
    nameless = isinstance(command, AppointOfficial) and not command.person_index and command.actor.kind == "official"
    if nameless and offices.is_separated(office, facts.policies):
        refusals.append(PersonalPhoneMissing())
    return refusals


def end_appointment(command: EndAppointment, official: OfficialState) -> list[Event]:
    """免职, at once in every service; ending it again changes nothing."""
    refuse_unless(official.exists, OfficialUnknown())
    appointment = official.appointments.get(command.appointment)
    if appointment is None:
        raise AppointmentUnknown()
    if appointment.ended:
        return []
    return [
        AppointmentEnded(
            command.received_at, command.official, command.appointment, command.reason, official.person_index
        ),
        *delegations_end(command, official, command.appointment),
    ]


def expire(command: Tick, official: OfficialState) -> list[Event]:
    """任期届满: every appointment whose time is over and that nobody ended before."""
    over = [a.id for a in official.appointments.values() if a.is_over(command.received_at) and not a.ended]
    ended = [
        AppointmentEnded(command.received_at, official.official, id_, EXPIRED, official.person_index) for id_ in over
    ]
    return [*ended, *(end for id_ in over for end in delegations_end(command, official, id_))]


def end_session(command: EndOfficialSession, official: OfficialState) -> list[Event]:
    refuse_unless(official.exists, OfficialUnknown())
    return [SessionEnded(command.received_at, command.sid, command.official, command.reason)]


def revoke_tokens(command: RevokeOfficialTokens, official: OfficialState) -> list[Event]:
    refuse_unless(official.exists, OfficialUnknown())
    return [AccountTokensRevoked(command.received_at, command.official, command.before, command.reason, command.spared)]


def due(event: Event) -> Mapping[str, datetime | None]:
    match event:
        case OfficialAppointed():
            return {f"end-{event.appointment}": event.valid_to}
        case AppointmentEnded():
            return {f"end-{event.appointment}": None}
        case _:
            return {}


decider = Decider(
    "official",
    (
        AppointOfficial,
        AppointAgain,
        EndAppointment,
        EndOfficialSession,
        RevokeOfficialTokens,
        SuspendAppointment,
        ResumeAppointment,
        HandOver,
        Delegate,
        EndDelegation,
        TakeOffice,
        EnrolFactor,
        RemoveFactor,
        NoteRecovery,
        Tick,
    ),
    initial,
    evolve,
    decide,
    due,
)

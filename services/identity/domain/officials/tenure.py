"""Suspending, resuming, handing over and delegating: what of an appointment that stands becomes of it."""

from datetime import timedelta

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.identity import AccountTokensRevoked, AppointmentEnded, OfficialAppointed
from libs.events.contracts.officials import (
    AppointmentHandedOver,
    AppointmentResumed,
    AppointmentSuspended,
    DelegationEnded,
    DelegationGranted,
)
from libs.events.decider import Command, Facts
from libs.events.errors import refuse_if, refuse_unless
from libs.events.ids import entity_id
from services.identity.domain.officials import offices
from services.identity.domain.officials.commands import (
    Delegate,
    EndDelegation,
    HandOver,
    OnAppointment,
    ResumeAppointment,
    SuspendAppointment,
    TakeOffice,
)
from services.identity.domain.officials.refusals import (
    AppointmentOver,
    AppointmentUnknown,
    DelegateUnknown,
    DelegationTooLong,
    DelegationUnknown,
    NotDelegable,
    NotSuspended,
    NotYourAppointment,
    OfficialUnknown,
)
from services.identity.domain.officials.state import Appointment, OfficialState
from services.identity.domain.rules import pins

HANDED_OVER, DELEGATED = "handed-over", "delegation"


def suspend(command: SuspendAppointment, official: OfficialState) -> list[Event]:
    """停职: tokens issued before are void in every service; whoever stands in for them stops too."""
    appointment = _standing(command, official)
    if appointment.suspended:
        return []
    return [
        AppointmentSuspended(command.received_at, command.official, appointment.id, command.reason),
        AccountTokensRevoked(command.received_at, command.official, command.before, "appointment suspended"),
        *delegations_end(command, official, appointment.id),
    ]


def resume(command: ResumeAppointment, official: OfficialState) -> list[Event]:
    """复职."""
    appointment = _standing(command, official)
    refuse_unless(appointment.suspended, NotSuspended())
    return [AppointmentResumed(command.received_at, command.official, appointment.id, command.reason)]


def hand_over(command: HandOver, official: OfficialState, facts: Facts) -> list[Event]:
    """移交: the same office, so everything that waits for it, becomes the successor's; the predecessor's ends."""
    appointment = _standing(command, official)
    successor: OfficialState = facts.reads[command.reads[0]]
    refuse_unless(successor.exists and command.successor != command.official, DelegateUnknown())
    refuse_if(bool(appointment.represents), NotDelegable("代行的任职不能移交"))
    separated = offices.is_separated(appointment.office, facts.policies)
    refuse_if(separated, NotDelegable("三员的任职不能移交，请另行任命"))
    refuse_if(successor.holds(appointment.office, command.received_at), NotDelegable("继任者已任此职"))
    over = command.valid_to is not None and command.valid_to <= command.received_at
    refuse_if(over, AppointmentOver(until=command.valid_to))
    taken = entity_id(command.id, 1)
    return [
        AppointmentHandedOver(
            command.received_at, command.official, appointment.id, command.successor, taken, appointment.office,
            command.document, command.valid_to,
        ),
        AppointmentEnded(command.received_at, command.official, appointment.id, HANDED_OVER),
        *delegations_end(command, official, appointment.id),
    ]  # fmt: skip


def delegate(command: Delegate, official: OfficialState, facts: Facts) -> list[Event]:
    """委托代行: only one's own appointment, not one that is itself a delegation, never the three administrators'."""
    refuse_unless(command.actor.id == command.official, NotYourAppointment())
    appointment = _standing(command, official)
    refuse_if(appointment.suspended, NotDelegable("停职期间不能委托"))
    refuse_if(bool(appointment.represents), NotDelegable("代行的任职不能再委托"))
    separated = offices.is_separated(appointment.office, facts.policies)
    refuse_if(separated, NotDelegable("系统、安全、审计管理员不能委托他人代行"))
    other: OfficialState = facts.reads[command.reads[0]]
    refuse_unless(other.exists and command.delegate != command.official, DelegateUnknown())
    longest = command.received_at + timedelta(days=offices.rules(facts.policies)["delegation_days"])
    refuse_if(command.until <= command.received_at, AppointmentOver(until=command.until))
    refuse_if(command.until > longest, DelegationTooLong(until=longest))
    return [
        DelegationGranted(
            command.received_at, command.official, appointment.id, command.delegate, entity_id(command.id, 1),
            appointment.office, command.until, command.reason, pins(facts.policies, offices.KIND),
        )
    ]  # fmt: skip


def end_delegation(command: EndDelegation, official: OfficialState) -> list[Event]:
    refuse_unless(command.delegated in official.delegations, DelegationUnknown())
    return [_ended(command, official, command.delegated, command.reason)]


def delegations_end(command: Command, official: OfficialState, appointment: str) -> list[Event]:
    """Every delegation of this appointment."""
    return [
        _ended(command, official, delegated, "appointment ended")
        for delegated, (of, _) in official.delegations.items()
        if of == appointment
    ]


def _ended(command: Command, official: OfficialState, delegated: str, reason: str) -> DelegationEnded:
    _, delegate = official.delegations[delegated]
    return DelegationEnded(command.received_at, official.official, delegate, delegated, reason)


def take_office(command: TakeOffice, official: OfficialState, facts: Facts) -> list[Event]:
    """Sent by a reaction: what was handed over or delegated. Twice is once."""
    if not official.exists or official.name is None:
        raise OfficialUnknown()
    if command.appointment in official.appointments:
        return []
    return [
        OfficialAppointed(
            command.received_at, command.official, command.appointment, command.office, official.subject, official.name,
            official.login_index, command.document, command.valid_to, official.phone,
            pins(facts.policies, offices.KIND), represents=command.represents,
        )
    ]  # fmt: skip


def _standing(command: OnAppointment, official: OfficialState) -> Appointment:
    refuse_unless(official.exists, OfficialUnknown())
    appointment = official.appointments.get(command.appointment)
    if appointment is None:
        raise AppointmentUnknown()
    resumed = msgspec.structs.replace(appointment, suspended="")
    refuse_unless(resumed.is_active(command.received_at), AppointmentUnknown("这项任职已经结束"))
    return appointment

"""Reserving, confirming, releasing; a tick frees what was abandoned."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.identity import (
    ReservationConfirmed,
    ReservationDeclined,
    ReservationMade,
    ReservationReleased,
)
from libs.events.decider import Decider, Facts, Tick
from libs.events.errors import refuse_unless
from services.identity.domain.reservations.commands import ConfirmReservation, ReleaseReservation, ReserveValue
from services.identity.domain.reservations.refusals import ValueTaken
from services.identity.domain.reservations.state import ReservationState, evolve, initial
from services.identity.domain.rules import account_rules, pins

RELEASE = "release"
ReservationCommand = ReserveValue | ConfirmReservation | ReleaseReservation | Tick


def decide(command: ReservationCommand, state: ReservationState, facts: Facts) -> list[Event]:
    match command:
        case ReserveValue():
            return reserve(command, state, facts)
        case ConfirmReservation():
            return confirm(command, state)
        case ReleaseReservation():
            return release(command, state)
        case Tick():
            return free_abandoned(command, state)
        case _:
            assert_never(command)


def reserve(command: ReserveValue, state: ReservationState, facts: Facts) -> list[Event]:
    """Asking again renews the time of what is not confirmed yet."""
    at = command.received_at
    refuse_unless(state.is_free_for(command.holder, at), ValueTaken(what=command.what, until=state.until))
    if state.confirmed:
        return []
    until = at + timedelta(minutes=account_rules(facts.policies)["reservation_minutes"])
    return [ReservationMade(at, command.what, command.holder, until, pins(facts.policies))]


def confirm(command: ConfirmReservation, state: ReservationState) -> list[Event]:
    """Comes from a reaction: even after the time has run out it is the holder's, unless somebody else has it."""
    if not state.is_free_for(command.holder, command.received_at):
        return [ReservationDeclined(command.received_at, command.what, command.holder, "held by another")]
    return [ReservationConfirmed(command.received_at, command.what, command.holder)]


def release(command: ReleaseReservation, state: ReservationState) -> list[Event]:
    if state.holder != command.holder:
        return []
    return [ReservationReleased(command.received_at, command.what, command.holder, command.reason)]


def free_abandoned(command: Tick, state: ReservationState) -> list[Event]:
    if state.until is None or command.received_at < state.until:
        return []
    what = command.target.rsplit("-", 1)[-1]
    return [ReservationReleased(command.received_at, what, state.holder, "abandoned")]


def due(event: Event) -> Mapping[str, datetime | None]:
    match event:
        case ReservationMade():
            return {RELEASE: event.until}
        case ReservationConfirmed() | ReservationReleased():
            return {RELEASE: None}
        case _:
            return {}


decider = Decider(
    "reservation", (ReserveValue, ConfirmReservation, ReleaseReservation, Tick), initial, evolve, decide, due
)

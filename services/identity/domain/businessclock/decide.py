"""Moving business time (never in production; only forward once a filing exists)."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.identity import BusinessClockMoved, FirstFilingNoted
from libs.events.decider import Decider, Facts
from libs.events.errors import refuse_if
from services.identity.domain.businessclock.commands import MoveClock, NoteFirstFiling
from services.identity.domain.businessclock.refusals import ClockIsReal, OnlyForward
from services.identity.domain.businessclock.state import ClockState, evolve, initial

ClockCommand = MoveClock | NoteFirstFiling


def decide(command: ClockCommand, state: ClockState, facts: Facts) -> list[Event]:
    match command:
        case MoveClock():
            return move(command, state)
        case NoteFirstFiling():
            return note_first_filing(command, state)
        case _:
            assert_never(command)


def move(command: MoveClock, clock: ClockState) -> list[Event]:
    refuse_if(command.production, ClockIsReal())
    refuse_if(clock.forward_only and command.offset_ms < clock.offset_ms, OnlyForward())
    if command.offset_ms == clock.offset_ms:
        return []
    return [BusinessClockMoved(command.received_at, command.offset_ms, command.reason)]


def note_first_filing(command: NoteFirstFiling, clock: ClockState) -> list[Event]:
    if clock.forward_only:
        return []
    return [FirstFilingNoted(command.received_at, command.application)]


decider = Decider("clock", (MoveClock, NoteFirstFiling), initial, evolve, decide)

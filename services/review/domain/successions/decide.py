"""A succession is noted once, and completed once."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.review import SuccessionCompleted, SuccessionNoted
from libs.events.decider import Facts
from services.review.domain.successions.commands import CompleteSuccession, NoteSuccession, SuccessionCommand
from services.review.domain.successions.state import SuccessionState


def decide(command: SuccessionCommand, state: SuccessionState, facts: Facts) -> list[Event]:
    match command:
        case NoteSuccession():
            return note(command, state)
        case CompleteSuccession():
            return complete(command, state)
        case _:
            assert_never(command)


def note(command: NoteSuccession, state: SuccessionState) -> list[Event]:
    if state.is_pending(command.hand_over):
        return []
    return [
        SuccessionNoted(
            command.received_at,
            succession=command.stream,
            official=command.official,
            successor=command.successor,
            office=command.office,
            hand_over=command.hand_over,
            document=command.document,
        )
    ]


def complete(command: CompleteSuccession, state: SuccessionState) -> list[Event]:
    if not state.is_pending(command.hand_over):
        return []
    return [SuccessionCompleted(command.received_at, succession=command.stream, hand_over=command.hand_over)]

"""Each member is noted once; with the last of the portion, the portion as a whole."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.review import ListMemberNoted, ListPortionAnswered
from libs.events.decider import Facts
from services.review.domain.tallies.commands import NoteListMember
from services.review.domain.tallies.state import TallyState, evolve


def decide(command: NoteListMember, state: TallyState, facts: Facts) -> list[Event]:
    match command:
        case NoteListMember():
            return note(command, state)
        case _:
            assert_never(command)


def note(command: NoteListMember, state: TallyState) -> list[Event]:
    if command.case in state.answered:
        return []
    noted = ListMemberNoted(
        command.received_at,
        list=command.list,
        case=command.case,
        accepted=command.accepted,
        reason=command.reason,
        enterprise=command.enterprise,
    )
    after = evolve(state, noted)
    return [noted, _whole(command, after)] if len(after.answered) == command.size else [noted]


def _whole(command: NoteListMember, state: TallyState) -> Event:
    return ListPortionAnswered(
        command.received_at,
        list=command.list,
        portion=command.portion,
        size=command.size,
        declined=tuple(case for case, _ in state.declined),
        reasons=tuple(reason for _, reason in state.declined),
    )

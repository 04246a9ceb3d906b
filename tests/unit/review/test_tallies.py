"""Answers of a portion are counted beside the list, and the list is told once, as a whole."""

from typing import Any

from libs.events.contracts.review import ListingAccepted, ListingDeclined, ListMemberNoted, ListPortionAnswered
from libs.events.names import partition_key_of
from services.review.domain.lists.commands import NoteAnswers
from services.review.domain.tallies.commands import NoteListMember, tally_stream
from services.review.reactions.when_list_progressed_then_command_members import react as command_members
from services.review.reactions.when_member_answered_then_tally_it import react as tally_it
from services.review.reactions.when_portion_answered_then_note_on_list import react as note_on_list
from tests import histories as h
from tests.unit.review.kit import LATER, given, given_list, given_tally, recorded
from tests.unit.review.test_lists import freeze, pairs


def answer(accepted: bool = True, case: str = h.CASE, size: int = 2) -> Any:
    fields: dict[str, Any] = {"application": case, "enterprise": h.ENTERPRISE, "list": h.NOTICE_LIST}
    fields |= {"portion": 200, "portion_size": size}
    if accepted:
        return ListingAccepted(LATER, level="province", **fields)
    return ListingDeclined(LATER, reason="review.other-stage", **fields)


def note(event: Any) -> Any:
    [command] = tally_it(recorded(event, "case-x"))
    return command


def test_an_answer_is_noted_once() -> None:
    noted = given_tally().when(note(answer())).then_types(ListMemberNoted)
    given_tally(*noted.history).when(note(answer())).then_nothing()
    assert NoteListMember.empty_is_fine


def test_the_last_answer_completes_the_portion_and_the_list_is_told_who_declined() -> None:
    first = given_tally().when(note(answer(False))).then_types(ListMemberNoted)
    last = (
        given_tally(*first.history)
        .when(note(answer(case=h.OTHER_CASE)))
        .then_types(ListMemberNoted, ListPortionAnswered)
    )
    [command] = note_on_list(recorded(last.events[1], "tally-x"))
    assert isinstance(command, NoteAnswers)
    assert (command.stream, command.portion, command.size) == (h.NOTICE_LIST, 200, 2)
    assert (command.declined, command.reasons) == ((h.CASE,), ("review.other-stage",))


def test_a_tally_lies_in_the_shard_of_its_list() -> None:
    assert tally_stream(h.NOTICE_LIST, 200) == "tally-320000-320000-2024.1-notice-200"
    assert partition_key_of(tally_stream(h.NOTICE_LIST, 200)) == partition_key_of(h.NOTICE_LIST)


def test_from_the_freezing_to_the_lists_knowledge() -> None:
    """Every hop as the reactions make it, for a list of which no case is ready."""
    frozen = given_list().when(freeze(pairs(3)))
    tally: list[Any] = []
    for command in command_members(recorded(frozen.events[1], h.NOTICE_LIST)):
        [said] = given().when(command).then_types(ListingDeclined).events
        tally = given_tally(*tally).when(note(said)).history
    [told] = [note_on_list(recorded(e, "tally-x"))[0] for e in tally if isinstance(e, ListPortionAnswered)]
    state = given_list(*frozen.history).when(told).state
    assert state.members.missing == 0 and len(state.reasons) == 3

"""移交: what an office's successions remember, and what a case does when it is to pass to the successor."""

from typing import Any

import msgspec
import pytest

from libs.events.contracts.actors import Office
from libs.events.contracts.officials import AppointmentHandedOver
from libs.events.contracts.review import CaseTakenOver, SuccessionCompleted, SuccessionNoted
from libs.events.names import partition_key_of
from libs.events.testing.scenario import scenario
from services.review.domain import successions
from services.review.domain.case import refusals as no
from services.review.domain.successions.commands import CompleteSuccession, NoteSuccession, succession_stream
from services.review.projections import case_timeline
from services.review.projections import successions as view
from services.review.reactions.when_appointment_handed_over_then_note_succession import react
from tests import histories as h
from tests.unit.review.kit import COUNTY1, LATER, REVIEW, approve, given, hand_on, officer, recorded, start, take_over
from tests.unit.review.test_read_models import CASE_STREAM, fold

given_succession: Any = scenario(successions.decider)
COUNTY_OFFICE = Office(h.JIANGSU, "county", h.COUNTY, "reviewer")
DOCUMENT = "苏工信人〔2024〕7号"


def handed_over(official: str = "county1", successor: str = "county2", hours: float = 8, **more: Any) -> Any:
    """As `identity` says it."""
    said = AppointmentHandedOver(h.at(hours), official, "a1", successor, "a2", COUNTY_OFFICE, DOCUMENT)
    return recorded(msgspec.structs.replace(said, **more), f"official-{h.JIANGSU}-{official}", int(hours))


def note(*who: str, hours: float = 8) -> NoteSuccession:
    [command] = react(handed_over(*who, hours=hours))
    assert isinstance(command, NoteSuccession)
    return command


def noted(*who: str, hours: float = 8) -> SuccessionNoted:
    [event] = given_succession().when(note(*who, hours=hours)).then_types(SuccessionNoted).events
    assert isinstance(event, SuccessionNoted)
    return event


def complete(event: SuccessionNoted) -> CompleteSuccession:
    return CompleteSuccession("y" * 32, LATER, REVIEW, event.office, event.hand_over)


def followed(*events: SuccessionNoted) -> dict[str, str | None]:
    """Who has the office in the end, by whose cases are asked after."""
    state = given_succession(*events).when(complete(noted("nobody", "none", hours=99))).state
    found = {one.official: state.last_of(one) for one in state.pending}
    return {official: last.successor if last else None for official, last in found.items()}


def test_a_hand_over_is_noted_on_the_offices_stream_with_all_that_passing_needs() -> None:
    event = noted()
    assert event.succession == succession_stream(COUNTY_OFFICE) == "succession-320000-county-320505-reviewer"
    assert partition_key_of(event.succession) == h.JIANGSU
    assert (event.official, event.successor, event.document) == ("county1", "county2", DOCUMENT)
    assert event.hand_over == handed_over().id and event.received_at == handed_over().time


@pytest.mark.parametrize("role", ["publisher", "window_manager", "account_checker"])
def test_other_roles_hold_no_cases(role: str) -> None:
    assert react(handed_over(office=Office(h.JIANGSU, "county", h.COUNTY, role))) == []


def test_it_is_noted_once_and_completed_once() -> None:
    event = noted()
    given_succession(event).when(note()).then_nothing()
    done = given_succession(event).when(complete(event)).then_types(SuccessionCompleted)
    assert done.state.pending == ()
    given_succession(*done.history).when(complete(event)).then_nothing()
    given_succession().when(complete(event)).then_nothing()


def test_an_office_that_was_handed_on_goes_to_the_last_in_whatever_order_that_was_heard() -> None:
    first, second = noted("ann", "bob", hours=8), noted("bob", "eve", hours=9)
    assert followed(first, second) == followed(second, first) == {"ann": "eve", "bob": "eve"}


def test_an_office_that_came_back_leaves_its_first_officials_cases_where_they_are() -> None:
    assert followed(noted("ann", "bob", hours=8), noted("bob", "ann", hours=9)) == {"ann": None, "bob": "ann"}


def test_another_branch_of_the_office_is_no_successor() -> None:
    """Two reviewers of one county, each with a successor of their own."""
    assert followed(noted("ann", "bob", hours=8), noted("eve", "zoe", hours=9)) == {"ann": "bob", "eve": "zoe"}


def test_the_read_model_is_open_as_long_as_one_is_pending() -> None:
    one, other = noted("ann", "bob", hours=8), noted("bob", "eve", hours=9)
    done = [SuccessionCompleted(LATER, one.succession, event.hand_over) for event in (one, other)]
    for history, is_open in (([one], True), ([one, other, done[0]], True), ([one, other, *done], False)):
        assert fold(view, history)[one.succession]["open"] is is_open


def test_a_held_case_passes_to_the_successor_who_goes_on_where_it_was() -> None:
    outcome = given(*h.in_review_at_county(), h.checked()).when(hand_on()).then_types(CaseTakenOver)
    [said] = outcome.events
    assert (said.before, said.officer, said.level) == ("county1", "county2", "county")
    assert (said.hand_over, said.document, said.received_at) == ("official-x@8.1", DOCUMENT, LATER)
    given(*outcome.history).when(approve(COUNTY1)).then_refused(no.NotTheHolder)
    assert given(*outcome.history).when(approve(officer("county", "county2"))).refusal is None
    given(*outcome.history).when(hand_on()).then_nothing()


@pytest.mark.parametrize(
    "history",
    [
        [],
        h.opened(),
        h.waiting_at_city(),
        [*h.opened(), h.started(officer="county3")],
        [*h.in_review_at_county(), h.returned()],
        [*h.in_review_at_county(), h.closed("voided")],
        [*h.waiting_at_city(), h.started("city", "county1")],
        h.certified(),
    ],
)
def test_a_case_that_is_not_held_there_by_the_predecessor_stays_as_it_is(history: Any) -> None:
    given(*history).when(hand_on()).then_nothing()


def test_only_the_office_that_passed_passes_its_cases() -> None:
    """The same person reviews elsewhere, or for another authority, and goes on doing so."""
    for office in (
        Office(h.JIANGSU, "county", "320506", "reviewer"),
        Office(h.JIANGSU, "city", h.CITY, "reviewer"),
        Office(h.XIAMEN, "county", h.COUNTY, "reviewer"),
        Office(h.JIANGSU, "county", h.COUNTY, "publisher"),
    ):
        given(*h.in_review_at_county()).when(hand_on(office=office)).then_nothing()


def test_the_ministrys_office_passes_cases_of_every_authority() -> None:
    history = [*h.in_review_at_province(), h.approved("province")]
    nation = Office("000000", "province", "000000", "reviewer")
    given(*history[:-1]).when(hand_on(before="province1", office=nation)).then_types(CaseTakenOver)


def test_what_the_predecessor_took_later_under_an_old_token_passes_too_but_not_what_they_hold_rightly_again() -> None:
    took = given(*h.opened(), h.started(officer="county3")).when(take_over(COUNTY1)).history
    given(*took).when(hand_on(until=LATER)).then_types(CaseTakenOver)
    given(*took).when(hand_on(until=h.at(9))).then_nothing()


def test_whatever_is_left_with_the_predecessor_the_successor_may_take_over() -> None:
    successor = officer("county", "county2")
    late = given(*h.opened()).when(start(COUNTY1)).history
    given(*late).when(hand_on(until=h.at(0))).then_nothing()
    given(*late).when(take_over(successor)).then_types(CaseTakenOver)


def test_the_history_says_by_which_document_and_names_nobody() -> None:
    passed = given(*h.in_review_at_county()).when(hand_on()).history
    entry = fold(case_timeline, passed, CASE_STREAM)[h.CASE]["entries"][-1]
    assert (entry["title"], entry["details"]) == ("接办（移交）", {"level": "county", "document": DOCUMENT})
    by_hand = given(*h.in_review_at_county()).when(take_over(officer("county", "county2"))).history
    assert fold(case_timeline, by_hand, CASE_STREAM)[h.CASE]["entries"][-1]["title"] == "接办"
    assert "county1" not in str(entry) and "county2" not in str(entry)

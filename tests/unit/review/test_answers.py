"""Withdrawal and recall: of a request and a start that race, exactly one wins, and the answer says which."""

import pytest

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    CaseTransferred,
    RecallAccepted,
    RecallRefused,
    RoundOpened,
    WithdrawalAccepted,
    WithdrawalRefused,
)
from tests import histories as h
from tests.unit.review.kit import given, recall, start, submit, transfer, withdraw

SECOND_ROUND = [*h.in_review_at_county(), h.returned(), h.resubmitted()]


def test_before_review_starts_a_withdrawal_is_accepted() -> None:
    outcome = given(*h.opened()).when(withdraw()).then_types(WithdrawalAccepted)
    assert outcome.state.status == "withdrawn"
    assert outcome.events[0].filing == h.FILING


def test_where_no_case_was_opened_nobody_can_start_and_the_withdrawal_is_accepted() -> None:
    assert given().when(withdraw()).then_types(WithdrawalAccepted).state.status == "none"


REFUSED: list[tuple[list[Event], int, str]] = [
    (h.in_review_at_county(), 1, "review.review-started"),
    (h.waiting_at_city(), 1, "review.review-started"),
    (SECOND_ROUND, 2, "review.review-started"),
    ([*h.in_review_at_county(), h.returned()], 1, "review.review-started"),
    (h.certified(), 1, "review.review-started"),
    ([*h.opened(), h.withdrawn()], 1, "review.not-waiting"),
    ([*h.opened(), h.closed("voided")], 1, "review.not-waiting"),
    (h.opened(), 2, "review.other-round"),
]


@pytest.mark.parametrize(("history", "round", "code"), REFUSED)
def test_otherwise_the_withdrawal_is_refused_with_the_reason(history: list[Event], round: int, code: str) -> None:
    outcome = given(*history).when(withdraw(round)).then_types(WithdrawalRefused)
    assert outcome.events[0].code == code


def test_the_refusal_says_who_started_and_when() -> None:
    [refused] = given(*h.in_review_at_county()).when(withdraw()).events
    assert (refused.level, refused.since) == ("county", h.at(1))


def test_a_transfer_before_any_start_leaves_the_right_to_withdraw() -> None:
    moved = given(*h.opened()).when(transfer()).then_types(CaseTransferred).history
    given(*moved).when(withdraw()).then_types(WithdrawalAccepted)


def test_in_a_later_round_the_enterprise_may_recall_until_review_starts_again() -> None:
    outcome = given(*SECOND_ROUND).when(recall()).then_types(RecallAccepted)
    assert outcome.state.status == "returned"
    again = given(*outcome.history).when(submit(round=2)).then_types(RoundOpened)
    assert again.events[0].level == "county"


RECALLS: list[tuple[list[Event], int, str]] = [
    ([], 1, "review.no-such-case"),
    (h.opened(), 1, "review.first-round"),
    (h.waiting_at_city(), 1, "review.first-round"),
    (SECOND_ROUND, 1, "review.other-round"),
    ([*SECOND_ROUND, h.started(round=2)], 2, "review.review-started"),
    ([*SECOND_ROUND, h.started(round=2), h.returned(round=2)], 2, "review.review-started"),
    ([*SECOND_ROUND, h.closed("voided")], 2, "review.not-waiting"),
]


@pytest.mark.parametrize(("history", "round", "code"), RECALLS)
def test_otherwise_the_recall_is_refused_with_the_reason(history: list[Event], round: int, code: str) -> None:
    outcome = given(*history).when(recall(round)).then_types(RecallRefused)
    assert outcome.events[0].code == code


def test_a_start_after_an_accepted_withdrawal_is_too_late_and_the_other_way_round() -> None:
    withdrawn = given(*h.opened()).when(withdraw()).history
    assert given(*withdrawn).when(start()).refusal is not None
    begun = given(*h.opened()).when(start()).history
    given(*begun).when(withdraw()).then_types(WithdrawalRefused)

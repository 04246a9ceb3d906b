"""A submission opens a case or its next round; messages that fit nothing are answered too."""

import pytest

from libs.events.contracts.base import Event
from libs.events.contracts.review import CaseClosed, CaseOpened, CaseReopened, NoteDeclined, RoundOpened, ScoreNoted
from tests import histories as h
from tests.unit.review.kit import close, given, reopen, score, submit


def test_the_first_submission_opens_the_case_with_route_and_policy_pinned() -> None:
    outcome = given().when(submit()).then_types(CaseOpened)
    case = outcome.state
    assert (case.status, case.round, case.current.level) == ("waiting", 1, "county")
    assert [step.level for step in case.route] == ["county", "city", "province"]
    assert [pin.id for pin in outcome.events[0].policies] == ["chains-320000"]
    assert outcome.events[0].filing == h.FILING


def test_xiamen_has_its_own_chain() -> None:
    case = given().when(submit(authority=h.XIAMEN, region=h.TORCH, tier="innovative")).then_types(CaseOpened).state
    assert [(stage.level, stage.duty) for stage in case.stages] == [
        ("county", "review"),
        ("county", "publicity"),
        ("city", "announce"),
    ]


def test_a_submission_without_a_chain_is_declined_with_the_reason() -> None:
    outcome = given().when(submit(kind="supplement", tier=None)).then_types(NoteDeclined)
    assert outcome.events[0].reason == "review.no-chain"
    assert outcome.state.status == "none"


def test_a_submission_that_comes_again_is_declined() -> None:
    given(*h.opened()).when(submit()).then_types(NoteDeclined)
    given(*h.in_review_at_city()).when(submit(round=2)).then_types(NoteDeclined)
    given(*h.certified()).when(submit(round=2)).then_types(NoteDeclined)


@pytest.mark.parametrize(("policy", "level"), [("returning_level", "city"), ("first_level", "county")])
def test_a_resubmission_goes_where_the_policy_says(policy: str, level: str) -> None:
    outcome = given(*h.returned_by_city(resubmission=policy)).when(submit(round=2)).then_types(RoundOpened)
    assert (outcome.events[0].level, outcome.state.round, outcome.state.status) == (level, 2, "waiting")
    assert outcome.state.current.level == level
    assert outcome.events[0].changed == ("revenue",)


def test_after_a_change_of_region_the_case_starts_at_the_first_step_of_the_new_chain() -> None:
    outcome = given(*h.returned_by_city()).when(submit(round=2, region="320506")).then_types(RoundOpened)
    case = outcome.state
    assert (case.current.level, case.region, case.approvals, case.checks) == ("county", "320506", (), ())
    assert [pin.id for pin in outcome.events[0].policies] == ["chains-320000"]


def test_after_a_withdrawal_the_same_round_begins_again() -> None:
    outcome = given(*h.opened(), h.withdrawn()).when(submit(round=1)).then_types(RoundOpened)
    assert (outcome.state.round, outcome.state.current.level, outcome.state.started) == (1, "county", None)


def test_an_older_round_is_late() -> None:
    history = [*h.in_review_at_county(), h.returned(), h.resubmitted(), h.started(round=2), h.returned(round=2)]
    given(*history).when(submit(round=1)).then_types(NoteDeclined)


CLOSING: list[tuple[str, list[Event], type[Event]]] = [
    ("lapsed", [*h.in_review_at_county(), h.returned()], CaseClosed),
    ("lapsed", [*h.opened(), h.withdrawn()], CaseClosed),
    ("voided", h.opened(), CaseClosed),
    ("voided", h.lapsed(), CaseClosed),
    ("lapsed", h.lapsed(), NoteDeclined),
    ("voided", [*h.lapsed(), h.closed("voided")], NoteDeclined),
    ("lapsed", [], NoteDeclined),
    ("voided", h.certified(), NoteDeclined),
    ("lapsed", [*h.in_review_at_county(), h.rejected()], NoteDeclined),
]


@pytest.mark.parametrize(("why", "history", "outcome"), CLOSING)
def test_the_end_of_a_filing_closes_an_open_case_only(why: str, history: list[Event], outcome: type[Event]) -> None:
    given(*history).when(close(why)).then_types(outcome)


def test_a_lapse_is_undone_and_the_case_stands_where_it_stood() -> None:
    before = given(*h.in_review_at_county(), h.returned()).when(close()).then_types(CaseClosed)
    after = given(*before.history).when(reopen()).then_types(CaseReopened).state
    assert (after.status, after.stage, after.closed_why) == ("returned", 0, "")
    given(*before.history, h.reopened()).when(submit(round=2)).then_types(RoundOpened)


@pytest.mark.parametrize(
    "history", [[], h.opened(), [*h.opened(), h.closed("voided")], h.certified(), [*h.lapsed(), h.closed("voided")]]
)
def test_nothing_but_a_lapse_is_undone(history: list[Event]) -> None:
    given(*history).when(reopen()).then_types(NoteDeclined)


def test_the_score_may_come_before_the_submission_and_again_after_a_judgement() -> None:
    early = given().when(score()).then_types(ScoreNoted)
    case = given(*early.history).when(submit()).then_types(CaseOpened).state
    assert case.current_score is not None and case.current_score.verdict == "pass"
    later = given(*early.history, *h.opened()).when(score(verdict="fail")).then_types(ScoreNoted).state
    assert later.current_score is not None and later.current_score.verdict == "fail"


def test_the_score_of_an_older_round_is_late_and_not_shown() -> None:
    second_round = [*h.in_review_at_county(), h.returned(), h.resubmitted()]
    given(*second_round).when(score(round=1)).then_types(NoteDeclined)
    scored = given(*h.in_review_at_county()).when(score()).then_types(ScoreNoted).history
    assert given(*scored, h.returned(), h.resubmitted()).when(score(round=2)).state.current_score is not None
    assert given(*scored, h.returned(), h.resubmitted()).when(close("x")).state.current_score is None

"""What happens to a filing after 提交: withdrawal, recall, what `review` says, ends of windows, out of order or twice."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import applications as said
from libs.events.contracts.base import Event
from libs.events.decider import Command
from services.applications.domain import filings
from services.applications.domain.filings import commands as c
from services.applications.domain.filings import refusals as r
from services.applications.domain.filings.state import due
from services.applications.domain.windows.state import GRACE
from tests.unit.applications import kit as k
from tests.unit.applications.kit import about, given_filing, windowed

SECOND = msgspec.structs.replace(k.SUBMITTED, round=2)
IN_REVIEW = (k.SUBMITTED, k.started())
RETURNED = (*IN_REVIEW, k.returned("revenue_y1"))
AGAIN = (*RETURNED, SECOND)
ASKED = (k.SUBMITTED, k.ASKED)
WITHDRAWN = (*ASKED, k.WITHDRAWN)
RECALL = (*AGAIN, said.RecallRequested(k.INSIDE, k.APPLICATION, k.ENTERPRISE, 2))
APPROVED = (*IN_REVIEW, said.ApprovalNoted(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "cause"))
REJECTED = (*IN_REVIEW, said.RejectionNoted(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "cause"))
VOIDED = (k.SUBMITTED, said.ApplicationVoided(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "注销"))
LAPSED = (*WITHDRAWN, said.ApplicationLapsed(k.LATER, k.APPLICATION, k.ENTERPRISE, "期限已过"))
HISTORIES: dict[str, tuple[Event, ...]] = {
    "submitted": (k.SUBMITTED,),
    "in_review": IN_REVIEW,
    "returned": RETURNED,
    "submitted again": AGAIN,
    "withdrawal_requested": ASKED,
    "withdrawn": WITHDRAWN,
    "approved": APPROVED,
    "rejected": REJECTED,
    "voided": VOIDED,
    "lapsed": LAPSED,
}


# 撤回


def test_before_review_a_withdrawal_is_asked_for_and_waits_for_its_answer() -> None:
    outcome = given_filing(k.SUBMITTED).with_reads(k.reads()).when(c.RequestWithdrawal(**windowed(), reason="改材料"))
    outcome.then(said.WithdrawalRequested(k.INSIDE, k.APPLICATION, k.ENTERPRISE, 1, "改材料"))
    assert outcome.state.status == "withdrawal_requested"


def test_once_review_has_begun_it_cannot_be_withdrawn_and_says_who_has_it_since_when() -> None:
    outcome = given_filing(*IN_REVIEW).with_reads(k.reads()).when(c.RequestWithdrawal(**windowed()))
    refusal = outcome.then_refused(r.ReviewHasBegun).refusal
    assert (refusal.since, refusal.facts["level"]) == (k.INSIDE, "county")
    assert "退回" in refusal.way_out


def test_a_later_round_cannot_be_withdrawn() -> None:
    given_filing(*AGAIN).with_reads(k.reads()).when(c.RequestWithdrawal(**windowed())).then_refused(r.ReviewHasBegun)


@pytest.mark.parametrize("name", ["returned", "withdrawal_requested", "withdrawn", "approved", "rejected", "lapsed"])
def test_other_states_have_nothing_to_withdraw(name: str) -> None:
    outcome = given_filing(*HISTORIES[name]).with_reads(k.reads()).when(c.RequestWithdrawal(**windowed()))
    outcome.then_refused(r.NothingToWithdraw)


def test_another_application_is_not_this_one() -> None:
    command = c.RequestWithdrawal(**(windowed() | {"application": "other"}))
    given_filing(k.SUBMITTED).with_reads(k.reads()).when(command).then_refused(r.NoSuchFiling)
    given_filing().with_reads(k.reads()).when(c.RequestWithdrawal(**windowed())).then_refused(r.NoSuchFiling)


def test_after_the_window_a_withdrawal_must_be_known_to_be_final() -> None:
    given = given_filing(k.SUBMITTED).with_reads(k.reads())
    last = given.when(c.RequestWithdrawal(**windowed(k.CLOSES)))
    last.then_types(said.WithdrawalRequested)
    late = k.CLOSES + k.MS
    assert given.when(c.RequestWithdrawal(**windowed(late))).then_refused(r.WithdrawalIsFinal).refusal.until == k.CLOSES
    known = c.RequestWithdrawal(**windowed(late), knows_it_is_final=True)
    given.when(known).then_types(said.WithdrawalRequested)


def test_an_extended_window_warns_by_its_new_end() -> None:
    reads = k.reads(window=(k.window_opened(), k.extended(k.LATER)))
    outcome = given_filing(k.SUBMITTED).with_reads(reads).when(c.RequestWithdrawal(**windowed(k.LATER)))
    outcome.then_types(said.WithdrawalRequested)


def test_an_accepted_withdrawal_carries_the_end_of_the_window() -> None:
    outcome = given_filing(*ASKED).when(c.NoteWithdrawal(**about(), round=1, refused=None, cause="ev"))
    event = outcome.then_types(said.ApplicationWithdrawn).events[0]
    assert event.window_closes == k.CLOSES
    assert outcome.state.status == "withdrawn"


REFUSED = c.NoteWithdrawal(
    **about(), round=1, refused="review.review-started", cause="ev", level="county", since=k.INSIDE
)


def test_a_refused_withdrawal_leaves_it_where_review_has_it() -> None:
    waiting = given_filing(*ASKED).when(REFUSED).then_types(said.WithdrawalRefusalNoted)
    assert waiting.state.status == "submitted"
    begun = given_filing(*ASKED, k.started()).when(REFUSED)
    assert begun.state.status == "in_review"
    assert begun.events[0].level == "county"


def test_a_review_that_starts_meanwhile_does_not_end_the_waiting() -> None:
    outcome = given_filing(*ASKED).when(c.NoteReviewStart(**about(), round=1, level="county", cause="ev"))
    assert outcome.then_types(said.ReviewStartNoted).state.status == "withdrawal_requested"


def test_a_return_overtakes_the_answer_to_a_withdrawal() -> None:
    note = _return()
    outcome = given_filing(*ASKED, k.started()).when(note).then_types(said.ReturnNoted)
    assert outcome.state.status == "returned"
    given_filing(*outcome.history).when(REFUSED).then_types(said.NoteDeclined)


# 取回


def test_a_correction_may_be_taken_back_before_review_starts_again() -> None:
    outcome = given_filing(*AGAIN).when(c.RequestRecall(**about())).then_types(said.RecallRequested)
    accepted = given_filing(*outcome.history).when(c.NoteRecall(**about(), round=2, accepted=True, cause="ev"))
    assert accepted.then_types(said.RecallNoted).state.status == "returned"
    assert accepted.state.unlocked == {"revenue_y1"}


def test_a_refused_recall_changes_nothing() -> None:
    outcome = given_filing(*RECALL).when(c.NoteRecall(**about(), round=2, accepted=False, cause="ev"))
    assert outcome.then_types(said.RecallNoted).state.status == "submitted"
    given_filing(*outcome.history).when(c.RequestRecall(**about())).then_types(said.RecallRequested)


def test_a_recall_is_asked_for_once() -> None:
    given_filing(*RECALL).when(c.RequestRecall(**about())).then_refused(r.NothingToRecall)


def test_what_was_never_returned_cannot_be_recalled() -> None:
    given_filing(k.SUBMITTED).when(c.RequestRecall(**about())).then_refused(r.NothingToRecall)


def test_when_review_has_begun_again_there_is_no_recall() -> None:
    given_filing(*AGAIN, k.started()).when(c.RequestRecall(**about())).then_refused(r.ReviewHasBegun)


def test_an_answer_to_no_recall_is_declined() -> None:
    given_filing(*AGAIN).when(c.NoteRecall(**about(), round=2, accepted=True, cause="ev")).then_types(said.NoteDeclined)


# What `review` says


def _return(round_: int = 1, **more: Any) -> c.NoteReturn:
    content = {"unlocked": ("revenue_y1",), "region_unlocked": False, "deadline": None, "reasons": (k.REASON,)}
    return c.NoteReturn(**about(), round=round_, level="county", cause="ev", **(content | more))


NOTES: dict[str, Command] = {
    "start": c.NoteReviewStart(**about(), round=1, level="county", cause="ev"),
    "return": _return(),
    "approval": c.NoteApproval(**about(), cause="ev"),
    "rejection": c.NoteRejection(**about(), reasons=(k.REASON,), cause="ev"),
    "transfer": c.NoteTransfer(**about(), region=k.QINHUAI, region_names=("江苏省", "南京市", "秦淮区"), cause="ev"),
    "withdrawal": c.NoteWithdrawal(**about(), round=1, refused=None, cause="ev"),
    "recall": c.NoteRecall(**about(), round=1, accepted=True, cause="ev"),
}


@pytest.mark.parametrize(
    ("note", "event", "status"),
    [
        ("start", said.ReviewStartNoted, "in_review"),
        ("return", said.ReturnNoted, "returned"),
        ("approval", said.ApprovalNoted, "approved"),
        ("rejection", said.RejectionNoted, "rejected"),
        ("transfer", said.JurisdictionChanged, "in_review"),
    ],
)
def test_what_review_decides_is_noted(note: str, event: type[Event], status: str) -> None:
    outcome = given_filing(*IN_REVIEW).when(NOTES[note]).then_types(event)
    assert outcome.state.status == status


def test_a_return_keeps_reasons_deadline_and_what_is_unlocked() -> None:
    state = given_filing(*IN_REVIEW).when(_return(deadline=k.LATER, region_unlocked=True)).state
    assert state.deadline == k.LATER
    assert state.region_is_unlocked
    assert state.returned is not None
    assert state.returned.reasons == (k.REASON,)


def test_an_approval_says_what_was_approved_and_of_which_year() -> None:
    event = given_filing(*IN_REVIEW).when(NOTES["approval"]).events[0]
    assert (event.kind, event.tier, event.authority, event.year) == ("declaration", "innovative", k.JIANGSU, 2024)


def test_a_transfer_moves_the_jurisdiction_with_its_cause() -> None:
    outcome = given_filing(*IN_REVIEW).when(NOTES["transfer"])
    assert outcome.events[0].cause == "ev"
    assert outcome.state.region == k.QINHUAI


@pytest.mark.parametrize("name", ["returned", "withdrawn", "approved", "rejected", "voided", "lapsed"])
@pytest.mark.parametrize("note", list(NOTES))
def test_what_does_not_fit_is_declined_with_the_reason_and_changes_nothing(name: str, note: str) -> None:
    history = HISTORIES[name]
    outcome = given_filing(*history).when(NOTES[note]).then_types(said.NoteDeclined)
    assert outcome.events[0].reason
    assert outcome.state == filings.decider.fold(history)


@pytest.mark.parametrize("note", list(NOTES))
def test_a_note_about_an_unknown_filing_is_declined(note: str) -> None:
    given_filing().when(NOTES[note]).then_types(said.NoteDeclined)


@pytest.mark.parametrize("note", ["start", "return", "withdrawal", "recall"])
def test_a_note_about_another_round_is_declined(note: str) -> None:
    other = msgspec.structs.replace(NOTES[note], round=7)
    for history in (IN_REVIEW, ASKED, RECALL):
        given_filing(*history).when(other).then_types(said.NoteDeclined)


def test_the_same_level_may_start_and_the_next_one_after_it() -> None:
    city = c.NoteReviewStart(**about(), round=1, level="city", cause="ev")
    assert given_filing(*IN_REVIEW).when(city).state.level == "city"


# Ends


def at_end(moment: Any = None) -> Any:
    return k.tick(k.FILING, "window-end", moment or k.CLOSES + GRACE)


def test_the_end_of_the_window_is_looked_at_ten_minutes_late() -> None:
    given_filing(*WITHDRAWN).when(at_end(k.CLOSES + GRACE - k.MS)).then_nothing()
    outcome = given_filing(*WITHDRAWN).when(at_end())
    outcome.then(said.WindowEndReached(k.CLOSES + GRACE, k.APPLICATION, k.ENTERPRISE, "w1", k.JIANGSU))
    given_filing(*outcome.history).when(at_end(k.LATER)).then_nothing()


@pytest.mark.parametrize("name", ["submitted", "in_review", "returned", "approved", "lapsed", "withdrawal_requested"])
def test_other_states_do_not_end_with_the_window(name: str) -> None:
    given_filing(*HISTORIES[name]).when(at_end(k.LATER)).then_nothing()


def settle(at: Any = None) -> c.SettleWindowEnd:
    return c.SettleWindowEnd(**windowed(at or k.CLOSES + GRACE))


def test_a_withdrawn_filing_lapses_with_its_window() -> None:
    outcome = given_filing(*WITHDRAWN).with_reads(k.reads()).when(settle()).then_types(said.ApplicationLapsed)
    assert outcome.state.status == "lapsed"


def test_an_extension_that_came_before_is_waited_for() -> None:
    until = k.CLOSES + timedelta(days=3)
    reads = k.reads(window=(k.window_opened(), k.extended(until, k.INSIDE)))
    outcome = given_filing(*WITHDRAWN).with_reads(reads).when(settle())
    outcome.then(said.WindowEndNoted(k.CLOSES + GRACE, k.APPLICATION, k.ENTERPRISE, "w1", until))
    assert due(outcome.events[0]) == {"window-end": until + GRACE}
    again = given_filing(*outcome.history).when(at_end(until + GRACE)).then_types(said.WindowEndReached)
    given_filing(*again.history).with_reads(reads).when(settle(until + GRACE)).then_types(said.ApplicationLapsed)


@pytest.mark.parametrize("name", ["submitted", "in_review", "lapsed", "approved"])
def test_there_is_nothing_to_settle_for_what_went_on(name: str) -> None:
    given_filing(*HISTORIES[name]).with_reads(k.reads()).when(settle()).then_nothing()


def test_a_filing_that_nobody_reviews_is_accepted_when_its_window_ends() -> None:
    alone = msgspec.structs.replace(k.SUBMITTED, empty_chain=True)
    assert due(alone)["window-end"] == k.CLOSES + GRACE
    ended = given_filing(alone).when(at_end()).then_types(said.WindowEndReached)
    outcome = given_filing(*ended.history).with_reads(k.reads()).when(settle()).then_types(said.ApplicationAccepted)
    assert outcome.events[0].year == 2024
    assert outcome.state.status == "approved"


def test_acceptance_is_only_for_what_nobody_reviews() -> None:
    given_filing(k.SUBMITTED).when(c.AcceptApplication(**about())).then_refused(r.HasReviewers)
    alone = msgspec.structs.replace(k.SUBMITTED, empty_chain=True)
    outcome = given_filing(alone).when(c.AcceptApplication(**about())).then_types(said.ApplicationAccepted)
    given_filing(*outcome.history).when(c.AcceptApplication(**about())).then_nothing()
    given_filing(alone, k.ASKED).when(c.AcceptApplication(**about())).then_refused(r.AlreadyDecided)
    given_filing().when(c.AcceptApplication(**about())).then_refused(r.NoSuchFiling)


def test_a_correction_deadline_lapses_ten_minutes_after_it() -> None:
    back = (*IN_REVIEW, k.returned("revenue_y1", deadline=k.LATER))
    assert due(back[-1])["correction"] == k.LATER + GRACE
    given_filing(*back).when(k.tick(k.FILING, "correction", k.LATER + GRACE - k.MS)).then_nothing()
    outcome = given_filing(*back).when(k.tick(k.FILING, "correction", k.LATER + GRACE))
    assert outcome.then_types(said.ApplicationLapsed).events[0].why == "correction_deadline"
    given_filing(*outcome.history).when(k.tick(k.FILING, "correction", k.LATER + GRACE)).then_nothing()


def test_an_accepted_recall_is_due_again_by_the_deadline_of_its_return() -> None:
    again = (*IN_REVIEW, k.returned("revenue_y1", deadline=k.LATER), SECOND)
    assert due(SECOND)["correction"] is None
    asked = given_filing(*again).when(c.RequestRecall(**about(k.LATER))).history
    back = given_filing(*asked).when(c.NoteRecall(**about(), round=2, accepted=True, cause="ev"))
    assert due(back.events[0]) == {"correction": k.LATER + GRACE, "window-end": None}
    lapsed = given_filing(*back.history).when(k.tick(k.FILING, "correction", k.LATER + GRACE))
    assert lapsed.then_types(said.ApplicationLapsed).events[0].why == "correction_deadline"
    refused = given_filing(*asked).when(c.NoteRecall(**about(), round=2, accepted=False, cause="ev"))
    assert due(refused.events[0]) == {}


def test_after_the_correction_deadline_nothing_is_taken_back() -> None:
    again = (*IN_REVIEW, k.returned("revenue_y1", deadline=k.LATER), SECOND)
    late = given_filing(*again).when(c.RequestRecall(**about(k.LATER + k.MS))).then_refused(r.CorrectionLate)
    assert late.refusal.until == k.LATER


def test_without_a_deadline_a_return_never_lapses() -> None:
    given_filing(*RETURNED).when(k.tick(k.FILING, "correction", k.LATER + timedelta(days=999))).then_nothing()


def revive(at: Any) -> c.ReviveApplication:
    return c.ReviveApplication(**windowed(at))


def test_a_lapsed_filing_is_revived_by_an_extension_and_ends_with_it() -> None:
    until = k.LATER + timedelta(days=3)
    reads = k.reads(window=(k.window_opened(), k.extended(until)))
    outcome = given_filing(*LAPSED).with_reads(reads).when(revive(until))
    outcome.then_types(said.ApplicationRevived, said.WindowEndNoted)
    assert outcome.state.status == "withdrawn"
    assert due(outcome.events[1]) == {"window-end": until + GRACE}


def test_what_did_not_lapse_with_its_window_or_has_no_extension_is_not_revived() -> None:
    given_filing(*LAPSED).with_reads(k.reads()).when(revive(k.LATER)).then_refused(r.NothingToRevive)
    reads = k.reads(window=(k.window_opened(), k.extended(k.LATER)))
    given_filing(*WITHDRAWN).with_reads(reads).when(revive(k.LATER)).then_refused(r.NothingToRevive)
    late = said.ApplicationLapsed(k.LATER, k.APPLICATION, k.ENTERPRISE, "期限已过", "correction_deadline")
    given_filing(*RETURNED, late).with_reads(reads).when(revive(k.LATER)).then_refused(r.NothingToRevive)
    given_filing().with_reads(reads).when(revive(k.LATER)).then_refused(r.NoSuchFiling)


def void() -> c.VoidApplication:
    return c.VoidApplication(**about(), reason="企业注销")


@pytest.mark.parametrize("name", ["submitted", "in_review", "returned", "withdrawn", "lapsed", "withdrawal_requested"])
def test_an_open_filing_may_be_voided_once(name: str) -> None:
    outcome = given_filing(*HISTORIES[name]).when(void()).then_types(said.ApplicationVoided)
    assert outcome.state.status == "voided"
    given_filing(*outcome.history).when(void()).then_nothing()


@pytest.mark.parametrize("name", ["approved", "rejected"])
def test_what_was_decided_is_not_voided(name: str) -> None:
    given_filing(*HISTORIES[name]).when(void()).then_refused(r.AlreadyDecided)


def test_nothing_is_due_any_more_at_an_end() -> None:
    for history in (APPROVED, REJECTED, VOIDED, LAPSED):
        assert due(history[-1]) == {"*": None}

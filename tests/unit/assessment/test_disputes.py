"""异议 and 更正: raised once and in time, answered by the authority; the old score is named and stays in the log."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import assessment as said
from libs.events.decider import Policies
from libs.events.testing.scenario import scenario
from services.assessment.domain import scores
from services.assessment.domain.scores import refusals as r
from services.assessment.domain.scores.disputing import answer_due
from services.assessment.projections import scores as scores_view
from tests import histories as h
from tests.unit.assessment import kit
from tests.unit.assessment.kit import DISPUTE, correct, dismiss, dispute, given_score, judge, officer, scored, submit
from tests.unit.assessment.samples import SRDI, srdi

MS = timedelta(milliseconds=1)
LAST = datetime(2024, 10, 21, 15, 59, 59, 999000, tzinfo=UTC)
"""The tenth working day after Tuesday, 8 October 2024: the 12th, a Saturday, is worked."""
DISPUTED = scored(submit(), dispute())


def test_an_enterprise_disputes_a_score_and_hears_by_when_it_is_answered() -> None:
    (event,) = given_score(*scored()).when(dispute("S11", "S2", "S11")).then_types(said.ScoreDisputed).events
    assert isinstance(event, said.ScoreDisputed)
    assert (event.dispute, event.indicators, event.reason) == (DISPUTE, ("S11", "S2"), "研发费用有误")
    assert (event.round, event.submission) == (1, "s1.1")
    assert event.answer_by == datetime(2024, 10, 29, 15, 59, 59, 999000, tzinfo=UTC), "15 working days from the 9th"
    assert not event.provisional
    assert [pin.id for pin in event.policies] == ["disputes-national", "calendar-2024"]


def test_a_year_without_a_published_calendar_makes_the_day_provisional() -> None:
    at = datetime(2026, 12, 28, 2, 0, tzinfo=UTC)
    event = given_score(*scored(submit(received_at=at))).when(dispute(at=at)).events[0]
    assert isinstance(event, said.ScoreDisputed) and event.provisional


def test_a_provisional_day_is_counted_anew_once_its_year_is_published() -> None:
    """15 working days from 31 December 2026: to 20 January at first; with two days off in January to the 22nd."""
    at = datetime(2026, 12, 30, 2, 0, tzinfo=UTC)
    raised = given_score(*scored(submit(received_at=at))).when(dispute(at=at)).events[0]
    assert isinstance(raised, said.ScoreDisputed)
    told = answer_due(raised, Policies(kit.POLICIES, at))
    assert told == (raised.answer_by, True)
    shipped = next(one for one in kit.POLICIES if one.id == "calendar-2027")
    off = [{"from": date(2027, 1, 4), "to": date(2027, 1, 5)}]
    content = dict(shipped.content) | {"provisional": False, "holidays": off}
    published = msgspec.structs.replace(shipped, sha256="2" * 64, content=content, effective_from="2027-01-01")
    anew, provisional = answer_due(raised, Policies((*kit.POLICIES, published), datetime(2027, 1, 6, tzinfo=UTC)))
    assert (anew - raised.answer_by, provisional) == (timedelta(days=2), False)
    fixed = given_score(*scored()).when(dispute()).events[0]
    assert isinstance(fixed, said.ScoreDisputed)
    assert answer_due(fixed, Policies((), kit.NOW)) == (fixed.answer_by, False)


@pytest.mark.parametrize(("at", "late"), [(LAST, False), (LAST + MS, True)])
def test_the_tenth_working_day_is_the_last_to_dispute(at: datetime, late: bool) -> None:
    outcome = given_score(*scored()).when(dispute(at=at))
    if late:
        refusal = outcome.then_refused(r.DisputeLate).refusal
        assert (refusal.since, refusal.until) == (kit.NOW, LAST) and refusal.way_out
    else:
        outcome.then_types(said.ScoreDisputed)


def test_a_score_is_disputed_once_and_a_corrected_one_is_another_score() -> None:
    waiting = given_score(*DISPUTED).when(dispute(id="9" * 32)).then_refused(r.AlreadyDisputed).refusal
    assert waiting.facts["dispute"] == DISPUTE and waiting.until
    answered = given_score(*scored(submit(), dispute(), dismiss())).when(dispute(id="9" * 32))
    assert answered.then_refused(r.DisputeAnswered).refusal.detail == "与审计报告一致"
    corrected = scored(submit(), dispute(), correct(rd_expense_y1="410.00"))
    given_score(*corrected).when(dispute("S13", id="9" * 32)).then_types(said.ScoreDisputed)


def test_what_is_full_or_met_is_nothing_to_dispute_and_what_there_is_is_offered() -> None:
    for named in (("S1",), ("S1", "C1", "S8")):
        refusal = given_score(*scored()).when(dispute(*named)).then_refused(r.NothingToDispute).refusal
        assert "S2" in refusal.way_out and "DC1" in refusal.way_out and "S1、" not in refusal.way_out
    given_score(*scored()).when(dispute("S1", "S2")).then_types(said.ScoreDisputed)
    given_score(*scored()).when(dispute("DC1")).then_types(said.ScoreDisputed)
    nothing = msgspec.structs.replace(dispute(), indicators=())
    given_score(*scored()).when(nothing).then_refused(r.NothingToDispute)


def test_every_fault_of_a_dispute_is_told_at_once() -> None:
    refusal = given_score(*scored()).when(dispute("S2", "S99", reason=" ")).refusal
    assert {one.code for one in refusal.refusals} == {  # type: ignore[union-attr]
        "assessment.indicator-unknown", "assessment.dispute-reason-missing",
    }  # fmt: skip


@pytest.mark.parametrize("command", [dispute(), correct(revenue_y1="1.00"), correct(dispute="", revenue_y1="1.00")])
def test_without_a_score_there_is_nothing_to_dispute_or_to_correct(command: Any) -> None:
    given_score(*scored(submit(pack=None))).when(command).then_refused(r.NotScored)
    given_score().when(command).then_refused(r.NotScored)


def test_a_correction_names_the_old_score_what_changed_and_the_new_one() -> None:
    outcome = given_score(*DISPUTED).when(correct(rd_expense_y1="410.00"))
    correction, anew = outcome.then_types(said.ScoreCorrected, said.ApplicationScored).events
    assert isinstance(correction, said.ScoreCorrected) and isinstance(anew, said.ApplicationScored)
    before = DISPUTED[0]
    assert isinstance(before, said.ApplicationScored)
    assert correction.corrects == said.ScoreNamed(
        1, "s1.1", kit.NOW, before.pack, before.verdict, before.low, before.high
    )
    assert correction.changes == (said.InputChange("rd_expense_y1", "320.00", "410.00"),)
    assert (correction.dispute, correction.reason) == (DISPUTE, "经核对审计报告")
    expected = srdi(rd_expense_y1="410.00")
    assert expected.low != before.low
    assert (correction.low, correction.high, correction.verdict) == (expected.low, expected.high, expected.verdict)
    assert (anew.low, anew.high, anew.verdict) == (expected.low, expected.high, expected.verdict)
    assert anew.result["indicators"] == msgspec.to_builtins(expected)["indicators"]
    assert (anew.submission, anew.received_at) == ("s1.1", kit.LATER)
    (answered,) = outcome.state.disputes
    assert (answered.answer, answered.answered_at, answered.reason) == ("corrected", kit.LATER, "经核对审计报告")


def test_a_figure_may_be_taken_back_and_judgements_stay() -> None:
    history = scored(submit(), judge("12"), dispute())
    anew = given_score(*history).when(correct(rd_staff=None)).events[1]
    assert isinstance(anew, said.ApplicationScored)
    expected = srdi(feature="12", rd_staff=...)
    assert (anew.low, anew.high) == (expected.low, expected.high)
    assert "rd_staff" not in anew.inputs.answers and anew.inputs.judgements == {"S9": "12"}


def test_a_judgement_after_a_correction_rests_on_the_corrected_figures() -> None:
    history = scored(submit(), dispute(), correct(rd_expense_y1="410.00"), judge("12"))
    latest = history[-1]
    assert isinstance(latest, said.ApplicationScored)
    expected = srdi(feature="12", rd_expense_y1="410.00")
    assert (latest.low, latest.high) == (expected.low, expected.high)


def test_a_corrected_figure_changes_the_size_under_the_same_standard() -> None:
    figures = dict(SRDI) | {"industry": "3484", "staff_total": 320, "enterprise_size": "中型"}
    history = scored(submit(answers=figures), dispute())
    before, anew = history[0], given_score(*history).when(correct(revenue_y1="1999.99")).events[1]
    assert isinstance(before, said.ApplicationScored) and isinstance(anew, said.ApplicationScored)
    assert [one.result["size"]["result"]["size_class"] for one in (before, anew)] == ["中型", "小型"]
    assert anew.result["size"]["standard"] == before.result["size"]["standard"]
    assert "申报为中型" in anew.result["size"]["result"]["declared"]["difference"]


def test_the_authority_corrects_by_itself_but_not_past_a_dispute_that_waits() -> None:
    own = correct(dispute="", rd_expense_y1="410.00")
    correction = given_score(*scored()).when(own).then_types(said.ScoreCorrected, said.ApplicationScored).events[0]
    assert isinstance(correction, said.ScoreCorrected) and correction.dispute == ""
    refusal = given_score(*DISPUTED).when(own).then_refused(r.DisputeOpen).refusal
    assert refusal.facts["dispute"] == DISPUTE


@pytest.mark.parametrize("history", [scored(), scored(submit(), dispute(), dismiss())])
@pytest.mark.parametrize("command", [correct(rd_expense_y1="410.00"), dismiss(), dismiss(dispute="")])
def test_only_a_dispute_that_waits_is_answered(history: Any, command: Any) -> None:
    given_score(*history).when(command).then_refused(r.DisputeNotOpen)


@pytest.mark.parametrize("command", [dismiss(reason=" "), correct(reason="", rd_expense_y1="410.00")])
def test_an_answer_says_why(command: Any) -> None:
    given_score(*DISPUTED).when(command).then_refused(r.DisputeReasonMissing)


def test_a_dismissal_leaves_the_score_as_it_is() -> None:
    outcome = given_score(*DISPUTED).when(dismiss()).then_types(said.ScoreDisputeDismissed)
    assert outcome.state.scored is not None and outcome.state.scored.received_at == kit.NOW
    assert outcome.state.open_dispute is None
    assert outcome.state.disputes[0].answer == "dismissed"


@pytest.mark.parametrize(
    "by",
    [
        officer("county"),
        officer("city", region="320100"),
        officer("city", role="publisher"),
        officer("city", authority="350200"),
        kit.OWNER,
    ],
    ids=["county", "another city", "publisher", "another authority", "the enterprise"],
)
def test_only_reviewers_of_city_and_province_who_cover_the_case_answer(by: Any) -> None:
    given_score(*DISPUTED).when(correct(by, rd_expense_y1="410.00")).then_refused(r.NotTheAuthority)
    given_score(*DISPUTED).when(dismiss(by)).then_refused(r.NotTheAuthority)
    given_score(*DISPUTED).when(dismiss(kit.PROVINCE1)).then_types(said.ScoreDisputeDismissed)


def test_a_correction_of_figures_that_cannot_be_is_refused_field_by_field() -> None:
    wrong = correct(
        rd_expense_y1="许多", staff_total="1.5", digital_level=4, digitalisation=1, own_brand="是", unknown=1
    )
    refusal = given_score(*DISPUTED).when(wrong).then_refused(r.FiguresInvalid).refusal
    named = [error["field"] for error in refusal.facts["errors"]]
    assert named == list(wrong.answers)


@pytest.mark.parametrize("answers", [{}, {"rd_expense_y1": "320.00"}, {"current_text": True}])
def test_a_correction_that_changes_nothing_is_a_dismissal(answers: dict[str, Any]) -> None:
    refusal = given_score(*DISPUTED).when(correct(**answers)).then_refused(r.NothingCorrected).refusal
    assert "驳回" in refusal.way_out


def test_a_score_is_given_anew_under_the_corrected_text_of_its_pack_when_asked() -> None:
    pack = next(one for one in kit.POLICIES if one.id == kit.SRDI_PACK)
    easier = {**pack.content["score"], "pass_at": 45}
    changed = kit.policy_changed(kit.SRDI_PACK, score=easier)
    given = scenario(scores.decider, (*kit.POLICIES, *(one for one in changed if one.id == kit.SRDI_PACK)))
    figures = {"rd_expense_y1": "160.00", "ip_class1": 0, "ip_class1_self_developed": 0, "ip_class2": 0}
    history = scored(submit(answers=dict(SRDI) | figures | {"main_product_field": "none"}), judge("0"))
    before = history[-1]
    assert isinstance(before, said.ApplicationScored) and before.verdict == "fail"
    outcome = given(*history).when(correct(dispute="", current_text=True))
    correction, anew = outcome.then_types(said.ScoreCorrected, said.ApplicationScored).events
    assert isinstance(correction, said.ScoreCorrected) and isinstance(anew, said.ApplicationScored)
    assert (correction.corrects.pack, correction.changes) == (before.pack, ())
    assert correction.pack == anew.pack != before.pack
    assert (correction.low, correction.verdict) == (before.low, "pass")
    given(*outcome.history).when(correct(dispute="", current_text=True)).then_refused(r.NothingCorrected)


def test_a_later_submission_leaves_no_dispute_of_the_one_before_open() -> None:
    history = [*DISPUTED, *given_score(*DISPUTED).when(submit(2, received_at=kit.LATER)).events]
    state = scores.decider.fold(history)
    assert state.open_dispute is None and state.disputes[0].answer == "superseded"
    given_score(*history).when(dispute(id="9" * 32)).then_types(said.ScoreDisputed)
    given_score(*history).when(dismiss()).then_refused(r.DisputeNotOpen)


def test_a_judgement_meanwhile_leaves_the_dispute_open() -> None:
    history = [*DISPUTED, *given_score(*DISPUTED).when(judge("12")).events]
    assert scores.decider.fold(history).open_dispute is not None
    given_score(*history).when(correct(rd_expense_y1="410.00")).then_types(said.ScoreCorrected, said.ApplicationScored)


def test_an_authority_may_have_days_and_levels_of_its_own() -> None:
    """The case's authority decides, wherever the office sits."""
    shipped = next(one for one in kit.POLICIES if one.kind == "disputes")
    own = {"file_within": 1, "answer_within": 2, "decided_by": ["province"]}
    theirs = msgspec.structs.replace(
        shipped, id="disputes-320000", authority=h.JIANGSU, sha256="1" * 64, content=dict(shipped.content) | own
    )
    given = scenario(scores.decider, (*kit.POLICIES, theirs))
    assert Policies((*kit.POLICIES, theirs), kit.NOW).of_authority("disputes", "350200").id == shipped.id
    (event,) = given(*scored()).when(dispute()).then_types(said.ScoreDisputed).events
    assert isinstance(event, said.ScoreDisputed) and event.answer_by.day == 11
    given(*scored()).when(dispute(at=kit.LATER + timedelta(days=1))).then_refused(r.DisputeLate)
    given(*DISPUTED).when(dismiss()).then_refused(r.NotTheAuthority)
    given(*DISPUTED).when(dismiss(kit.PROVINCE1)).then_types(said.ScoreDisputeDismissed)


def test_the_list_shows_what_waits_for_an_answer() -> None:
    document = None
    for history, waits, corrections in (
        (DISPUTED, DISPUTE, 0),
        (scored(submit(), dispute(), correct(rd_expense_y1="410.00")), None, 1),
    ):
        document = None
        for n, event in enumerate(history, start=1):
            document = scores_view.apply(document, kit.recorded(event, "score-e-c", n))
        assert document is not None
        assert (document["dispute"], document["corrections"]) == (waits, corrections)
        assert (document["answer_by"] is None) == (waits is None)

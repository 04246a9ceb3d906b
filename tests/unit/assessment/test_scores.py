"""Scoring submissions: each once, every round anew; where there is nothing to score, the log says why."""

import msgspec

from libs.events.contracts.assessment import ApplicationScored, ScoreTransferred, ScoringDeclined, ScoringInputs
from libs.events.contracts.base import PolicyPin
from libs.events.decider import Policy
from libs.events.testing.scenario import scenario
from services.assessment.domain import scores
from tests import histories as h
from tests.unit.assessment import kit
from tests.unit.assessment.kit import given_score, judge, move, scored, submit
from tests.unit.assessment.samples import SRDI, srdi


def policy(id: str) -> Policy:
    return next(one for one in kit.POLICIES if one.id == id)


def declined_because(*history: object, command: object) -> ScoringDeclined:
    event = given_score(*history).when(command).then_types(ScoringDeclined).events[0]
    assert isinstance(event, ScoringDeclined)
    return event


def test_a_submission_is_scored_and_explained() -> None:
    event = given_score().when(submit()).then_types(ApplicationScored).events[0]
    assert isinstance(event, ApplicationScored)
    expected = srdi()
    assert (event.low, event.high, event.verdict) == (expected.low, expected.high, expected.verdict)
    assert event.pack == policy(kit.SRDI_PACK).pin
    assert (event.round, event.submission, event.authority, event.region) == (1, "s1.1", h.JIANGSU, h.COUNTY)
    indicator = event.result["indicators"][0]
    assert {"inputs", "formula", "step", "points", "clause", "evidence"} <= set(indicator)


def test_what_scoring_needs_is_kept_and_nothing_else_of_the_filing() -> None:
    state = given_score().when(submit()).state
    assert state.scored.inputs == ScoringInputs(dict(SRDI), 3)


def test_without_a_digital_level_the_score_is_a_range() -> None:
    event = given_score().when(submit(digital_level=None)).events[0]
    assert isinstance(event, ApplicationScored)
    s6 = next(one for one in event.result["indicators"] if one["state"] == "missing")
    assert "数字化" in s6["reason"]


def test_a_filing_without_a_pack_is_declined_with_the_reason() -> None:
    event = declined_because(command=submit(pack=None))
    assert "没有绑定" in event.reason
    assert (event.submission, event.region) == ("s1.1", h.COUNTY)


def test_an_unknown_pack_is_declined_with_its_name() -> None:
    assert "srdi@1999" in declined_because(command=submit(pack=PolicyPin("pack", "srdi@1999", "0" * 64))).reason
    unknown_text = msgspec.structs.replace(kit.pin_of(kit.SRDI_PACK), sha256="0" * 64)
    assert "0" * 64 in declined_because(command=submit(pack=unknown_text)).reason


def test_a_pack_that_cannot_be_read_is_declined_and_stops_nothing() -> None:
    given = scenario(scores.decider, kit.policy_changed(kit.SRDI_PACK, gates=[{"label": "?"}]))
    given().when(submit()).then_types(ScoringDeclined)


def test_every_round_is_scored_anew_with_its_own_answers() -> None:
    history = scored(submit(1, answers=dict(SRDI) | {"market_years": 1}))
    state = given_score(*history).when(submit(2)).then_types(ApplicationScored).state
    assert (state.round, state.submission, state.scored.inputs.answers["market_years"]) == (2, "s2.1", 6)


def test_a_resubmission_in_the_same_round_is_scored_too() -> None:
    given_score(*scored(submit(1, "s1.1"))).when(submit(1, "s1b.1")).then_types(ApplicationScored)


def test_the_same_submission_once_more_changes_nothing_but_says_so() -> None:
    history = scored(submit())
    event = declined_because(*history, command=submit())
    state = given_score(*history, event).when(move()).state
    assert state.status == "scored" and state.scored.low == srdi().low


def test_a_submission_that_comes_after_a_newer_one_does_not_take_its_place() -> None:
    history = scored(submit(2))
    event = declined_because(*history, command=submit(1))
    assert scores.decider.fold([*history, event]).round == 2


def test_a_later_round_without_a_pack_takes_the_score_away() -> None:
    state = given_score(*scored(submit(1))).when(submit(2, pack=None)).state
    assert (state.status, state.round, state.scored) == ("declined", 2, None)


def test_judgements_of_a_round_do_not_count_for_the_next() -> None:
    state = given_score(*scored(submit(), judge())).when(submit(2)).state
    assert (state.judgements, state.scored.inputs.judgements) == ((), {})
    assert state.scored.low != state.scored.high


def test_a_transferred_case_is_for_the_new_place() -> None:
    state = given_score(*scored()).when(move()).then_types(ScoreTransferred).state
    assert (state.region, state.scored.region, state.status) == ("320506", h.COUNTY, "scored")


def test_a_transfer_heard_of_before_the_submission_still_holds() -> None:
    history = given_score().when(move()).history
    event = given_score(*history).when(submit()).then_types(ApplicationScored).events[0]
    assert isinstance(event, ApplicationScored)
    assert event.region == "320506"


def test_a_submission_after_the_transfer_says_itself_where_it_lies() -> None:
    history = scored(submit(), move())
    event = given_score(*history).when(submit(2, region="320507", received_at=h.at(24 * 400))).events[0]
    assert isinstance(event, ApplicationScored)
    assert event.region == "320507"

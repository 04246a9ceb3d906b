"""What the law leaves to the authority: entered by a reviewer who covers the case, within the pack's bounds."""

from decimal import Decimal

import msgspec
import pytest

from libs.events.contracts.actors import Actor
from libs.events.contracts.assessment import ApplicationScored, JudgementEntered
from libs.events.contracts.base import PolicyPin
from libs.events.decider import PolicyMissing
from libs.events.testing.scenario import scenario
from services.assessment.domain import scores
from services.assessment.domain.scores.refusals import (
    IndicatorUnknown,
    JudgementReasonMissing,
    NotForJudgement,
    NotScored,
    NotTheAuthority,
    PointsOutside,
)
from tests import histories as h
from tests.unit.assessment import kit
from tests.unit.assessment.kit import given_score, judge, move, officer, scored, submit
from tests.unit.assessment.samples import srdi

JUDGED_GATE = {"id": "G9", "label": "市场占有率领先", "clause": "附件2", "judgement": {"by": "authority"}}


def test_a_judgement_and_the_score_that_follows_are_one_commit() -> None:
    outcome = given_score(*scored()).when(judge("12.50")).then_types(JudgementEntered, ApplicationScored)
    entered, anew = outcome.events
    assert isinstance(entered, JudgementEntered) and isinstance(anew, ApplicationScored)
    expected = srdi(feature="12.5")
    assert (entered.points, anew.low, anew.high, anew.verdict) == (
        "12.5",
        expected.low,
        expected.high,
        expected.verdict,
    )
    assert anew.inputs.judgements == {"S9": "12.5"}
    assert (anew.submission, anew.round, anew.received_at) == ("s1.1", 1, kit.LATER)
    assert Decimal(anew.low) - Decimal(srdi().low) == Decimal("12.5")


def test_a_judgement_may_be_changed_and_the_last_counts() -> None:
    state = given_score(*scored(submit(), judge("12"))).when(judge("9")).state
    assert [(one.indicator, one.points) for one in state.judgements] == [("S9", "9")]
    assert state.scored.inputs.judgements == {"S9": "9"}


def test_the_same_judgement_once_more_changes_nothing() -> None:
    given_score(*scored(submit(), judge("12"))).when(judge("12.00")).then_nothing()


def test_the_same_points_for_another_reason_are_a_new_judgement() -> None:
    outcome = given_score(*scored(submit(), judge())).when(judge(reason="经复核"))
    outcome.then_types(JudgementEntered, ApplicationScored)


def test_nothing_can_be_judged_before_there_is_a_score() -> None:
    given_score().when(judge()).then_refused(NotScored)
    given_score(*given_score().when(move()).history).when(judge()).then_refused(NotScored)


def test_nothing_can_be_judged_where_scoring_was_declined() -> None:
    outcome = given_score(*scored(submit(pack=None))).when(judge()).then_refused(NotScored)
    assert outcome.refusal is not None and "没有绑定" in outcome.refusal.detail


@pytest.mark.parametrize("by", [officer("city"), officer("province")])
def test_the_city_and_the_province_may_judge(by: Actor) -> None:
    given_score(*scored()).when(judge(by=by)).then_types(JudgementEntered, ApplicationScored)


@pytest.mark.parametrize(
    "by",
    [
        kit.OWNER,
        officer("county"),
        officer("city", role="publisher"),
        officer("city", region="320600"),
        officer("province", authority=h.XIAMEN, region="320000"),
        officer("province", authority="330000", region="330000"),
    ],
)
def test_nobody_else_may(by: Actor) -> None:
    given_score(*scored()).when(judge(by=by)).then_refused(NotTheAuthority)


def test_after_a_transfer_the_new_city_may_judge_and_the_old_one_no_more() -> None:
    history = scored(submit(), move("320602"))
    given_score(*history).when(judge(by=officer("city", region="320600"))).then_types(
        JudgementEntered, ApplicationScored
    )
    given_score(*history).when(judge(by=officer("city"))).then_refused(NotTheAuthority)


def test_an_indicator_that_the_pack_does_not_have_is_refused() -> None:
    outcome = given_score(*scored()).when(judge(indicator="S99")).then_refused(IndicatorUnknown)
    assert outcome.refusal is not None and "S9" in outcome.refusal.way_out


def test_what_is_computed_cannot_be_entered() -> None:
    given_score(*scored()).when(judge(indicator="S1")).then_refused(NotForJudgement)


@pytest.mark.parametrize("points", ["15.01", "-1", "", "many", "1/3", "NaN", "1e99999999", "1e-99999999"])
def test_points_lie_within_the_bounds_of_the_pack(points: str) -> None:
    outcome = given_score(*scored()).when(judge(points)).then_refused(PointsOutside)
    assert outcome.refusal is not None and "0 至 15 分" in outcome.refusal.detail


@pytest.mark.parametrize("points", ["0", "15"])
def test_both_bounds_are_inside(points: str) -> None:
    given_score(*scored()).when(judge(points)).then_types(JudgementEntered, ApplicationScored)


def test_a_judgement_needs_its_reason_and_all_faults_are_said_together() -> None:
    given_score(*scored()).when(judge(reason=" ")).then_refused(JudgementReasonMissing)
    given_score(*scored()).when(judge("16", reason="")).then_refused(PointsOutside, JudgementReasonMissing)


def test_a_pack_no_longer_published_is_said_so() -> None:
    scenario(scores.decider)(*scored()).when(judge()).then_refused(PolicyMissing)


def test_a_condition_left_to_the_authority_is_met_or_not() -> None:
    pack = next(one for one in kit.POLICIES if one.id == kit.SRDI_PACK)
    policies = kit.policy_changed(kit.SRDI_PACK, gates=[*pack.content["gates"], JUDGED_GATE])
    given = scenario(scores.decider, policies)
    pin = next(one.pin for one in policies if one.id == kit.SRDI_PACK)
    history = given().when(submit(pack=pin)).history
    met = given(*history).when(judge("1", indicator="G9")).then_types(JudgementEntered, ApplicationScored).state
    assert met.scored.result["gates"][-1]["state"] == "met"
    not_met = given(*history).when(judge("0", indicator="G9")).state
    assert (not_met.scored.result["gates"][-1]["state"], not_met.scored.verdict) == ("not-met", "fail")
    given(*history).when(judge("0.5", indicator="G9")).then_refused(PointsOutside)


@pytest.mark.parametrize("what", ["replaced", "ended"])
def test_a_judgement_is_scored_under_the_very_text_that_the_score_pins(what: str) -> None:
    shipped = next(one for one in kit.POLICIES if one.id == kit.SRDI_PACK)
    ended = msgspec.structs.replace(shipped, effective_to="2024-10-09")
    newer = msgspec.structs.replace(shipped, content={}, sha256="f" * 64, effective_from="2024-10-09")
    policies = (shipped, newer) if what == "replaced" else (ended,)
    outcome = scenario(scores.decider, policies)(*scored()).when(judge())
    entered, anew = outcome.then_types(JudgementEntered, ApplicationScored).events
    assert isinstance(anew, ApplicationScored) and isinstance(entered, JudgementEntered)
    assert anew.pack == entered.pack == submitted_pack()
    assert (entered.round, entered.submission) == (anew.round, anew.submission) == (1, "s1.1")


@pytest.mark.parametrize("what", ["replaced", "ended"])
def test_a_submission_is_scored_under_the_very_text_that_it_pins(what: str) -> None:
    shipped = next(one for one in kit.POLICIES if one.id == kit.SRDI_PACK)
    ended = msgspec.structs.replace(shipped, effective_to="2024-10-01")
    newer = msgspec.structs.replace(shipped, content={}, sha256="f" * 64, effective_from="2024-10-01")
    policies = (shipped, newer) if what == "replaced" else (ended,)
    [event] = scenario(scores.decider, policies)().when(submit()).then_types(ApplicationScored).events
    assert isinstance(event, ApplicationScored) and event.pack == kit.pin_of(kit.SRDI_PACK)


def submitted_pack() -> PolicyPin:
    (event,) = scored()
    assert isinstance(event, ApplicationScored)
    return event.pack

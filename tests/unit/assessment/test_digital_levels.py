"""Assessing and importing digital levels: the latest counts, and every refusal says what is wrong."""

from datetime import date
from typing import Any

import pytest

from libs.events.contracts.assessment import DigitalLevelAssessed, DigitalLevelImported
from libs.events.contracts.base import PolicyPin
from libs.events.decider import PolicyMissing
from libs.events.testing.scenario import scenario
from services.assessment.domain import digital
from services.assessment.domain.digital.refusals import (
    AnswersInvalid,
    IndustryUnknown,
    IssuedInFuture,
    IssuerMissing,
    LevelMismatch,
    LevelUnknown,
    NoQuestionnaire,
    ScoreInvalid,
)
from tests.unit.assessment import kit
from tests.unit.assessment.kit import assess, given, import_
from tests.unit.assessment.test_digital import ALL_SCENES, BEST, NO_SCENES, WORST

GOOD: dict[str, Any] = {**BEST, **ALL_SCENES}
POOR: dict[str, Any] = {**WORST, **NO_SCENES}


def pin(kind: str) -> PolicyPin:
    return next(one for one in kit.POLICIES if one.kind == kind).pin


def test_a_manufacturer_is_assessed_by_its_questionnaire() -> None:
    outcome = given().when(assess(GOOD)).then_types(DigitalLevelAssessed)
    event = outcome.events[0]
    assert isinstance(event, DigitalLevelAssessed)
    assert (event.level, event.score, event.industry, event.missing_for_next) == (4, "100", kit.MACHINERY, ())
    assert (event.questionnaire, event.policies) == (pin("digital"), (pin("digital_forms"),))
    assert event.dimensions == {"foundation": "50", "management": "30", "results": "20"}
    assert event.answers == GOOD


def test_a_level_not_reached_is_level_zero_with_what_is_missing() -> None:
    event = given().when(assess(POOR)).events[0]
    assert isinstance(event, DigitalLevelAssessed)
    assert event.level == 0 and event.missing_for_next


def test_it_may_be_retaken_and_the_latest_counts() -> None:
    history = given().when(assess(GOOD)).history
    state = given(*history).when(assess(POOR, at=kit.LATER)).then_types(DigitalLevelAssessed).state
    assert state.latest is not None
    assert (state.latest.level, state.taken) == (0, 2)


@pytest.mark.parametrize("industry", [kit.SOFTWARE, "0111", "5310"])
def test_other_industries_are_sent_to_the_import(industry: str) -> None:
    outcome = given().when(assess(GOOD, industry)).then_refused(NoQuestionnaire)
    assert outcome.refusal is not None
    assert "导入" in outcome.refusal.way_out and "未见公开" in outcome.refusal.detail


def test_before_the_questionnaire_is_in_force_the_way_is_the_import_too() -> None:
    outcome = given().when(assess(GOOD, at=kit.BEFORE_THE_QUESTIONNAIRE)).then_refused(NoQuestionnaire)
    assert outcome.refusal is not None
    assert "尚未施行" in outcome.refusal.detail and "导入" in outcome.refusal.way_out


@pytest.mark.parametrize("industry", ["", "C", "C3484", "34845", "3", "３４"])
def test_an_industry_is_a_code_of_two_to_four_digits(industry: str) -> None:
    given().when(assess(GOOD, industry)).then_refused(IndustryUnknown)


def test_without_the_map_of_forms_nothing_can_be_assessed() -> None:
    scenario(digital.decider)().when(assess(GOOD)).then_refused(PolicyMissing)


def test_wrong_answers_are_refused_naming_each_question() -> None:
    scene = next(iter(ALL_SCENES))
    answers = {**GOOD, "q1": ["none", "a"], "q2": "x", "q99": "a", scene: 9}
    del answers["q3"]
    outcome = given().when(assess(answers)).then_refused(AnswersInvalid)
    assert outcome.refusal is not None
    errors = {one["field"]: one["fault"] for one in outcome.refusal.facts["errors"]}
    assert errors == {
        "q1": "exclusive",
        "q2": "unknown-option",
        "q3": "missing",
        "q99": "unknown-question",
        scene: "unknown-level",
    }
    assert outcome.events == []


def test_an_official_result_is_imported_with_its_proof() -> None:
    outcome = given().when(import_()).then_types(DigitalLevelImported)
    event = outcome.events[0]
    assert isinstance(event, DigitalLevelImported)
    assert (event.level, event.score, event.issued_on, event.evidence) == (2, "61.5", "2024-09-30", kit.PROOF)
    assert event.policies == (pin("digital_imports"),)


def test_an_import_after_an_assessment_counts_and_the_other_way_round() -> None:
    assessed, imported = assess(GOOD), import_()
    history = given().when(assessed).history
    outcome = given(*history).when(imported)
    assert outcome.state.latest.level == 2
    assert given(*outcome.history).when(assessed).state.latest.level == 4


def test_the_same_import_once_more_changes_nothing() -> None:
    history = given().when(import_()).history
    given(*history).when(import_(id="e" * 32, received_at=kit.LATER, score="61.5")).then_nothing()
    given(*history).when(import_(level=3)).then_types(DigitalLevelImported)


def test_the_same_import_counts_again_after_an_assessment() -> None:
    history = given(*given().when(import_()).history).when(assess(GOOD)).history
    given(*history).when(import_(received_at=kit.LATER)).then_types(DigitalLevelImported)


def test_everything_wrong_with_an_import_is_said_at_once() -> None:
    wrong = import_(level=5, score="101", issued_by=" ", issued_on=date(2024, 10, 9))
    given().when(wrong).then_refused(LevelUnknown, ScoreInvalid, IssuerMissing, IssuedInFuture)


@pytest.mark.parametrize("score", ["", "-1", "100.01", "1/3", "abc", "NaN", "1e99999999"])
def test_a_score_is_a_number_within_its_bounds(score: str) -> None:
    given().when(import_(score=score)).then_refused(ScoreInvalid)


@pytest.mark.parametrize("level", [-1, 5])
def test_a_level_is_one_of_the_table(level: int) -> None:
    given().when(import_(level=level)).then_refused(LevelUnknown)


def test_a_result_issued_today_is_taken() -> None:
    given().when(import_(issued_on=date(2024, 10, 8))).then_types(DigitalLevelImported)


LAST_OF_2022, FIRST_OF_2024 = date(2024, 9, 3), date(2024, 9, 4)


@pytest.mark.parametrize(
    ("score", "level"),
    [("0", 0), ("19.99", 0), ("20", 1), ("39.99", 1), ("40", 2), ("59.99", 2), ("60", 3), ("79.99", 3), ("80", 4)],
)
def test_a_result_of_the_2022_edition_has_the_level_of_its_score(score: str, level: int) -> None:
    """20–40, 40–60, 60–80, from 80; on a border the higher one."""
    given().when(import_(score=score, level=level, issued_on=LAST_OF_2022)).then_types(DigitalLevelImported)
    for other in {0, 1, 2, 3, 4} - {level}:
        command = import_(score=score, level=other, issued_on=LAST_OF_2022)
        refusal = given().when(command).then_refused(LevelMismatch).refusal
        assert "2022年版" in (refusal.rule or "") and "待核实" in refusal.detail and refusal.way_out


def test_a_later_result_may_be_lower_than_its_score_says_for_want_of_scenes() -> None:
    given().when(import_(score="79.99", level=1, issued_on=FIRST_OF_2024)).then_types(DigitalLevelImported)


def test_what_is_wrong_itself_is_not_told_twice() -> None:
    given().when(import_(level=5, issued_on=LAST_OF_2022)).then_refused(LevelUnknown)
    given().when(import_(score="101", issued_on=LAST_OF_2022)).then_refused(ScoreInvalid)

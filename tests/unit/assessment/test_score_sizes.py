"""The size beside a score: from the submission's own figures, with the difference to what was declared."""

import json
from typing import Any

import msgspec

from libs.events.contracts.assessment import ApplicationScored
from libs.events.decider import Policies
from libs.events.policies import load_policies
from libs.events.testing.scenario import scenario
from services.assessment.domain import scores
from services.assessment.domain.policies import SIZE, national
from services.assessment.domain.scores.state import ScoreState
from services.assessment.shown import score_shown
from tests.unit.assessment import kit
from tests.unit.assessment.kit import given_score, judge, scored, submit
from tests.unit.assessment.samples import POLICY, SRDI

FIGURES: dict[str, Any] = dict(SRDI) | {"industry": "3484", "enterprise_size": "小型", "staff_total": 80}
STANDARD = national(Policies(kit.POLICIES, kit.NOW), SIZE)


def size_of(event: object) -> dict[str, Any]:
    assert isinstance(event, ApplicationScored)
    return dict(json.loads(msgspec.json.encode(event.result["size"])))


def test_a_score_says_the_size_that_its_own_figures_give() -> None:
    (event,) = given_score().when(submit(answers=FIGURES | {"enterprise_size": "微型"})).events
    size = size_of(event)
    assert size["standard"] == {"kind": "size", "id": "size@2011-300", "sha256": STANDARD.sha256}
    result = size["result"]
    assert (result["size_class"], result["industry_label"], result["declared"]["agrees"]) == ("小型", "工业", False)
    assert [(one["id"], one["value"]) for one in result["indicators"]] == [("staff", "80"), ("revenue", "5000")]


def test_the_enterprise_and_the_reviewer_read_the_same_difference() -> None:
    (event,) = given_score().when(submit(answers=FIGURES | {"enterprise_size": "中型"})).events
    assert isinstance(event, ApplicationScored)
    shown = score_shown(kit.ENTERPRISE, kit.CASE, ScoreState(scored=event), Policies(kit.POLICIES, kit.NOW))
    assert shown["result"]["size"]["result"]["declared"]["difference"] == "申报为中型，按所填指标为小型"


def test_without_an_industry_or_figures_a_person_decides_and_the_score_stands() -> None:
    (event,) = given_score().when(submit()).events
    result = size_of(event)["result"]
    assert (result["state"], result["size_class"]) == ("not-classifiable", None) and "小类" in result["way_out"]
    missing = {name: value for name, value in FIGURES.items() if name != "staff_total"}
    (event,) = given_score().when(submit(answers=missing)).events
    result = size_of(event)["result"]
    assert result["possible"] == ["中型", "小型", "微型"] and "从业人员：未填写" in result["reason"]
    assert isinstance(event, ApplicationScored) and event.verdict


def test_whatever_stands_in_a_form_the_score_is_decided() -> None:
    odd = FIGURES | {"industry": ["3484"], "staff_total": "许多", "enterprise_size": 3}
    (event,) = given_score().when(submit(answers=odd)).events
    assert size_of(event)["result"]["state"] == "not-classifiable"


def test_a_judgement_keeps_the_size_as_it_was() -> None:
    history = scored(submit(answers=FIGURES), judge("12"))
    first, last = history[0], history[-1]
    assert isinstance(last, ApplicationScored) and last is not first
    assert size_of(last) == size_of(first)
    assert isinstance(first, ApplicationScored) and last.high != first.high


def test_without_a_standard_in_force_there_is_no_size() -> None:
    bare = tuple(one for one in load_policies(POLICY) if one.kind != SIZE)
    (event,) = scenario(scores.decider, bare)().when(submit(answers=FIGURES)).events
    assert isinstance(event, ApplicationScored) and "size" not in event.result

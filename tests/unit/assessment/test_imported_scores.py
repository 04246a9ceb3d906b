"""Scores of other platforms: taken over with their proof, one for each year, and beside what a filing says of them."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from libs.events.contracts.assessment import ApplicationScored, ImportedEvidence, ScoreImported, ScoringInputs
from libs.events.decider import Policies
from libs.events.testing.scenario import scenario
from services.assessment.domain import imports
from services.assessment.domain.digital.refusals import IssuedInFuture, IssuerMissing, ScoreInvalid
from services.assessment.domain.imports.commands import ImportScore
from services.assessment.domain.imports.refusals import SchemeUnknown, YearOutside
from services.assessment.domain.imports.state import ImportsState
from services.assessment.shown import compared_shown, imports_shown
from tests.unit.assessment import kit

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
given = scenario(imports.decider, kit.POLICIES)


def import_(**changes: Any) -> ImportScore:
    command = ImportScore(
        "c" * 32, NOW, kit.OWNER, kit.ENTERPRISE, "development", 2026, "62.50", " 某平台 ", date(2026, 4, 30), kit.PROOF
    )
    return msgspec.structs.replace(command, **changes)


def done(*commands: ImportScore) -> list[Any]:
    history: list[Any] = []
    for command in commands:
        history = given(*history).when(command).history
    return history


def test_a_score_is_taken_over_as_it_was_found() -> None:
    (event,) = given().when(import_()).then_types(ScoreImported).events
    assert isinstance(event, ScoreImported)
    assert (event.scheme, event.year, event.score, event.issued_by) == ("development", 2026, "62.5", "某平台")
    assert (event.issued_on, event.evidence) == ("2026-04-30", kit.PROOF)
    assert [pin.id for pin in event.policies] == ["score-imports-national"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"scheme": "luck"}, SchemeUnknown),
        ({"year": 2027}, YearOutside),
        ({"year": 2023}, YearOutside),
        ({"score": "100.01"}, ScoreInvalid),
        ({"score": "-0.01"}, ScoreInvalid),
        ({"score": "许多"}, ScoreInvalid),
        ({"issued_by": " "}, IssuerMissing),
        ({"issued_on": date(2026, 5, 7)}, IssuedInFuture),
    ],
)
def test_what_it_cannot_say_is_refused(changes: dict[str, Any], refusal: Any) -> None:
    given().when(import_(**changes)).then_refused(refusal)


@pytest.mark.parametrize("changes", [{"score": "0"}, {"score": "100"}, {"year": 2024}, {"issued_on": date(2026, 5, 6)}])
def test_borders_belong_to_what_is_taken(changes: dict[str, Any]) -> None:
    given().when(import_(**changes)).then_types(ScoreImported)


def test_every_fault_is_told_at_once() -> None:
    refusal = given().when(import_(year=1, score="x", issued_by="", issued_on=date(2027, 1, 1))).refusal
    assert len(refusal.refusals) == 4  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "again"),
    [
        ({}, False),
        ({"evidence": msgspec.structs.replace(kit.PROOF, name="别名.pdf")}, False),
        ({"evidence": ImportedEvidence("结果.pdf", "e" * 64, 2048, "application/pdf", "b" * 32)}, True),
        ({"score": "63"}, True),
        ({"issued_on": date(2026, 5, 1)}, True),
        ({"year": 2025}, True),
        ({"scheme": "innovative"}, True),
    ],
)
def test_the_same_once_more_is_nothing(changes: dict[str, Any], again: bool) -> None:
    outcome = given(*done(import_())).when(import_(**changes))
    assert [type(event) for event in outcome.events] == ([ScoreImported] if again else [])


def test_the_latest_of_a_year_counts_and_other_years_stay() -> None:
    state = imports.decider.fold(done(import_(year=2025, score="40"), import_(), import_(score="70")))
    assert [(one.year, one.score) for one in state.results] == [(2025, "40"), (2026, "70")]
    shown = imports_shown(state, Policies(kit.POLICIES, NOW))
    assert [(one["year"], one["score"], one["label"]) for one in shown["items"]] == [
        (2026, "70", "专精特新发展评价得分"), (2025, "40", "专精特新发展评价得分"),
    ]  # fmt: skip
    assert "blob" not in shown["items"][0]["evidence"] and shown["schemes"]["innovative"]["since"] == 2022


def filed(pack: str, **answers: str) -> ApplicationScored:
    return ApplicationScored(
        NOW, kit.CASE, kit.ENTERPRISE, "320000", "320505", 1, "s", kit.pin_of(pack), "open", "0", "0", {},
        ScoringInputs(answers),
    )  # fmt: skip


def test_a_filing_stands_beside_what_was_imported_for_its_years() -> None:
    """y0 is the year of the filing, y1 the one before; 62.50 and 62.5 are the same."""
    state = imports.decider.fold(done(import_(), import_(year=2025, score="55")))
    scored = filed("srdi@2026-2+re_review", development_score_y0="62.50", development_score_y1="56.00")
    found = compared_shown(scored, state, Policies(kit.POLICIES, NOW))
    assert [(one["field"], one["year"], one["filed"], one["imported"], one["agrees"]) for one in found] == [
        ("development_score_y0", 2026, "62.50", "62.5", True), ("development_score_y1", 2025, "56.00", "55", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pack", "answers", "state", "found"),
    [
        ("srdi@2022-63", {}, ImportsState(), []),
        ("srdi@2026-2", {"development_score_y0": "50"}, ImportsState(), [("50", None, None)]),
        ("srdi@2026-2", {}, imports.decider.fold(done(import_())), [(None, "62.5", None)]),
        ("srdi@2026-2", {"development_score_y0": "50"}, imports.decider.fold(done(import_(year=2025))), [("50", None, None)]),
    ],
)  # fmt: skip
def test_what_is_missing_on_either_side_is_said(pack: str, answers: Any, state: ImportsState, found: Any) -> None:
    shown = compared_shown(filed(pack, **answers), state, Policies(kit.POLICIES, NOW))
    assert [(one["filed"], one["imported"], one["agrees"]) for one in shown] == found

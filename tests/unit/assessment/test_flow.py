"""Reactions and read models of assessment."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from libs.events.contracts.applications import ApplicationSubmitted, DigitalResult
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.review import CaseTransferred
from services.assessment.domain.scores.commands import MoveScore, ScoreApplication
from services.assessment.projections import digital_levels, scores
from services.assessment.reactions import when_application_submitted_then_score as scoring
from services.assessment.reactions import when_case_transferred_then_move_score as moving
from tests import histories as h
from tests.unit.assessment import kit
from tests.unit.assessment.kit import judge, move, recorded, scored, submit
from tests.unit.assessment.samples import SRDI
from tests.unit.assessment.test_digital_levels import GOOD

STREAM = f"score-{kit.ENTERPRISE}-{kit.CASE}"

SUBMITTED = ApplicationSubmitted(
    kit.NOW,
    application=kit.CASE,
    enterprise=kit.ENTERPRISE,
    account="owner1",
    kind="declaration",
    tier="srdi",
    window="w1",
    batch="2024-1",
    authority=h.JIANGSU,
    region=h.COUNTY,
    region_names=("江苏省", "苏州市", "虎丘区"),
    round=2,
    draft_version=3,
    enterprise_name="苏州某精密科技有限公司",
    credit_code="91320505MA1XXXXXXX",
    answers=dict(SRDI),  # type: ignore[arg-type]
    personal={},
    evidence=(),
    form=PolicyPin("form", "jiangsu-srdi-2022", "0" * 64),
    pack=kit.pin_of(kit.SRDI_PACK),
    digital=DigitalResult("1" * 32, 3, "66", "x.1"),
)


def folded(module: Any, events: list[Event], stream: str) -> dict[str, Any]:
    """Each document as it is stored and met again."""
    document = None
    for version, event in enumerate(events, start=1):
        met = recorded(event, stream, version)
        assert module.key(met)
        document = msgspec.json.decode(msgspec.json.encode(module.apply(document, met)))
    assert document is not None
    return dict(document)


def test_a_submission_is_scored_with_its_pack_and_its_pinned_level() -> None:
    met = recorded(SUBMITTED, h.FILING)
    (command,) = scoring.react(met)
    assert isinstance(command, ScoreApplication)
    assert command.stream == STREAM
    assert (command.digital_level, command.round, command.submission) == (3, 2, met.id)
    assert command.pack == kit.pin_of(kit.SRDI_PACK)
    assert (command.answers, command.region, command.received_at) == (SUBMITTED.answers, h.COUNTY, kit.NOW)


def test_a_submission_without_an_assessment_has_no_level() -> None:
    (command,) = scoring.react(recorded(msgspec.structs.replace(SUBMITTED, digital=None, pack=None), h.FILING))
    assert isinstance(command, ScoreApplication)
    assert (command.digital_level, command.pack) == (None, None)


def test_a_transfer_moves_the_score() -> None:
    moved = CaseTransferred(
        kit.LATER, kit.CASE, kit.ENTERPRISE, "某公司", h.JIANGSU, h.COUNTY, "320506", ("江苏省",), "注册地", h.SRDI
    )
    (command,) = moving.react(recorded(moved, f"case-{kit.ENTERPRISE}-{kit.CASE}", 7))
    assert isinstance(command, MoveScore)
    assert (command.stream, command.region, command.authority) == (STREAM, "320506", h.JIANGSU)


def test_the_list_shows_the_latest_score_to_the_places_that_cover_it() -> None:
    document = folded(scores, scored(submit(), judge("12")), STREAM)
    assert document["covering"] == [h.COUNTY, h.CITY, h.JIANGSU]
    assert (document["status"], document["verdict"], document["digital_level"]) == ("scored", "pass", 3)
    assert document["low"] == document["high"]
    assert document["state"]["judgements"][0]["points"] == "12"
    assert scores.key(recorded(scored()[0], STREAM)) == kit.CASE


def test_a_transfer_changes_who_sees_it() -> None:
    document = folded(scores, scored(submit(), move("320602")), STREAM)
    assert document["covering"] == ["320602", "320600", h.JIANGSU]
    assert document["status"] == "scored"


def test_a_declined_submission_stands_in_the_list_with_its_reason() -> None:
    document = folded(scores, scored(submit(pack=None)), STREAM)
    assert (document["status"], document["low"]) == ("declined", None)
    assert "没有绑定" in document["reason"]


def test_a_transfer_before_any_score_is_not_shown_as_one() -> None:
    assert folded(scores, scored(move()), STREAM)["status"] == "none"


def test_the_latest_digital_level_of_an_enterprise() -> None:
    history = kit.given().when(kit.import_()).history
    history = kit.given(*history).when(kit.assess(GOOD, at=datetime(2024, 11, 1, tzinfo=UTC))).history
    stream = f"digital-{kit.ENTERPRISE}"
    first = folded(digital_levels, history[:1], stream)
    assert (first["origin"], first["level"], first["version"]) == ("imported", 2, 1)
    latest = folded(digital_levels, history, stream)
    assert (latest["origin"], latest["level"], latest["version"]) == ("assessed", 4, 2)

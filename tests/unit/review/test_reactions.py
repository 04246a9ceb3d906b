"""Each reaction: from one event to the command that it must send, once per stream."""

from typing import Any

import pytest

from libs.events.contracts import applications as a
from libs.events.contracts import assessment as q
from libs.events.contracts.base import Event, PolicyPin
from services.review.app import service
from services.review.domain.case import commands as c
from tests import histories as h
from tests.unit.review.kit import LATER, given, recorded
from tests.unit.review.test_read_models import CASE_STREAM, submission

SCORED = q.ApplicationScored(
    LATER,
    application=h.CASE,
    enterprise=h.ENTERPRISE,
    authority=h.JIANGSU,
    region=h.COUNTY,
    round=1,
    submission="s",
    pack=PolicyPin("packs", "srdi@2022-63", "0" * 64),
    verdict="pass",
    low="68",
    high="83",
    result={},
)
FROM_OTHERS: list[tuple[Event, type[c.OnCase]]] = [
    (submission(1), c.OpenCase),
    (submission(2), c.OpenCase),
    (a.WithdrawalRequested(LATER, h.CASE, h.ENTERPRISE, 1), c.AnswerWithdrawal),
    (a.RecallRequested(LATER, h.CASE, h.ENTERPRISE, 2), c.AnswerRecall),
    (a.ApplicationLapsed(LATER, h.CASE, h.ENTERPRISE, "逾期"), c.CloseCase),
    (a.ApplicationVoided(LATER, h.CASE, h.ENTERPRISE, "终止"), c.CloseCase),
    (a.ApplicationRevived(LATER, h.CASE, h.ENTERPRISE, "延期"), c.ReopenCase),
    (SCORED, c.NoteScore),
]


def commands_of(event: Event, stream: str) -> list[Any]:
    source = recorded(event, stream).service
    return [
        command
        for reaction in service.reactions
        if reaction.source == source and type(event) in reaction.handles
        for command in reaction.react(recorded(event, stream))
    ]


@pytest.mark.parametrize(("event", "command"), FROM_OTHERS)
def test_what_others_say_becomes_one_command_on_the_case(event: Event, command: type[c.OnCase]) -> None:
    [sent] = commands_of(event, h.FILING)
    assert type(sent) is command
    assert sent.stream == CASE_STREAM and sent.received_at == event.received_at


@pytest.mark.parametrize(("event", "command"), FROM_OTHERS)
@pytest.mark.parametrize(
    "history", [[], h.opened(), h.in_review_at_city(), h.returned_by_city(), h.certified(), h.lapsed()]
)
def test_whatever_the_case_is_the_command_ends_in_an_event(
    event: Event, command: type[c.OnCase], history: list[Event]
) -> None:
    [sent] = commands_of(event, h.FILING)
    outcome = given(*history).when(sent)
    assert outcome.refusal is None and outcome.events


def test_the_submission_names_its_filing_and_event() -> None:
    [sent] = commands_of(submission(1), h.FILING)
    assert (sent.filing, sent.submission) == (h.FILING, recorded(submission(1), h.FILING).id)


def test_lapse_and_void_are_told_apart() -> None:
    whys = [commands_of(event, h.FILING)[0].why for event, command in FROM_OTHERS if command is c.CloseCase]
    assert whys == ["lapsed", "voided"]


def test_every_reaction_has_a_name_of_its_own_that_says_what_it_does() -> None:
    names = [reaction.name for reaction in service.reactions]
    assert len(set(names)) == len(names)
    assert all(name.startswith("when_") and "_then_" in name for name in names)

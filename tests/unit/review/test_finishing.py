"""Lists, notice and announcement as a case answers them."""

from datetime import date
from typing import Any

import pytest

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    ApplicationApproved,
    ListingAccepted,
    ListingDeclined,
    NoteDeclined,
    PublicityEnded,
    PublicityStarted,
)
from services.review.domain import case as case_aggregate
from services.review.domain.case import commands as c
from services.review.domain.case.overview import duties_open, next_acts, steps
from tests import histories as h
from tests.unit.review.kit import REVIEW, given, join, on_case


def begin_notice(list_: str = h.NOTICE_LIST) -> Any:
    return on_case(c.StartPublicity, REVIEW, list=list_, starts=date(2024, 5, 8), ends=date(2024, 5, 13), cause="p.1")


def end_notice(list_: str = h.NOTICE_LIST) -> Any:
    return on_case(c.EndPublicity, REVIEW, list=list_, cause="p.2")


def announce(list_: str = h.FINAL_LIST) -> Any:
    return on_case(
        c.Announce, REVIEW, list=list_, document="苏工信企业〔2024〕1号", announced_on=date(2024, 5, 18), cause="p.3"
    )


def test_a_case_that_waits_for_notice_joins_the_list() -> None:
    outcome = given(*h.waiting_for_notice()).when(join()).then_types(ListingAccepted)
    assert (outcome.state.status, outcome.state.list) == ("listed", h.NOTICE_LIST)


def test_a_list_that_asks_again_gets_the_same_answer() -> None:
    joined = given(*h.waiting_for_notice()).when(join()).history
    given(*joined).when(join()).then_types(ListingAccepted)


LISTED = [*h.waiting_for_notice(), h.listed(h.NOTICE_LIST, "province")]
DECLINED: list[tuple[list[Event], Any, str]] = [
    ([], join(), "review.no-such-case"),
    (h.waiting_at_city(), join(), "review.other-stage"),
    (h.waiting_for_notice(), join(h.FINAL_LIST), "review.other-stage"),
    (h.waiting_for_notice(), join(level="city"), "review.other-stage"),
    (h.waiting_for_notice(), join(authority=h.XIAMEN), "review.other-jurisdiction"),
    (h.waiting_for_notice(), join(region="320100"), "review.other-jurisdiction"),
    (h.waiting_for_notice(), join(tier="innovative"), "review.other-kind"),
    (LISTED, join("list-320000-320000-2024.2-notice"), "review.on-another-list"),
    (h.in_notice(), join(), "review.other-stage"),
    (h.certified(), join(h.FINAL_LIST), "review.other-stage"),
    ([*h.waiting_for_notice(), h.closed("voided")], join(), "review.other-stage"),
]


@pytest.mark.parametrize(("history", "command", "reason"), DECLINED)
def test_otherwise_it_declines_with_the_reason(history: list[Event], command: Any, reason: str) -> None:
    [answer] = given(*history).when(command).then_types(ListingDeclined).events
    assert answer.reason == reason


def test_from_notice_to_approval() -> None:
    in_notice = given(*LISTED).when(begin_notice()).then_types(PublicityStarted)
    assert (in_notice.state.status, in_notice.state.notice_ends) == ("in_notice", date(2024, 5, 13))
    ended = given(*in_notice.history).when(end_notice()).then_types(PublicityEnded)
    assert (ended.state.status, ended.state.current.duty, ended.state.list) == ("waiting", "announce", None)
    on_list = given(*ended.history).when(join(h.FINAL_LIST)).then_types(ListingAccepted)
    outcome = given(*on_list.history).when(announce()).then_types(ApplicationApproved)
    said = outcome.events[0]
    assert (said.document, said.announced_on, said.level) == ("苏工信企业〔2024〕1号", date(2024, 5, 18), "province")
    assert (outcome.state.status, outcome.state.current) == ("approved", None)


OUT_OF_ORDER: list[tuple[list[Event], Any]] = [
    (h.waiting_for_notice(), begin_notice()),
    (LISTED, begin_notice("list-320000-320000-2024.2-notice")),
    (h.in_notice(), begin_notice()),
    (LISTED, end_notice()),
    (h.in_notice(), end_notice("list-320000-320000-2024.2-notice")),
    (h.waiting_for_announcement(), end_notice()),
    (h.waiting_for_announcement(), announce()),
    (h.in_notice(), announce(h.NOTICE_LIST)),
    (h.on_the_final_list(), announce(h.NOTICE_LIST)),
    (h.certified(), announce()),
    ([*h.on_the_final_list(), h.closed("voided")], announce()),
    ([], announce()),
]


@pytest.mark.parametrize(("history", "command"), OUT_OF_ORDER)
def test_out_of_order_or_on_another_list_it_is_noted_and_nothing_changes(history: list[Event], command: Any) -> None:
    outcome = given(*history).when(command).then_types(NoteDeclined)
    assert outcome.state == case_aggregate.decider.fold(history)


def test_the_overview_shows_steps_duties_and_what_may_come_next() -> None:
    case = given(*h.in_review_at_county()).when(begin_notice()).state
    assert [view.state for view in steps(case)] == ["current", "open", "open"]
    assert duties_open(case) == ("site_check", "review")
    assert [act.command for act in next_acts(case)][:2] == ["RecordSiteCheck", "ReturnApplication"]
    waiting = given(*h.opened()).when(begin_notice()).state
    assert ("RequestWithdrawal", "enterprise") in [(act.command, act.who) for act in next_acts(waiting)]
    in_notice = given(*h.in_notice()).when(announce()).state
    assert [(act.command, act.who) for act in next_acts(in_notice)] == [("EndPublicity", "clock")]
    done = given(*h.certified()).when(announce()).state
    assert next_acts(done) == () and [view.state for view in steps(done)] == ["done", "done", "done"]

"""One table: every state of a case × every officer's act × the level it comes from."""

from collections.abc import Callable
from typing import Any

import pytest

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.errors import Refused
from services.review.domain.case import refusals as no
from tests import histories as h
from tests.unit.review.kit import CITY1, COUNTY1, PROVINCE1, approve, given, reject, send_back, start, take_over

STATES: dict[str, list[Event]] = {
    "none": [],
    "waiting at county": h.opened(),
    "in review at county": [*h.in_review_at_county(), h.checked()],
    "waiting at city": h.waiting_at_city(),
    "in review at city": h.in_review_at_city(),
    "in review at province": h.in_review_at_province(),
    "returned by city": h.returned_by_city(),
    "withdrawn": [*h.opened(), h.withdrawn()],
    "waiting for notice": h.waiting_for_notice(),
    "in notice": h.in_notice(),
    "waiting for announcement": h.waiting_for_announcement(),
    "approved": h.certified(),
    "rejected": [*h.in_review_at_county(), h.rejected()],
    "lapsed": h.lapsed(),
}
ACTS: dict[str, Callable[[Actor], Any]] = {
    "start": start,
    "take over": take_over,
    "return": send_back,
    "approve": approve,
    "reject": reject,
}
OFFICERS = {"county": COUNTY1, "city": CITY1, "province": PROVINCE1}
HELD_BY = {"in review at county": "county", "in review at city": "city", "in review at province": "province"}
WAITS_AT = {"waiting at county": "county", "waiting at city": "city"}
EVERYBODY: dict[str, type[Refused]] = {
    "none": no.NoSuchCase,
    "returned by city": no.WithTheEnterprise,
    "withdrawn": no.WithTheEnterprise,
    "waiting for notice": no.NotAtReview,
    "in notice": no.NotAtReview,
    "waiting for announcement": no.NotAtReview,
    "approved": no.CaseOver,
    "rejected": no.CaseOver,
    "lapsed": no.CaseOver,
}
CHANGES = {"start": "in_review", "return": "returned", "approve": "waiting", "reject": "rejected"}


@pytest.mark.parametrize("level", OFFICERS)
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", STATES)
def test_every_level_act_and_state(state: str, act: str, level: str) -> None:
    outcome = given(*STATES[state]).when(ACTS[act](OFFICERS[level]))
    expected = _expected(state, act, level)
    if expected is None:
        assert outcome.refusal is None, outcome.refusal
        assert outcome.state.status == ("in_review" if act == "take over" else CHANGES[act])
    elif expected == "already so":
        outcome.then_nothing()
    else:
        outcome.then_refused(expected)


def _expected(state: str, act: str, level: str) -> Any:
    if state in EVERYBODY:
        return EVERYBODY[state]
    if level != (HELD_BY.get(state) or WAITS_AT.get(state)):
        return no.NotYourLevel
    if state in WAITS_AT:
        return None if act == "start" else no.NotInReview
    return "already so" if act in ("start", "take over") else None

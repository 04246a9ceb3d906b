"""Titles over three years: granted, warned, expired or waiting, imported, cancelled."""

from datetime import date, datetime
from typing import Any

import pytest

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    CertificationExpiring,
    TitleAwaitingReReview,
    TitleCancelled,
    TitleExpired,
    TitleGrantDeclined,
    TitleGranted,
    TitleImported,
)
from libs.events.contracts.times import day_end, day_start
from libs.events.decider import Command, Tick
from libs.events.testing.scenario import scenario
from services.review.domain import titles
from services.review.domain.titles import commands as t
from services.review.domain.titles import refusals as no
from services.review.domain.titles.due import due
from services.review.domain.titles.rules import last_day
from services.review.reactions.when_application_approved_then_grant_title import react
from tests import histories as h
from tests.unit.review.kit import LATER, REVIEW, day, given_title, officer, publisher, recorded

XIAMEN_PUBLISHER = publisher("city", h.XIAMEN, h.XIAMEN)
MINISTRY = publisher("ministry", "000000", "000000")


def on_title(command: type[Command], by: Any = REVIEW, at: datetime = LATER, /, **fields: Any) -> Any:
    told = {"enterprise": h.ENTERPRISE, "tier": "innovative"} | fields
    return command(id="x" * 32, received_at=at, actor=by, **told)


def grant(on: date = date(2024, 7, 1), **fields: Any) -> Any:
    told = {
        "enterprise_name": "厦门某某科技有限公司",
        "authority": h.XIAMEN,
        "region": h.HULI,
        "application": h.CASE,
        "document": "厦工信企业〔2024〕12号",
        "announced_on": on,
        "level": "city",
    }
    return on_title(t.GrantTitle, REVIEW, day(on.year, on.month, on.day), **(told | fields))


def import_(by: Any = XIAMEN_PUBLISHER, **fields: Any) -> Any:
    told = {
        "enterprise_name": "厦门某某科技有限公司",
        "authority": h.XIAMEN,
        "region": h.HULI,
        "origin": "国家平台",
        "document": "厦工信企业〔2022〕3号",
        "valid_from": date(2022, 7, 1),
        "valid_to": date(2025, 6, 30),
    }
    return on_title(t.ImportTitle, by, LATER, **(told | fields))


def cancel(by: Any = XIAMEN_PUBLISHER, **fields: Any) -> Any:
    told = {"reason": "提供虚假材料", "document": "厦工信企业〔2025〕9号", "ban_until": date(2028, 1, 1)}
    return on_title(t.CancelTitle, by, day(2025, 1, 1), **(told | fields))


JIANGSUS = {"authority": h.JIANGSU, "region": h.COUNTY}


def tick(at: datetime) -> Tick:
    return Tick(
        id="t" * 32, received_at=at, actor=REVIEW, target=f"title-{h.ENTERPRISE}-innovative", kind="any", due=at
    )


@pytest.mark.parametrize(
    ("tier", "ends"), [("innovative", date(2027, 6, 30)), ("srdi", date(2027, 6, 30)), ("tech", date(2025, 6, 30))]
)
def test_a_title_is_valid_from_the_announcement_for_the_years_of_its_tier(tier: str, ends: date) -> None:
    [said] = given_title().when(grant(tier=tier)).then_types(TitleGranted).events
    assert (said.valid_from, said.valid_to, said.notice_days) == (date(2024, 7, 1), ends, (90, 30, 7))
    assert [pin.id for pin in said.policies] == ["titles-national"]


def test_the_last_day_is_the_day_before_the_anniversary_also_in_leap_years() -> None:
    assert last_day(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert last_day(date(2024, 3, 1), 1) == date(2025, 2, 28)
    assert last_day(date(2027, 3, 1), 1) == date(2028, 2, 29)


def test_three_years_pass_day_by_day() -> None:
    """Exactly three reminders on their days, then the end on the day after the last."""
    history, said = h.granted(), []
    for n in range(date(2024, 7, 1).toordinal(), date(2027, 9, 1).toordinal()):
        today = date.fromordinal(n)
        outcome = given_title(*history).when(tick(day_start(today)))
        said += [(today, type(event), getattr(event, "days", None)) for event in outcome.events]
        history = outcome.history
    assert said == [
        (date(2027, 4, 1), CertificationExpiring, 90),
        (date(2027, 5, 31), CertificationExpiring, 30),
        (date(2027, 6, 23), CertificationExpiring, 7),
        (date(2027, 7, 1), TitleExpired, None),
    ]


def test_the_last_millisecond_still_belongs_to_the_title() -> None:
    history = given_title(*h.granted()).when(tick(day_start(date(2027, 6, 23)))).history
    given_title(*history).when(tick(day_end(date(2027, 6, 30)))).then_nothing()
    given_title(*history).when(tick(day_start(date(2027, 7, 1)))).then_types(TitleExpired)


def test_a_clock_that_jumps_does_all_that_is_due_once() -> None:
    jumped = given_title(*h.granted()).when(tick(day(2027, 6, 25)))
    jumped.then_types(CertificationExpiring, CertificationExpiring, CertificationExpiring)
    assert [event.days for event in jumped.events] == [90, 30, 7]
    given_title(*jumped.history).when(tick(day(2027, 6, 26))).then_nothing()
    far = given_title(*h.granted()).when(tick(day(2030, 1, 1)))
    assert [type(event) for event in far.events] == [*[CertificationExpiring] * 3, TitleExpired]
    given_title(*far.history).when(tick(day(2031, 1, 1))).then_nothing()


def test_where_the_re_review_comes_after_the_end_the_title_waits_for_it() -> None:
    outcome = given_title(*h.granted("srdi", "after_expiry")).when(tick(day(2027, 7, 1)))
    assert isinstance(outcome.events[-1], TitleAwaitingReReview)
    assert outcome.state.status == "awaiting_re_review"
    given_title(*outcome.history).when(tick(day(2028, 7, 1))).then_nothing()


def test_what_a_title_makes_due() -> None:
    [said] = h.granted()
    assert due(said) == {
        "expiring-90": day_start(date(2027, 4, 1)),
        "expiring-30": day_start(date(2027, 5, 31)),
        "expiring-7": day_start(date(2027, 6, 23)),
        "end": day_start(date(2027, 7, 1)),
    }
    outcome = given_title(said).when(tick(day(2030, 1, 1)))
    assert [due(event) for event in outcome.events] == [
        {"expiring-90": None}, {"expiring-30": None}, {"expiring-7": None}, {"*": None}
    ]  # fmt: skip


def test_a_title_is_not_granted_twice_but_again_after_its_end() -> None:
    [said] = given_title(*h.granted()).when(grant(date(2025, 7, 1))).then_types(TitleGrantDeclined).events
    assert said.reason == "review.title-valid"
    expired = given_title(*h.granted()).when(tick(day(2030, 1, 1))).history
    again = given_title(*expired).when(grant(date(2030, 2, 1))).then_types(TitleGranted)
    assert (again.state.status, again.state.notices) == ("valid", (90, 30, 7))


def test_without_a_rule_for_its_tier_nothing_is_granted() -> None:
    assert given_title().when(grant(tier="unheard_of")).then_types(TitleGrantDeclined).events[0].reason == (
        "review.tier-unknown"
    )
    bare: Any = scenario(titles.decider)
    assert bare().when(grant()).then_types(TitleGrantDeclined).events[0].reason == "platform.policy-missing"


def test_an_import_keeps_its_dates_and_skips_reminders_that_are_past() -> None:
    outcome = given_title().when(import_(valid_to=date(2024, 6, 30))).then_types(TitleImported)
    assert (outcome.state.status, outcome.state.notices, outcome.state.level) == ("valid", (30, 7), "city")
    assert set(due(outcome.events[0])) == {"expiring-30", "expiring-7", "end"}


def test_an_import_that_is_over_expires_at_once() -> None:
    outcome = given_title().when(import_(valid_from=date(2020, 1, 1), valid_to=date(2022, 12, 31)))
    given_title(*outcome.history).when(tick(LATER)).then_types(TitleExpired)


@pytest.mark.parametrize(
    ("history", "command", "refusal"),
    [
        ([], import_(officer("city", authority=h.XIAMEN, region=h.XIAMEN)), no.NotTheCertifier),
        ([], import_(publisher("province")), no.NotTheCertifier),
        ([], import_(REVIEW), no.NotTheCertifier),
        ([], import_(publisher("county", h.XIAMEN, h.HULI)), no.NotTheCertifier),
        ([], import_(publisher("county", h.XIAMEN, h.HULI), tier="srdi"), no.NotTheCertifier),
        ([], import_(MINISTRY), no.NotTheCertifier),
        ([], import_(tier="giant"), no.NotTheCertifier),
        ([], import_(publisher("city", h.JIANGSU, h.CITY), **JIANGSUS), no.NotTheCertifier),
        ([], import_(publisher("county", h.JIANGSU, h.COUNTY), **JIANGSUS), no.NotTheCertifier),
        ([], import_(valid_to=date(2021, 1, 1)), no.DatesReversed),
        ([], import_(tier="unheard_of"), no.TierUnknown),
        (h.granted(), import_(), no.TitleStillValid),
        ([], cancel(), no.NoSuchTitle),
        (h.granted(), cancel(publisher("county", h.XIAMEN, h.HULI)), no.NotTheCertifier),
        (h.granted(), cancel(publisher("province")), no.NotTheCertifier),
        (h.granted(), cancel(REVIEW), no.NotTheCertifier),
    ],
)
def test_imports_and_cancellations_are_refused(history: list[Event], command: Any, refusal: Any) -> None:
    given_title(*history).when(command).then_refused(refusal)


@pytest.mark.parametrize(
    ("by", "fields"),
    [
        (XIAMEN_PUBLISHER, {"tier": "innovative"}),
        (XIAMEN_PUBLISHER, {"tier": "srdi"}),
        (publisher("province", h.JIANGSU, h.JIANGSU), JIANGSUS | {"tier": "srdi"}),
        (MINISTRY, {"tier": "giant"}),
        (MINISTRY, JIANGSUS | {"tier": "giant"}),
    ],
)
def test_a_title_is_imported_where_its_tier_is_certified(by: Any, fields: dict[str, str]) -> None:
    given_title().when(import_(by, **fields)).then_types(TitleImported)


def test_the_authority_that_announced_cancels_and_nothing_is_due_any_more() -> None:
    outcome = given_title(*h.granted()).when(cancel()).then_types(TitleCancelled)
    assert (outcome.state.status, outcome.events[0].ban_until) == ("cancelled", date(2028, 1, 1))
    assert due(outcome.events[0]) == {"*": None}
    given_title(*outcome.history).when(tick(day(2027, 7, 1))).then_nothing()
    given_title(*outcome.history).when(cancel()).then_refused(no.NoSuchTitle)
    given_title(*outcome.history).when(grant(date(2028, 2, 1))).then_types(TitleGranted)


def test_the_third_tier_is_cancelled_by_the_ministry_alone() -> None:
    giant = h.granted("giant")
    given_title(*giant).when(cancel(tier="giant")).then_refused(no.NotTheCertifier)
    given_title(*giant).when(cancel(MINISTRY, tier="giant")).then_types(TitleCancelled)


def test_an_approved_declaration_grants_its_tier_from_the_announcement() -> None:
    [command] = react(recorded(h.announced(), "case-x"))
    assert isinstance(command, t.GrantTitle)
    assert (command.stream, command.announced_on) == (f"title-{h.ENTERPRISE}-srdi", date(2024, 5, 18))


def test_a_pool_entry_grants_no_title() -> None:
    import msgspec

    pool = msgspec.structs.replace(h.announced(), kind="pool_entry", tier=None)
    assert react(recorded(pool, "case-x")) == []

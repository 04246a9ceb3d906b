"""By when a manual check is answered: the working days of the published calendars, provisional only beyond them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts.accounts import CheckLapsed, CheckOverdue, CheckRequested, LicenceScan
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from libs.events.decider import Policies, Policy, Tick
from libs.events.policies import load_policies
from libs.events.testing.scenario import scenario
from services.identity.app import service
from services.identity.domain.checks.commands import RequestCheck, check_stream
from services.identity.domain.checks.deadlines import standing
from services.identity.domain.checks.decide import decider, due
from tests.unit.identity.kit import POLICIES, PUBLIC, SYSTEM, sealed
from tests.unit.review.kit import SERVICES

CALENDARS = tuple(one for one in load_policies(SERVICES / "review/policy") if one.kind == "calendar")
KNOWN = (*POLICIES, *CALENDARS)
[OF_2027] = [one for one in CALENDARS if one.id == "calendar-2027"]
MS = timedelta(milliseconds=1)
CHECK = "c" * 32


def published(*holidays: tuple[date, date], makeup: tuple[date, ...] = ()) -> tuple[Policy, ...]:
    """With the calendar of 2027 as it is published on the last day of 2026."""
    days = [{"from": first, "to": last} for first, last in holidays]
    content = dict(OF_2027.content) | {"provisional": False, "holidays": days, "makeup_workdays": list(makeup)}
    text = {"content": content, "effective_from": "2026-12-31", "sha256": "2" * 64}
    return (*KNOWN, msgspec.structs.replace(OF_2027, **text))


def given(*policies: Policy) -> Any:
    return scenario(decider, policies or KNOWN)


def request(at: datetime) -> RequestCheck:
    return RequestCheck(
        "r" * 32, at, PUBLIC, CHECK, "phone", "", "", "e" * 32, "914403001922038216", "某公司", "enterprise",
        sealed("legal_representative"), "id", sealed("document"), (), sealed("phone"), "p" * 32,
        LicenceScan("f" * 64, 10, "application/pdf", "b" * 32, "s" * 32, "clean"), "440300", "440300",
    )  # fmt: skip


def requested(at: datetime, *policies: Policy) -> CheckRequested:
    [event] = given(*policies)().when(request(at)).then_types(CheckRequested).events
    assert isinstance(event, CheckRequested)
    return event


def morning(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 1, tzinfo=UTC)


# Asked on, answered by, lapses: five and twenty working days. The calendars are review's.
@pytest.mark.parametrize(
    ("asked", "by", "lapses"),
    [
        (morning(2024, 4, 29), date(2024, 5, 9), date(2024, 5, 29)),  # 1–5 May off, the 11th worked
        (morning(2024, 9, 29), date(2024, 10, 11), date(2024, 10, 31)),  # 1–7 October off, the 12th worked
        (morning(2026, 2, 13), date(2026, 2, 27), date(2026, 3, 19)),  # 15–23 February off, the 14th and 28th worked
    ],
)
def test_holidays_are_taken_off_and_make_up_days_count(asked: datetime, by: date, lapses: date) -> None:
    event = requested(asked)
    assert (business_date(event.due), business_date(event.lapses), event.provisional) == (by, lapses, False)
    year = f"calendar-{asked.year}"
    assert [pin.id for pin in event.policies] == ["account-checks-national", year]
    assert due(event) == {"overdue": event.due, "lapse": event.lapses}


def test_identity_copies_the_calendars_of_review() -> None:
    assert "calendar" in service.copies["review"]


def test_without_any_calendar_monday_to_friday_count_provisionally() -> None:
    event = requested(morning(2024, 4, 29), *POLICIES)
    assert (business_date(event.due), event.provisional) == (date(2024, 5, 6), True)
    assert [pin.id for pin in event.policies] == ["account-checks-national"]


NEW_YEAR = ((date(2027, 1, 1), date(2027, 1, 3)), (date(2027, 1, 5), date(2027, 1, 6)))
ASKED = morning(2026, 12, 30)
"""31 December, Friday 1 January, 4, 5, 6 January; twenty days lead to the 27th."""


def test_into_a_year_that_is_not_published_it_is_provisional_and_counted_anew_later() -> None:
    event = requested(ASKED)
    assert (business_date(event.due), business_date(event.lapses)) == (date(2027, 1, 6), date(2027, 1, 27))
    then = morning(2027, 1, 5)
    before, after = (standing(event, Policies(known, then)) for known in (KNOWN, published(*NEW_YEAR)))
    assert (before.due, before.lapses, before.due_provisional) == (event.due, event.lapses, True)
    assert (business_date(after.due), business_date(after.lapses)) == (date(2027, 1, 11), date(2027, 2, 1))
    assert not after.provisional and after.policies[-1].sha256 == "2" * 64


def test_only_the_lapse_is_provisional_when_the_answer_is_due_in_a_published_year() -> None:
    event = requested(morning(2026, 12, 14))
    told = standing(event, Policies(KNOWN, ASKED))
    assert (business_date(told.due), told.due_provisional, told.lapse_provisional) == (date(2026, 12, 21), False, True)
    assert event.provisional and told.provisional


def test_it_never_falls_before_the_day_that_was_told() -> None:
    event = requested(ASKED)
    earlier = published(makeup=(date(2027, 1, 2), date(2027, 1, 3)))
    told = standing(event, Policies(earlier, morning(2027, 1, 4)))
    assert (told.due, told.lapses, told.provisional) == (event.due, event.lapses, False)


def test_a_day_that_was_certain_is_not_counted_anew() -> None:
    event = requested(morning(2024, 4, 29))
    told = standing(event, Policies((), morning(2024, 5, 1)))
    assert (told.due, told.lapses, told.provisional) == (event.due, event.lapses, False)
    unknown = msgspec.structs.replace(event, provisional=True, policies=())
    assert standing(unknown, Policies((), ASKED)).due == event.due


def ticked(event: CheckRequested, at: datetime, *policies: Policy) -> list[type[Event]]:
    tick = Tick("t" * 32, at, SYSTEM, target=check_stream(CHECK), kind="overdue", due=at)
    return [type(one) for one in given(*policies)(event).when(tick).events]


def test_the_clock_waits_for_the_day_that_is_counted_now() -> None:
    event = requested(ASKED)
    anew = standing(event, Policies(published(*NEW_YEAR), morning(2027, 1, 5)))
    assert ticked(event, event.due) == [CheckOverdue]
    assert ticked(event, event.due, *published(*NEW_YEAR)) == []
    assert ticked(event, anew.due - MS, *published(*NEW_YEAR)) == []
    assert ticked(event, anew.due, *published(*NEW_YEAR)) == [CheckOverdue]
    assert ticked(event, event.lapses, *published(*NEW_YEAR)) == [CheckOverdue]
    assert ticked(event, anew.lapses, *published(*NEW_YEAR)) == [CheckOverdue, CheckLapsed]

"""工作日 from the calendars as shipped (国务院办公厅关于部分节假日安排的通知)."""

from datetime import date

import pytest

from libs.events.contracts.review import Publicity
from libs.events.contracts.workdays import Calendar
from libs.events.decider import Policies
from tests.unit.review.kit import POLICIES, day

FIVE = Publicity(days=5, working=True, first_day_counts=True)


def calendar(year: int = 2026) -> Calendar:
    """As known at the end of that year."""
    return Calendar(Policies(POLICIES, day(year, 12, 31)))


@pytest.mark.parametrize("given", [date(2024, 2, 4), date(2024, 2, 18), date(2024, 9, 29), date(2025, 9, 28)])
def test_make_up_sundays_are_working_days(given: date) -> None:
    assert given.weekday() == 6 and calendar().is_workday(given)


@pytest.mark.parametrize("given", [date(2024, 2, 12), date(2024, 10, 1), date(2025, 10, 8), date(2026, 2, 23)])
def test_holidays_in_the_week_are_not(given: date) -> None:
    assert given.weekday() < 5 and not calendar().is_workday(given)


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248), (2027, 261)])
def test_a_year_has_the_working_days_that_its_calendar_says(year: int, days: int) -> None:
    found = calendar()
    every = [date.fromordinal(n) for n in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())]
    assert sum(found.is_workday(each) for each in every) == days
    said = {p.content["year"]: p.content["working_days"] for p in POLICIES if p.kind == "calendar"}
    assert said[year] == days


PERIODS: list[tuple[date, Publicity, date]] = [
    # 江苏 2025-12-05 to 12-11: five working days, the first counted
    (date(2025, 12, 5), FIVE, date(2025, 12, 11)),
    # over Spring Festival 2024: 8 and 9 February, then the make-up Sunday 18, then 19 and 20
    (date(2024, 2, 8), FIVE, date(2024, 2, 20)),
    # the make-up Sunday before it counts
    (date(2024, 2, 4), FIVE, date(2024, 2, 8)),
    # over National Day 2025 (1–8 October): Sunday 28 September works, Saturday 11 October works
    (date(2025, 9, 28), FIVE, date(2025, 10, 10)),
    (date(2025, 9, 30), FIVE, date(2025, 10, 13)),
    # begun on a day that does not work, that day counts for nothing
    (date(2025, 10, 4), FIVE, date(2025, 10, 14)),
    # the first day not counted
    (date(2025, 12, 5), Publicity(days=5, working=True, first_day_counts=False), date(2025, 12, 12)),
    # calendar days
    (date(2024, 2, 8), Publicity(days=5, working=False, first_day_counts=True), date(2024, 2, 12)),
    (date(2024, 2, 8), Publicity(days=5, working=False, first_day_counts=False), date(2024, 2, 13)),
    (date(2024, 5, 6), Publicity(days=1), date(2024, 5, 6)),
]


@pytest.mark.parametrize(("starts", "length", "ends"), PERIODS)
def test_a_notice_ends_on_the_last_day_that_counts(starts: date, length: Publicity, ends: date) -> None:
    period = calendar().period(starts, length)
    assert (period.starts, period.ends, period.provisional) == (starts, ends, False)


def test_a_period_pins_every_calendar_it_crossed() -> None:
    period = calendar(2025).period(date(2024, 12, 30), FIVE)
    assert period.ends == date(2025, 1, 6)
    assert [pin.id for pin in period.policies] == ["calendar-2024", "calendar-2025"]


def test_a_provisional_year_says_so() -> None:
    assert calendar().period(date(2026, 12, 30), FIVE).provisional


def test_a_year_without_a_calendar_counts_monday_to_friday_and_is_provisional() -> None:
    period = calendar().period(date(2031, 10, 1), FIVE)
    assert (period.ends, period.provisional, period.policies) == (date(2031, 10, 7), True, ())


def test_a_calendar_counts_only_once_it_was_published() -> None:
    before = Calendar(Policies(POLICIES, day(2024, 10, 1)))
    assert before.is_workday(date(2025, 1, 28)) and not calendar(2025).is_workday(date(2025, 1, 28))


def test_a_deadline_begins_the_day_after() -> None:
    assert calendar().deadline(date(2024, 9, 30), 1).ends == date(2024, 10, 8)

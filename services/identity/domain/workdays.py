"""工作日 without a published calendar: Monday to Friday. Told as provisional, since holidays are not taken off."""

from datetime import date, timedelta

SATURDAY = 5


def working_day_after(day: date, count: int) -> date:
    """The `count`-th working day after `day` (1: the next one)."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < SATURDAY
    return day

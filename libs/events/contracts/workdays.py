"""工作日: Monday to Friday, less the holidays and plus the make-up days of each year's calendar policy."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Protocol

import msgspec

from libs.events.contracts.base import PolicyPin
from libs.events.contracts.review import Publicity

DAY = timedelta(days=1)
SATURDAY = 5


class Text(Protocol):
    """A policy text of the kind `calendar`: its year, holidays, make-up days, and whether it is provisional."""

    @property
    def content(self) -> Mapping[str, Any]: ...
    @property
    def pin(self) -> PolicyPin: ...


class Policies(Protocol):
    def of_kind(self, kind: str, /) -> Iterable[Text]: ...


class Year(msgspec.Struct, frozen=True):
    """One year's arrangement (国务院办公厅关于部分节假日安排的通知)."""

    holidays: frozenset[date]
    makeup: frozenset[date]
    provisional: bool
    pin: PolicyPin


class Period(msgspec.Struct, frozen=True):
    """From `starts` to `ends`, both counted. `provisional`: a year in it has no published calendar yet."""

    starts: date
    ends: date
    provisional: bool
    policies: tuple[PolicyPin, ...]


class Calendar:
    """The calendars in force; a year without one counts Monday to Friday and is provisional."""

    def __init__(self, policies: Policies) -> None:
        self._years = {int(p.content["year"]): _year(p) for p in policies.of_kind("calendar")}

    def is_workday(self, day: date) -> bool:
        year = self._years.get(day.year)
        if year is None:
            return day.weekday() < SATURDAY
        return day in year.makeup or (day.weekday() < SATURDAY and day not in year.holidays)

    def period(self, starts: date, length: Publicity) -> Period:
        """The days of a notice (公示期) that begins on `starts`; in working or calendar days."""
        day = starts if length.first_day_counts else starts + DAY
        left = length.days
        while True:
            left -= self.is_workday(day) if length.working else 1
            if left <= 0:
                return self._period(starts, day)
            day += DAY

    def deadline(self, after: date, workdays: int) -> Period:
        """`workdays` working days beginning the day after `after`."""
        return self.period(after, Publicity(days=workdays, working=True, first_day_counts=False))

    def _period(self, starts: date, ends: date) -> Period:
        years = [self._years.get(year) for year in range(starts.year, ends.year + 1)]
        return Period(
            starts,
            ends,
            provisional=any(year is None or year.provisional for year in years),
            policies=tuple(year.pin for year in years if year is not None),
        )


def _year(policy: Text) -> Year:
    content: Mapping[str, Any] = policy.content
    holidays = (d for h in content["holidays"] for d in _days(_date(h["from"]), _date(h["to"])))
    makeup = frozenset(_date(day) for day in content["makeup_workdays"])
    return Year(frozenset(holidays), makeup, bool(content["provisional"]), policy.pin)


def _days(first: date, last: date) -> list[date]:
    return [first + n * DAY for n in range((last - first).days + 1)]


def _date(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)

"""Instants on the wire (UTC, milliseconds) and business dates (Asia/Shanghai)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def instant(millis: int) -> datetime:
    """A UTC instant from milliseconds since the epoch."""
    return datetime.fromtimestamp(millis // 1000, UTC) + timedelta(milliseconds=millis % 1000)


def millis_of(moment: datetime) -> int:
    """Milliseconds since the epoch; exact, because nothing here is finer than a millisecond."""
    delta = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def time_text(moment: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SS.mmmZ`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_time(text: str) -> datetime:
    """The inverse of `time_text`."""
    return datetime.fromisoformat(text)


def business_date(moment: datetime) -> date:
    """The calendar day in China on which `moment` falls."""
    return moment.astimezone(CHINA).date()


def day_start(day: date) -> datetime:
    """The first instant of a day in China."""
    return datetime.combine(day, time.min, CHINA).astimezone(UTC)


def day_end(day: date) -> datetime:
    """The last millisecond of a day in China: a deadline that includes its day."""
    return day_start(day + timedelta(days=1)) - timedelta(milliseconds=1)

"""Instants on the wire: one text for one moment, whatever zone it was said in; texts sort as the moments do."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.events.contracts.times import CHINA, instant, millis_of, parse_time, time_text

_MOMENT = st.integers(min_value=0, max_value=4_000_000_000_000)


def test_the_text_has_milliseconds_and_says_utc() -> None:
    assert time_text(datetime(2026, 3, 1, tzinfo=UTC)) == "2026-03-01T00:00:00.000Z"
    assert time_text(datetime(2026, 3, 1, 7, 5, 9, 40_999, tzinfo=CHINA)) == "2026-02-28T23:05:09.040Z"


@given(_MOMENT)
def test_a_moment_comes_back_from_its_text(millis: int) -> None:
    moment = instant(millis)
    assert parse_time(time_text(moment)) == moment and millis_of(moment) == millis
    assert time_text(moment.astimezone(CHINA)) == time_text(moment)


@given(_MOMENT, _MOMENT)
def test_texts_sort_as_their_moments_do(one: int, other: int) -> None:
    assert (time_text(instant(one)) < time_text(instant(other))) == (one < other)


@given(_MOMENT, st.integers(min_value=0, max_value=999))
def test_what_is_finer_than_a_millisecond_is_cut_off(millis: int, micros: int) -> None:
    moment = instant(millis)
    assert time_text(moment + timedelta(microseconds=micros)) == time_text(moment)

"""Times in requests are texts with an offset that can be converted; ids in bodies can stand in a stream's name."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import AwareDatetime, TypeAdapter, ValidationError

from libs.events.contracts.times import time_text
from libs.events.names import stream_name
from libs.events.web.models import Body, EntityId
from libs.events.web.times import AsOf


class Asked(Body):
    until: AwareDatetime | None = None
    day: date | None = None
    delegate: EntityId = "x"
    size: int = 0
    text: str = ""


@pytest.mark.parametrize("value", [0, -11708, 1.5, "1700000000", "-11708", " 12 ", "", True])
def test_a_number_is_no_time(value: Any) -> None:
    for name in ("until", "day"):
        with pytest.raises(ValidationError):
            Asked(**{name: value})
    with pytest.raises(ValidationError):
        TypeAdapter(AsOf).validate_python(value)


def test_other_fields_may_well_be_numbers() -> None:
    assert Asked(size=5, text="5", until=None).size == 5


def test_an_instant_without_offset_or_beyond_the_calendar_is_refused() -> None:
    for text in ("2024-05-01T00:00:00", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"):
        with pytest.raises(ValidationError):
            TypeAdapter(AsOf).validate_python(text)
        with pytest.raises(ValidationError):
            Asked(until=text)  # type: ignore[arg-type]


def test_what_is_taken_can_be_written_again() -> None:
    taken = TypeAdapter(AsOf).validate_python("2024-05-01T08:00:00+08:00")
    assert taken == datetime(2024, 5, 1, tzinfo=UTC)
    assert time_text(taken) == "2024-05-01T00:00:00.000Z"
    assert Asked(day="2024-05-01").day == date(2024, 5, 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["", "a-b", "{{7*7}}", "A", "a.b", "\x00", "九"])
def test_an_id_that_cannot_stand_in_a_streams_name_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        Asked(delegate=value)
    assert stream_name("official", "000000", Asked(delegate="9z").delegate)

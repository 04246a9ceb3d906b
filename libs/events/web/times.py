"""Times in requests: ISO 8601 texts with their offset, never numbers; within what every program can convert."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, get_args

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator

_NUMBER = re.compile(r"\s*[+-]?[0-9_]*\.?[0-9]*\s*")


def as_text(value: Any) -> Any:
    """Raises ValueError for numbers, also those in a text, which would be taken for seconds since 1970."""
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise ValueError("时间须为 ISO 8601 文字")
    return value


def in_range(moment: datetime | None) -> datetime | None:
    """Raises ValueError for an instant that has no UTC between the years 1 and 9999."""
    try:
        return moment.astimezone(UTC) if moment is not None else None
    except OverflowError as error:
        raise ValueError("时间超出范围") from error


AsOf = Annotated[
    AwareDatetime | None,
    BeforeValidator(as_text),
    AfterValidator(in_range),
    Query(description="记录时间；返回当时的状态"),
]


@cache
def times_of(body: type[BaseModel]) -> frozenset[str]:
    """The fields that may be an instant or a day."""
    return frozenset(
        name
        for name, field in body.model_fields.items()
        if any(map(_is_time, (field.annotation, *_inside(field.annotation))))
    )


def _inside(annotation: Any) -> Iterator[Any]:
    for argument in get_args(annotation):
        yield argument
        yield from _inside(argument)


def _is_time(annotation: Any) -> bool:
    return annotation is AwareDatetime or (isinstance(annotation, type) and issubclass(annotation, date))

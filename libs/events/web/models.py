"""Request bodies: nothing unknown, personal fields marked."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from typing import Annotated, Any, get_args

import rfc8785
from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from libs.events.web.times import as_text, in_range, times_of


class PersonalMark:
    """Marks a body's field as personal: the fingerprint takes blind indexes instead of its values."""


class SecretMark:
    """Marks a body's field as secret: the fingerprint leaves it out."""


PersonalText = Annotated[str, PersonalMark()]
SecretText = Annotated[str, SecretMark()]
Id = Annotated[str, Path(pattern=r"^[0-9a-z]{1,64}$")]
EntityId = Annotated[str, Field(pattern=r"^[0-9a-z]{1,64}$")]
"""In a body: what may become part of a stream's name."""
Blind = Callable[[str, str], str]


class Body(BaseModel):
    """Refuses unknown fields, so that a misspelt one is never silently lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _times_as_text(cls, value: Any, field: ValidationInfo) -> Any:
        return as_text(value) if field.field_name in times_of(cls) else value

    @field_validator("*", mode="after")
    @classmethod
    def _times_in_range(cls, value: Any) -> Any:
        return in_range(value) if isinstance(value, datetime) else value

    def canonical(self, blind: Blind) -> dict[str, Any]:
        """What is fingerprinted: JSON values, personal ones as blind indexes, secrets not at all. Raises ValueError
        for what canonical JSON cannot hold."""
        plain = self.model_dump(mode="json")
        values = {}
        for name, marks in _fields(type(self)).items():
            if SecretMark in marks:
                continue
            if PersonalMark in marks:
                values[name] = _blinded(name, plain[name], blind)
            else:
                values[name] = _canonical(getattr(self, name), plain[name], blind)
        return values


@cache
def _fields(body: type[Body]) -> dict[str, set[type[Any]]]:
    """Each field's marks."""
    return {
        name: {type(mark) for mark in (*field.metadata, *_marks(field.annotation))}
        for name, field in body.model_fields.items()
    }


def _canonical(value: Any, plain: Any, blind: Blind) -> Any:
    """`plain`, the JSON value of `value`, with every body inside it in its canonical form."""
    match value:
        case Body():
            return value.canonical(blind)
        case list() | tuple():
            return [_canonical(one, as_json, blind) for one, as_json in zip(value, plain, strict=True)]
        case dict():
            pairs = zip(value.values(), plain.items(), strict=True)
            return {key: _canonical(one, as_json, blind) for one, (key, as_json) in pairs}
        case _:
            return plain


def _blinded(name: str, plain: Any, blind: Blind) -> Any:
    match plain:
        case None:
            return None
        case list():
            return [_blinded(name, one, blind) for one in plain]
        case dict():
            return {key: _blinded(f"{name}.{key}", one, blind) for key, one in plain.items()}
        case str():
            return blind(name, plain)
        case _:
            return blind(name, rfc8785.dumps(plain).decode())


def _marks(annotation: Any) -> Iterator[Any]:
    """The marks inside an annotation: of `PersonalText | None`, of `list[PersonalText]`."""
    yield from getattr(annotation, "__metadata__", ())
    for argument in get_args(annotation):
        yield from _marks(argument)

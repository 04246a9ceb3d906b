"""Request bodies: nothing unknown, personal fields marked."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict


class PersonalMark:
    """Marks a body's field as personal: the fingerprint takes its blind index instead."""


PersonalText = Annotated[str, PersonalMark()]
SecretText = Annotated[str, PersonalMark()]
Id = Annotated[str, Path(pattern=r"^[0-9a-z]{1,64}$")]


class Body(BaseModel):
    """Refuses unknown fields, so that a misspelt one is never silently lost."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    def canonical(self, blind: Any) -> dict[str, Any]:
        """What is fingerprinted: JSON values, personal ones as blind indexes."""
        values = self.model_dump(mode="json")
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if any(isinstance(mark, PersonalMark) for mark in field.metadata) and value is not None:
                values[name] = blind(name, str(value))
            elif isinstance(value, Body):
                values[name] = value.canonical(blind)
        return values

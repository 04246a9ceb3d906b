"""What the routes are given."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from libs.events.contracts.actors import Level
from libs.events.web.models import Body, PersonalMark, PersonalText, SecretMark

Short = Annotated[str, Field(max_length=64)]
Line = Annotated[str, Field(max_length=200)]
Private = Annotated[str, Field(max_length=200), PersonalMark()]
Password = Annotated[str, Field(max_length=1024), SecretMark()]
"""Neither stored nor fingerprinted; its rules are policy data."""


class Registration(Body):
    password: Password
    kind: Literal["legal", "natural"] = "legal"
    login: Private
    email: Private
    phone: Private
    agreements: Annotated[list[Short], Field(max_length=10)]


class LoginName(Body):
    login: PersonalText


class RealName(Body):
    """实名认证, the fields of the manual's form; `promise` is the 承诺."""

    legal_person_type: Short = "企业法人"
    credit_code: Short
    name: Line
    legal_representative: Private
    document_type: Short = "resident_id"
    document_number: Private
    phone: Private
    address: Line
    industry: Short
    size: Short
    holding: Short
    promise: bool


class SignIn(Body):
    password: Password
    login: Annotated[str, Field(min_length=1, max_length=200)]
    appointment: Short | None = None


class ChooseAppointment(Body):
    appointment: Short


class OfficeBody(Body):
    authority: Annotated[str, Field(pattern=r"^([0-9]{6}|platform)$")]
    level: Level
    region: Annotated[str, Field(pattern=r"^[0-9]{6}(z[0-9]{2})?$")]
    role: Short


class NewOfficial(Body):
    password: Password
    login: Private
    name: Private
    phone: Annotated[str | None, Field(max_length=200), PersonalMark()] = None
    office: OfficeBody
    document: Line
    valid_to: AwareDatetime | None = None


class NewAppointment(Body):
    office: OfficeBody
    document: Line
    valid_to: AwareDatetime | None = None


class Why(Body):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class Person(Body):
    """Exactly one: a name in an enterprise, an account, an official of an authority."""

    enterprise: Short = ""
    name: Private = ""
    account: Short = ""
    official: Short = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> "Person":
        if bool(self.enterprise) != bool(self.name) or sum(map(bool, (self.name, self.account, self.official))) != 1:
            raise ValueError("give enterprise and name, or account, or official")
        return self


class Erasure(Why):
    basis: Line = ""


class HoldAsked(Why):
    """`holder` is the office that asks, with a way to reach it."""

    holder: Annotated[str, Field(min_length=1, max_length=200)]
    until: AwareDatetime | None = None


class ClockBody(Body):
    """Exactly one: business time becomes `at`, or the offset to wall time becomes `offset_ms`."""

    at: AwareDatetime | None = None
    offset_ms: Annotated[int, Field(ge=-(10**13), le=10**13)] | None = None
    reason: Line = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> "ClockBody":
        if (self.at is None) == (self.offset_ms is None):
            raise ValueError("give either at or offset_ms")
        return self

    def offset(self, wall: datetime) -> int:
        if self.offset_ms is not None:
            return self.offset_ms
        assert self.at is not None
        return round((self.at - wall).total_seconds() * 1000)

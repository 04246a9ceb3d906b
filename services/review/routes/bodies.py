"""What requests carry."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from libs.events.contracts.actors import Level
from libs.events.contracts.review import Finding, Reason, SiteResult
from libs.events.web.models import Body, EntityId
from services.review.domain.lists.commands import Member

Region = Annotated[str, Path(pattern=r"^\d{6}(z\d{2})?$")]
Batch = Annotated[str, Path(pattern=r"^[0-9a-z_.]{1,40}$")]
Page = Annotated[int, Query(ge=1, le=100_000)]
Size = Annotated[int, Query(ge=1, le=200)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Tier = Annotated[str, Path(pattern=r"^[0-9a-z_]{1,40}$")]


class ReasonGiven(Body):
    """A coded reason; `text` may stay empty, then the code's own words stand."""

    code: str = Field(min_length=1, max_length=60)
    text: str = Field(default="", max_length=2000)
    field: str | None = Field(default=None, max_length=200)
    clause: str = Field(default="", max_length=200)


class Reasons(Body):
    reasons: list[ReasonGiven] = Field(max_length=200)

    def given(self) -> tuple[Reason, ...]:
        return tuple(Reason(code=r.code, text=r.text, field=r.field, clause=r.clause) for r in self.reasons)


class Opinion(Body):
    opinion: Text


class FindingGiven(Body):
    text: Text
    evidence: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=list, max_length=20)


class SiteCheck(Body):
    result: SiteResult
    findings: list[FindingGiven] = Field(default_factory=list, max_length=100)

    def given(self) -> tuple[Finding, ...]:
        return tuple(Finding(text=f.text, evidence=tuple(f.evidence)) for f in self.findings)


class Transfer(Body):
    region: str = Field(pattern=r"^\d{6}(z\d{2})?$")
    reason: Text


class Record(Body):
    document: Text


class MemberGiven(Body):
    case: EntityId
    enterprise: EntityId


class Members(Body):
    """A portion of a long list."""

    level: Level
    members: list[MemberGiven] = Field(min_length=1, max_length=1000)

    def given(self) -> tuple[Member, ...]:
        return _members(self.members)


class Freezing(Body):
    """`members`: all of a short list, or the last of a long one."""

    level: Level
    kind: Literal["declaration", "re_review"] = "declaration"
    tier: str | None = Field(default=None, max_length=40)
    members: list[MemberGiven] = Field(default_factory=list, max_length=1000)

    def given(self) -> tuple[Member, ...]:
        return _members(self.members)


def _members(given: list[MemberGiven]) -> tuple[Member, ...]:
    return tuple(Member(case=m.case, enterprise=m.enterprise) for m in given)


class Publication(Body):
    starts: date | None = None


class Announcement(Body):
    document: Text


class TitleImport(Body):
    enterprise_name: Text
    authority: str = Field(pattern=r"^\d{6}$")
    region: str = Field(pattern=r"^\d{6}(z\d{2})?$")
    origin: Text
    document: Text
    valid_from: date
    valid_to: date
    sub_type: str = Field(default="", max_length=60)


class Cancellation(Body):
    reason: Text
    document: Text
    ban_until: date | None = None

"""What requests carry. Personal fields are marked; amounts are texts in 万元."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from libs.events.contracts.applications import FilingKind
from libs.events.contracts.self_test import LONGEST_LINK
from libs.events.web.models import Body, PersonalMark, PersonalText
from libs.events.web.numbers import Exactly

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Region = Annotated[str, StringConstraints(pattern=r"^\d{6}(z\d{2})?$")]
Tier = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
MaybePersonal = Annotated[str | None, PersonalMark()]
Short = Annotated[str, StringConstraints(max_length=2000)]
Long = Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=False)]
Answer = Annotated[bool | int | float | Long | list[Short] | None, Exactly]
Answers = Annotated[dict[Name, Answer], Field(max_length=1000), PersonalMark()]
"""Which of them are personal the form says, and forms change; so every one is fingerprinted by its blind index."""


class ProfileBody(Body):
    """企业基本情况 but for the persons."""

    authority: Region
    region: Region
    address: Short
    postcode: Short
    industry: Short
    segment: Short
    product: Short
    registered_on: date
    capital: Short
    size: Literal["大型", "中型", "小型", "微型"]
    fax: Short = ""


class CompleteProfileBody(ProfileBody):
    legal_representative: PersonalText
    contact: PersonalText
    contact_mobile: PersonalText
    email: PersonalText
    legal_representative_phone: MaybePersonal = None
    legal_representative_mobile: MaybePersonal = None
    contact_phone: MaybePersonal = None


class ChangeProfileBody(ProfileBody):
    """A person's field that is left out stays as it is; an empty one is removed where it may be."""

    legal_representative: MaybePersonal = None
    contact: MaybePersonal = None
    contact_mobile: MaybePersonal = None
    email: MaybePersonal = None
    legal_representative_phone: MaybePersonal = None
    legal_representative_mobile: MaybePersonal = None
    contact_phone: MaybePersonal = None


class WindowBody(Body):
    """`pack` None: the one that the rules bind; another needs a `pack_reason`."""

    authority: Region
    kind: FilingKind
    tier: Tier | None = None
    batch: Short
    title: Short
    regions: list[Region]
    opens: AwareDatetime
    closes: AwareDatetime
    form: Short
    pack: Short | None = None
    pack_reason: Short = ""
    prerequisites: list[Short] | None = None
    contact: dict[Name, Short]


class RebindBody(Body):
    """`pack` None: the one that the rules bind; the `reason` is also that of another."""

    form: Short
    pack: Short | None = None
    prerequisites: list[Short] = Field(default_factory=list)
    reason: Short


class ExtendBody(Body):
    closes: AwareDatetime
    reason: Short


class NewDraftBody(Body):
    """`window` None: a kind that needs none; `authority` then says whose rules apply. `self_test`: a link of 自测, whose
    answers the new draft takes as far as its form has them."""

    kind: FilingKind
    tier: Tier | None = None
    window: Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{1,64}$")] | None = None
    authority: Region
    self_test: Annotated[str | None, StringConstraints(max_length=LONGEST_LINK)] = None


class DraftBody(Body):
    answers: Answers


class SubmissionBody(Body):
    """`version` is the draft that was shown, `region` the 注册地 confirmed; `answers`, if given, are saved first."""

    version: int
    region: Region | Literal[""] = ""
    profile_version: int | None = None
    answers: Answers | None = None


class WithdrawalBody(Body):
    application: str
    reason: Short = ""
    knows_it_is_final: bool = False


class ApplicationBody(Body):
    application: str


class VoidBody(Body):
    application: str
    reason: Short

"""What requests carry."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query, UploadFile
from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from libs.events.contracts.self_test import LONGEST_LINK
from libs.events.web.models import Body
from libs.events.web.numbers import WIDEST, Exactly

Name = Annotated[str, Field(max_length=64)]
Text = Annotated[StrictStr, Field(max_length=2000)]
Whole = Annotated[StrictInt, Field(ge=-WIDEST, le=WIDEST)]
Choices = Annotated[list[Annotated[StrictStr, Field(max_length=64)]], Field(max_length=100)]
Value = Annotated[Text | StrictBool | Whole | StrictFloat | Choices | None, Exactly]
Answer = Annotated[Text | Whole | Choices | None, Exactly]
Figure = Annotated[Text | Whole | StrictFloat | None, Exactly]
Many = Field(max_length=500)

PackId = Annotated[str, Path(pattern=r"^[0-9a-z@._+-]{1,64}$")]
Industry = Annotated[str, Query(description="《国民经济行业分类》代码，二至四位", max_length=16)]
Page = Annotated[int, Query(ge=1, le=10_000)]
Size = Annotated[int, Query(ge=1, le=200)]


class Questionnaire(Body):
    """问卷: question → option or options, scene → level from 0 on."""

    industry: Annotated[str, Field(max_length=16)]
    answers: Annotated[dict[Name, Answer], Many]


class OfficialResult(Body):
    """A result of the official platform; `score` is a decimal text."""

    level: Annotated[int, Field(ge=-WIDEST, le=WIDEST)]
    score: Annotated[str, Field(max_length=64)]
    issued_by: Annotated[str, Field(max_length=200)]
    issued_on: date


class Import(OfficialResult):
    """As sent: multipart, the proof in the field `file`."""

    file: UploadFile

    def with_proof(self, sha256: str) -> "ImportWithProof":
        return ImportWithProof(**self.model_dump(exclude={"file"}), sha256=sha256)


class ImportWithProof(OfficialResult):
    """What is fingerprinted: the proof by its hash."""

    sha256: str


class OtherScore(Body):
    """A score of another platform; `score` is a decimal text."""

    scheme: Name
    year: Annotated[int, Field(ge=1, le=9999)]
    score: Annotated[str, Field(max_length=64)]
    issued_by: Annotated[str, Field(max_length=200)]
    issued_on: date


class ScoreImport(OtherScore):
    """As sent: multipart, the proof in the field `file`."""

    file: UploadFile

    def with_proof(self, sha256: str) -> "ScoreImportWithProof":
        return ScoreImportWithProof(**self.model_dump(exclude={"file"}), sha256=sha256)


class ScoreImportWithProof(OtherScore):
    """What is fingerprinted: the proof by its hash."""

    sha256: str


class SelfTest(Body):
    """自测: field → value as in the form, money in 万元. Nothing of it is stored."""

    pack: Annotated[str, Field(max_length=64)]
    answers: Annotated[dict[Name, Value], Many]
    digital_level: Annotated[int, Field(ge=-WIDEST, le=WIDEST)] | None = None


class Interview(Body):
    """自测 by questions: what was answered so far, or a `link` of it, which answers given beside it go before.

    `authority`: whose rules, none: the national ones; `tiers`: none: all. Nothing of it is stored.
    """

    answers: Annotated[dict[Name, Value], Many] = Field(default_factory=dict)
    digital_level: Annotated[int, Field(ge=0, le=4)] | None = None
    authority: Annotated[str, Field(max_length=16)] = ""
    kind: Literal["declaration", "re_review"] = "declaration"
    tiers: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list)
    link: Annotated[str, Field(max_length=LONGEST_LINK)] | None = None


class SizeAsked(Body):
    """划型: figures as whole numbers of people and 万元; `declared` is the class that the enterprise states."""

    industry: Annotated[str, Field(max_length=16)]
    staff: Figure = None
    revenue: Figure = None
    assets: Figure = None
    declared: Name | None = None


class Judgement(Body):
    """Points as a decimal text."""

    indicator: Annotated[str, Field(min_length=1, max_length=64)]
    points: Annotated[str, Field(min_length=1, max_length=64)]
    reason: Annotated[str, Field(max_length=2000)]


class DisputeRaised(Body):
    """`indicators`: ids of indicators or conditions, as the explained score has them."""

    indicators: Annotated[list[Annotated[StrictStr, Field(min_length=1, max_length=64)]], Field(max_length=100)]
    reason: Annotated[str, Field(max_length=2000)]


class Correction(Body):
    """`answers`: field → figure as found (null: not given); `current_text`: under the pack's text in force now;
    `dispute`: the one that it answers, none where the authority acts by itself."""

    answers: Annotated[dict[Name, Value], Many] = Field(default_factory=dict)
    current_text: StrictBool = False
    dispute: Annotated[str, Field(max_length=64)] = ""
    reason: Annotated[str, Field(max_length=2000)]


class Dismissal(Body):
    reason: Annotated[str, Field(max_length=2000)]

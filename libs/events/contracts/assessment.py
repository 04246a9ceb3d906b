"""What `assessment` says: digital levels and explained scores. Numbers are exact decimal texts."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from libs.events.contracts.base import Event, PolicyPin, event

Verdict = Literal["pass", "fail", "open"]


class ImportedEvidence(msgspec.Struct, frozen=True):
    name: str
    sha256: str
    size: int
    media_type: str
    blob: str


@event("assessment")
class DigitalLevelAssessed(Event, frozen=True):
    """数字化水平评测: the latest counts. `level` 0–4 (0: none), `score` and dimensions as decimal texts."""

    assessment: str
    enterprise: str
    questionnaire: PolicyPin
    answers: dict[str, Any]
    score: str
    level: int
    dimensions: dict[str, str]
    missing_for_next: tuple[str, ...] = ()
    industry: str = ""
    policies: tuple[PolicyPin, ...] = ()


@event("assessment")
class DigitalLevelImported(Event, frozen=True):
    """A result of the official platform, where no questionnaire for the industry is known; with its evidence."""

    assessment: str
    enterprise: str
    level: int
    score: str
    issued_by: str
    issued_on: str
    evidence: ImportedEvidence
    policies: tuple[PolicyPin, ...] = ()


@event("assessment")
class ScoreImported(Event, frozen=True):
    """A score that another platform has given for a year (专精特新发展评价得分 …), with its proof; never computed here."""

    imported: str
    enterprise: str
    scheme: str
    year: int
    score: str
    issued_by: str
    issued_on: str
    evidence: ImportedEvidence
    policies: tuple[PolicyPin, ...] = ()


class ScoringInputs(msgspec.Struct, frozen=True):
    """What an evaluation was given: the pack's fields as filed, the pinned digital level, judgements by indicator."""

    answers: dict[str, Any] = {}
    digital_level: int | None = None
    judgements: dict[str, str] = {}


@event("assessment")
class ApplicationScored(Event, frozen=True):
    """评分: every indicator explained; `low`..`high` is a range until the authority has entered its judgements."""

    application: str
    enterprise: str
    authority: str
    region: str
    round: int
    submission: str
    pack: PolicyPin
    verdict: Verdict
    low: str
    high: str
    result: dict[str, Any]
    inputs: ScoringInputs = ScoringInputs()


@event("assessment")
class JudgementEntered(Event, frozen=True):
    """What the law leaves to the authority (地方特色指标 …): points for one indicator, with the reason.

    It counts for the submission of a round, under the pack that its score has pinned.
    """

    application: str
    enterprise: str
    indicator: str
    points: str
    reason: str
    round: int
    submission: str
    pack: PolicyPin


@event("assessment")
class ScoringDeclined(Event, frozen=True):
    """A submission that no pack is bound to, or whose pack is unknown: nothing to score, and why."""

    application: str
    enterprise: str
    round: int
    reason: str
    submission: str = ""
    authority: str = ""
    region: str = ""


@event("assessment")
class ScoreTransferred(Event, frozen=True):
    """The case was transferred (移送): from here the score is for the offices of the new place."""

    application: str
    enterprise: str
    authority: str
    region: str
    cause: str


@event("assessment")
class ScoreDisputed(Event, frozen=True):
    """异议 by the enterprise to what was found in these indicators or conditions; to be answered by `answer_by`.

    `provisional`: a year without a published calendar lies in that time.
    """

    application: str
    enterprise: str
    dispute: str
    round: int
    submission: str
    indicators: tuple[str, ...]
    reason: str
    answer_by: datetime
    provisional: bool = False
    policies: tuple[PolicyPin, ...] = ()


class ScoreNamed(msgspec.Struct, frozen=True):
    """A score that is spoken of: of which submission, when, under which pack, and what it was."""

    round: int
    submission: str
    scored_at: datetime
    pack: PolicyPin
    verdict: Verdict
    low: str
    high: str


class InputChange(msgspec.Struct, frozen=True):
    """A figure as the filing says it, and as the authority found it; None: not filled in."""

    field: str
    before: Any
    after: Any


@event("assessment")
class ScoreCorrected(Event, frozen=True):
    """更正: the score named in `corrects` is replaced; it stays in the log. An `ApplicationScored` explains the new one.

    `dispute` is what it answers, empty where the authority acts by itself; `pack` differs where its text was corrected.
    """

    application: str
    enterprise: str
    corrects: ScoreNamed
    reason: str
    pack: PolicyPin
    verdict: Verdict
    low: str
    high: str
    changes: tuple[InputChange, ...] = ()
    dispute: str = ""


@event("assessment")
class ScoreDisputeDismissed(Event, frozen=True):
    """异议不成立: the score stands, and why."""

    application: str
    enterprise: str
    dispute: str
    reason: str

"""What `assessment` says: digital levels and explained scores. Numbers are exact decimal texts."""

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

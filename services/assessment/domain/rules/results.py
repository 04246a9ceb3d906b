"""What an evaluation says: every number an exact decimal text, every result with its reason and its source."""

from typing import Literal

import msgspec

IndicatorState = Literal["computed", "missing", "awaiting-authority"]
ConditionState = Literal["met", "not-met", "open"]
Verdict = Literal["pass", "fail", "open"]


class InputShown(msgspec.Struct, frozen=True, kw_only=True):
    """An input as it was used; without a value, `reason` says why."""

    field: str
    label: str
    origin: str
    value: str | None
    reason: str | None = None


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """The next better step, its points, and what is missing to reach it."""

    text: str
    points: str
    gap: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One ladder of several, or one item of a sum."""

    label: str
    points: str | None
    value: str | None = None
    value_text: str | None = None
    step: str | None = None
    next_step: NextStep | None = None
    reason: str | None = None


class IndicatorResult(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator explained. `points` is None until known; it lies in `low`..`high` meanwhile."""

    id: str
    group: str
    label: str
    clause: str
    certain: bool
    notes: tuple[str, ...]
    evidence: tuple[str, ...]
    formula: str
    inputs: tuple[InputShown, ...]
    state: IndicatorState
    max: str
    low: str
    high: str
    points: str | None
    value: str | None = None
    value_text: str | None = None
    step: str | None = None
    next_step: NextStep | None = None
    reason: str | None = None
    parts: tuple[Part, ...] = ()


class ConditionResult(msgspec.Struct, frozen=True, kw_only=True):
    """A gate or direct condition explained; `parts` are the conditions it is made of."""

    id: str
    label: str
    clause: str
    certain: bool
    notes: tuple[str, ...]
    evidence: tuple[str, ...]
    state: ConditionState
    inputs: tuple[InputShown, ...] = ()
    value: str | None = None
    value_text: str | None = None
    required: str | None = None
    gap: str | None = None
    reason: str | None = None
    parts: "tuple[ConditionResult, ...]" = ()


class GroupResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One group's points; `state` says whether its floor (最低得分, or 得分不得为0分) is kept, `met` where there is none."""

    id: str
    label: str
    clause: str
    max: str
    low: str
    high: str
    floor: str | None
    state: ConditionState
    nonzero: bool = False


class ScoreResult(msgspec.Struct, frozen=True, kw_only=True):
    """The score under one pack: `low`..`high` is a range until everything is known."""

    pack: str
    title: str
    low: str
    high: str
    max: str
    pass_at: str | None
    pass_label: str | None
    score_state: ConditionState
    direct_state: ConditionState
    gates_state: ConditionState
    verdict: Verdict
    gates: tuple[ConditionResult, ...]
    groups: tuple[GroupResult, ...]
    indicators: tuple[IndicatorResult, ...]
    direct: tuple[ConditionResult, ...]
    uncertain: tuple[str, ...]


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that cannot be taken, and why."""

    field: str
    code: str
    message: str


class DimensionResult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    max: str
    score: str


class QuestionResult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    chosen: tuple[str, ...]
    points: str
    max: str


class SceneResult(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    key: bool
    level: int


class LevelRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the level table against the answers: what it asks, what there is."""

    level: int
    name: str
    met: bool
    score_required: str
    scenes_required: int
    scenes: int
    key_scenes_required: int
    key_scenes: int


class DigitalResult(msgspec.Struct, frozen=True, kw_only=True):
    """数字化水平: level 1–4, 0 for none, None while answers are missing or wrong (`troubles`)."""

    questionnaire: str
    level: int | None
    level_name: str | None
    score: str
    score_text: str
    dimensions: tuple[DimensionResult, ...]
    questions: tuple[QuestionResult, ...]
    scenes: tuple[SceneResult, ...]
    levels: tuple[LevelRow, ...]
    missing_for_next: tuple[str, ...]
    troubles: tuple[Trouble, ...]
    uncertain: tuple[str, ...]

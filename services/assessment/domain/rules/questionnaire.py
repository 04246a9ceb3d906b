"""数字化水平评测问卷: questions with weights, scenes with levels, and the level table."""

from fractions import Fraction
from typing import Literal

from services.assessment.domain.rules.source import Head, Strict


class Option(Strict, frozen=True, kw_only=True):
    """One answer; `exclusive` (无) stands alone, `requires` names answers it presupposes."""

    id: str
    label: str
    points: Fraction
    exclusive: bool = False
    requires: tuple[str, ...] = ()


class Question(Strict, frozen=True, kw_only=True):
    id: str
    sub: str
    label: str
    type: Literal["single", "multi"]
    max: Fraction
    options: tuple[Option, ...]
    help: str = ""
    certain: bool = True
    notes: tuple[str, ...] = ()


class SubDimension(Strict, frozen=True, kw_only=True):
    """A second-level dimension; `share` in per cent of its dimension."""

    id: str
    label: str
    share: Fraction


class Dimension(Strict, frozen=True, kw_only=True):
    id: str
    label: str
    weight: Fraction
    subs: tuple[SubDimension, ...]


class SceneLevel(Strict, frozen=True, kw_only=True):
    level: int
    text: str


class Scene(Strict, frozen=True, kw_only=True):
    """业务场景; `key` is ★ 约束性场景. Level 0 is no level."""

    id: str
    label: str
    stage: str
    levels: tuple[SceneLevel, ...]
    key: bool = False


class LevelRule(Strict, frozen=True, kw_only=True):
    """A row of the level table: score, scenes at or above this level, and of them key scenes."""

    level: int
    name: str
    score: Fraction
    scenes: int
    key_scenes: int


class Questionnaire(Head, frozen=True, kw_only=True):
    form: Literal["manufacturing", "producer_services", "other"]
    dimensions: tuple[Dimension, ...]
    questions: tuple[Question, ...]
    scenes: tuple[Scene, ...]
    levels: tuple[LevelRule, ...]

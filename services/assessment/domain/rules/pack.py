"""规则包: gates, indicators with their ways to points, direct conditions, floors."""

from datetime import date
from fractions import Fraction
from typing import Literal

import msgspec

from services.assessment.domain.rules.source import Head, Strict
from services.assessment.domain.rules.units import Unit


class Input(Strict, frozen=True, kw_only=True):
    """A field of the form that expressions may name; `options`: code → label."""

    type: Literal["boolean", "integer", "decimal2", "percent", "choice", "multi_choice"]
    label: str
    origin: Literal["profile", "form", "digital", "import"]
    unit: Unit | None = None
    options: dict[str, str] = msgspec.field(default_factory=dict)


class Band(Strict, frozen=True, kw_only=True):
    """One step of a ladder: bounds with or without themselves (≥ ≤ include), and its points."""

    points: Fraction
    at_least: Fraction | None = None
    above: Fraction | None = None
    at_most: Fraction | None = None
    below: Fraction | None = None


class Ladder(Strict, frozen=True, kw_only=True):
    """分档: a CEL value in a unit, and bands from the best to the worst without hole or overlap."""

    value: str
    unit: Unit
    steps: tuple[Band, ...]
    label: str = ""


class Case(Strict, frozen=True, kw_only=True):
    """按情形取分: the first case that holds counts; the last one is `otherwise`."""

    points: Fraction
    text: str
    when: str | None = None
    otherwise: bool = False


class Item(Strict, frozen=True, kw_only=True):
    when: str
    points: Fraction
    text: str


class Sum(Strict, frozen=True, kw_only=True):
    """累加: points of every item that holds, at most `cap`."""

    cap: Fraction
    items: tuple[Item, ...]


class Judgement(Strict, frozen=True, kw_only=True):
    """人工评定: points entered by somebody; unknown until then."""

    by: Literal["authority", "expert"]
    help: str = ""


class Indicator(Strict, frozen=True, kw_only=True):
    """评价指标: exactly one of ladder, best_of, cases, sum, judgement."""

    id: str
    group: str
    label: str
    max: Fraction
    clause: str
    formula: str
    certain: bool = True
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    ladder: Ladder | None = None
    best_of: tuple[Ladder, ...] = ()
    cases: tuple[Case, ...] = ()
    sum: Sum | None = None
    judgement: Judgement | None = None


class Condition(Strict, frozen=True, kw_only=True):
    """条件: a CEL truth, or a value against a bound, or all / any of other conditions, or a judgement.

    `compound_years`: the value is the growth over so many years together, the bound a yearly compound rate (复合增长率).
    `waived`: why it is not examined (不考察), as an amendment says; it then counts as met.
    """

    label: str
    id: str = ""
    clause: str = ""
    certain: bool = True
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    when: str | None = None
    value: str | None = None
    unit: Unit | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None
    below: Fraction | None = None
    compound_years: int | None = None
    waived: str = ""
    all: "tuple[Condition, ...]" = ()
    any: "tuple[Condition, ...]" = ()
    judgement: Judgement | None = None


def nested_in(condition: Condition) -> "tuple[Condition, ...]":
    """The condition and all that it is made of."""
    return (condition, *(nested for part in (*condition.all, *condition.any) for nested in nested_in(part)))


class Group(Strict, frozen=True, kw_only=True):
    """一类指标 with its maximum and, where the law sets one, its floor (最低得分); `nonzero`: 得分不得为0分."""

    id: str
    label: str
    max: Fraction
    clause: str
    floor: Fraction | None = None
    nonzero: bool = False


class ScoreRule(Strict, frozen=True, kw_only=True):
    pass_at: Fraction
    label: str
    clause: str


class Pack(Head, frozen=True, kw_only=True):
    """A rule pack such as `srdi@2022-63`. `new_cases_until`: last day for new bindings, bound cases go on.

    An effective pack (`giant@2022-63+2025`) names the pack it was made from and the amendments in their order.
    """

    tier: str
    kinds: tuple[str, ...]
    inputs: dict[str, Input]
    evidence: dict[str, str]
    gates: tuple[Condition, ...]
    score: ScoreRule | None = None
    direct: tuple[Condition, ...] = ()
    groups: tuple[Group, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    new_cases_until: date | None = None
    base: str | None = None
    amendments: tuple[str, ...] = ()

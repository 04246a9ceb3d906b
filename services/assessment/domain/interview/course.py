"""Where a self-test stands after some answers, and how it goes on."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

import msgspec

from services.assessment.domain.interview.failing import Failing, failing
from services.assessment.domain.interview.packs import BoundTier
from services.assessment.domain.interview.weights import Weights, lacking, open_leaves, weights_of
from services.assessment.domain.rules import ScoreResult, evaluate
from services.assessment.domain.rules.inputs import given
from services.assessment.domain.rules.numbers import shown
from services.assessment.domain.rules.pack import Input

NOTHING = Fraction(0)
Outlook = Literal["met", "possible", "excluded"]


class Standing(msgspec.Struct, frozen=True):
    """A tier so far. `possible`: nothing excludes it yet; `waits`: labels of what only the authority can find.

    `low`..`high`: points, where the pack has any; `left`: how many figures could still
    have a part in it.
    """

    tier: str
    pack: str
    title: str
    outlook: Outlook
    low: str | None
    high: str | None
    pass_at: str | None
    failing: tuple[Failing, ...]
    waits: tuple[str, ...]
    left: int


class Question(msgspec.Struct, frozen=True):
    """What is best asked next: an input of the packs, and the tiers it bears on. `reason`: why an answer was not taken."""

    field: str
    input: Input
    bears_on: tuple[str, ...]
    weight: str
    reason: str | None = None


class Document(msgspec.Struct, frozen=True):
    """佐证材料 that a pack names for its items."""

    slot: str
    label: str
    tiers: tuple[str, ...]


class Course(msgspec.Struct, frozen=True):
    standings: tuple[Standing, ...]
    question: Question | None
    documents: tuple[Document, ...]
    ignored: tuple[str, ...]


def course(tiers: Sequence[BoundTier], answers: Mapping[str, Any], digital_level: int | None) -> Course:
    """Every pack evaluated on what is known; the same result as for a filing with these answers."""
    level = digital_level if digital_level is not None else level_in(answers, tiers)
    results = {one.tier: evaluate(one.pack, answers, level, {}) for one in tiers}
    weights = {one.tier: weights_of(one.pack, results[one.tier]) for one in tiers}
    standings = tuple(standing(one, results[one.tier]) for one in tiers)
    possible = [one for one, at in zip(tiers, standings, strict=True) if at.outlook != "excluded"]
    known = {name for one in tiers for name in one.pack.inputs}
    return Course(
        standings,
        question(tiers, weights, answers),
        documents(possible),
        tuple(name for name in answers if name not in known),
    )


def level_in(answers: Mapping[str, Any], tiers: Sequence[BoundTier]) -> Any:
    """The digital level where it was answered like any other question; None: not assessed."""
    asked = (name for one in tiers for name, input in one.pack.inputs.items() if input.origin == "digital")
    return next((answers[name] for name in asked if answers.get(name) is not None), None)


def standing(one: BoundTier, result: ScoreResult) -> Standing:
    scored = result.pass_at is not None
    outlook: Outlook = "met" if result.verdict == "pass" else "excluded" if result.verdict == "fail" else "possible"
    return Standing(
        one.tier,
        one.pack.id,
        one.pack.title,
        outlook,
        result.low if scored else None,
        result.high if scored else None,
        result.pass_at,
        failing(result) if outlook == "excluded" else (),
        waits(result) if outlook == "possible" else (),
        len(lacking(result)),
    )


def waits(result: ScoreResult) -> tuple[str, ...]:
    """What the law leaves to the authority, as far as the verdict rests on it."""
    other_way = "met" in (result.score_state, result.direct_state)
    conditions = result.gates if other_way else (*result.gates, *result.direct)
    by_authority = [leaf.label for one in conditions for leaf in open_leaves(one) if not leaf.inputs]
    indicators = () if other_way else result.indicators
    return (*by_authority, *(one.label for one in indicators if one.state == "awaiting-authority"))


def question(tiers: Sequence[BoundTier], weights: Mapping[str, Weights], answers: Mapping[str, Any]) -> Question | None:
    """The heaviest figure over all tiers; of equals the one that bears on more of them, then the first of the packs."""
    order = dict.fromkeys(name for one in tiers for name in one.pack.inputs)
    heavy = {name: sum((known.get(name, NOTHING) for known in weights.values()), NOTHING) for name in order}
    bearing = {name: tuple(tier for tier, known in weights.items() if name in known) for name in order}
    best = max(order, key=lambda name: (heavy[name], len(bearing[name])), default=None)
    if best is None or not heavy[best]:
        return None
    input = next(one for one in tiers if best in weights[one.tier]).pack.inputs[best]
    reason = given(input, answers[best]).reason if best in answers else None
    return Question(best, input, bearing[best], shown(heavy[best]), reason)


def documents(tiers: Sequence[BoundTier]) -> tuple[Document, ...]:
    """Those that the packs name; the form of a window may ask for others."""
    labels = {slot: label for one in tiers for slot, label in one.pack.evidence.items()}
    return tuple(
        Document(slot, label, tuple(one.tier for one in tiers if slot in one.pack.evidence))
        for slot, label in labels.items()
    )

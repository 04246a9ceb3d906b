"""One indicator: choose its way to points and explain the result."""

from collections.abc import Iterator
from decimal import Decimal

from services.assessment.domain.rules.desk import Desk
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Indicator
from services.assessment.domain.rules.points import (
    Points,
    by_best_of,
    by_cases,
    by_judgement,
    by_ladder,
    by_sum,
)
from services.assessment.domain.rules.results import IndicatorResult


def points_of(indicator: Indicator, desk: Desk, entered: Decimal | None) -> Points:
    if indicator.ladder is not None:
        return by_ladder(indicator.ladder, indicator.label, desk)
    if indicator.best_of:
        return by_best_of(indicator, desk)
    if indicator.sum is not None:
        return by_sum(indicator.sum, indicator.label, desk)
    if indicator.cases:
        return by_cases(indicator.cases, indicator.label, desk)
    return by_judgement(indicator, entered)


def expressions_of(indicator: Indicator) -> Iterator[str]:
    """Every expression of the indicator."""
    for ladder in (indicator.ladder, *indicator.best_of):
        if ladder is not None:
            yield ladder.value
    for case in indicator.cases:
        if case.when is not None:
            yield case.when
    for item in indicator.sum.items if indicator.sum is not None else ():
        yield item.when


def explain(indicator: Indicator, points: Points, desk: Desk) -> IndicatorResult:
    part = points.part
    return IndicatorResult(
        id=indicator.id,
        group=indicator.group,
        label=indicator.label,
        clause=indicator.clause,
        certain=indicator.certain,
        notes=indicator.notes,
        evidence=indicator.evidence,
        formula=indicator.formula,
        inputs=desk.shown(expressions_of(indicator)),
        state=points.state,
        max=exact_text(indicator.max),
        low=exact_text(points.low),
        high=exact_text(points.high),
        points=exact_text(points.low) if points.state == "computed" else None,
        value=part.value,
        value_text=part.value_text,
        step=part.step,
        next_step=part.next_step,
        reason=part.reason,
        parts=points.parts,
    )

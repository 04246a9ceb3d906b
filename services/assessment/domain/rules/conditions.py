"""Gates and direct conditions: met, not met and by how much, or open."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from services.assessment.domain.rules.compound import compound_text, compounded, yearly
from services.assessment.domain.rules.desk import (
    Desk,
    either,
    every,
    state_of,
    truth_of,
)
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Condition
from services.assessment.domain.rules.results import (
    ConditionResult,
    ConditionState,
    InputShown,
)
from services.assessment.domain.rules.units import Unit, distance, written

Judgements = Mapping[str, Decimal]

AWAITING = "待认定机关评定"
NOT_EXAMINED = "不考察："


def check(condition: Condition, desk: Desk, judgements: Judgements) -> ConditionResult:
    if condition.waived:
        return result(condition, "met", reason=NOT_EXAMINED + condition.waived)
    if condition.all or condition.any:
        return combined(condition, desk, judgements)
    if condition.value is not None:
        return measured(condition, condition.value, condition.unit or "项", desk)
    if condition.judgement is not None:
        return judged(condition, judgements)
    when = condition.when or "false"
    truth = desk.truth(when)
    return result(
        condition,
        state_of(truth),
        inputs=desk.shown((when,)),
        reason=desk.lacking((when,)) if truth is None else None,
    )


def combined(condition: Condition, desk: Desk, judgements: Judgements) -> ConditionResult:
    parts = tuple(check(part, desk, judgements) for part in condition.all or condition.any)
    truths = [truth_of(part.state) for part in parts]
    truth = every(truths) if condition.all else either(truths)
    return result(condition, state_of(truth), parts=parts)


def measured(condition: Condition, text: str, unit: Unit, desk: Desk) -> ConditionResult:
    value, inputs = desk.number(text, unit), desk.shown((text,))
    required = bound_text(condition, unit)
    years = condition.compound_years
    if value is None:
        return result(
            condition,
            "open",
            inputs=inputs,
            required=required,
            reason=desk.lacking((text,)),
        )
    if isinstance(value, str):
        return result(condition, "not-met", inputs=inputs, required=required, reason=value)
    rate = value if years is None else yearly(value, years)
    met = within(condition, value) if years is None else within_compounded(condition, value, years)
    return result(
        condition,
        "met" if met else "not-met",
        inputs=inputs,
        required=required,
        value=exact_text(value) if years is None else None,
        value_text=written(value, unit) if years is None else compound_text(value, rate),
        gap=None if met or rate is None else distance(shortfall(condition, rate), unit),
    )


def judged(condition: Condition, judgements: Judgements) -> ConditionResult:
    entered = judgements.get(condition.id)
    if entered is None:
        return result(condition, "open", reason=AWAITING)
    return result(condition, "met" if entered > 0 else "not-met")


def within(condition: Condition, value: Fraction) -> bool:
    return shortfall(condition, value) == 0 and (condition.below is None or value < condition.below)


def within_compounded(condition: Condition, grown: Fraction, years: int) -> bool:
    """Exact: the growth of all years together against the bound compounded, never a root."""
    bound = condition.at_least
    return bound is None or grown >= compounded(bound, years)


def shortfall(condition: Condition, value: Fraction) -> Fraction:
    """How far the value is outside the bounds, which include themselves; 0 inside."""
    under = condition.at_least - value if condition.at_least is not None else Fraction(0)
    over = value - condition.at_most if condition.at_most is not None else Fraction(0)
    beyond = value - condition.below if condition.below is not None else Fraction(0)
    return max(under, over, beyond, Fraction(0))


def bound_text(condition: Condition, unit: Unit) -> str:
    words = []
    if condition.at_least is not None:
        words.append(f"不低于{written(condition.at_least, unit)}")
    if condition.at_most is not None:
        words.append(f"不高于{written(condition.at_most, unit)}")
    if condition.below is not None:
        words.append(f"低于{written(condition.below, unit)}")
    return "且".join(words)


def result(
    condition: Condition,
    state: ConditionState,
    *,
    inputs: tuple[InputShown, ...] = (),
    value: str | None = None,
    value_text: str | None = None,
    required: str | None = None,
    gap: str | None = None,
    reason: str | None = None,
    parts: tuple[ConditionResult, ...] = (),
) -> ConditionResult:
    return ConditionResult(
        id=condition.id,
        label=condition.label,
        clause=condition.clause,
        certain=condition.certain,
        notes=condition.notes,
        evidence=condition.evidence,
        state=state,
        inputs=inputs,
        value=value,
        value_text=value_text,
        required=required,
        gap=gap,
        reason=reason,
        parts=parts,
    )

"""Ways to points: ladder, the better of several, cases, sum, judgement. Each says low..high and why."""

from decimal import Decimal
from fractions import Fraction

import msgspec

from services.assessment.domain.rules.desk import Desk
from services.assessment.domain.rules.ladder import band_text, gap, reached
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Case, Indicator, Ladder, Sum
from services.assessment.domain.rules.results import IndicatorState, NextStep, Part
from services.assessment.domain.rules.units import written

NOT_MET = "尚不满足该情形"
AWAITING = "待认定机关录入得分"
OUTSIDE = "录入的得分不在允许范围内"
NONE = Fraction(0)


class Points(msgspec.Struct, frozen=True, kw_only=True):
    """What one way gives: points between `low` and `high` (equal when known), and the part that explains it."""

    low: Fraction
    high: Fraction
    state: IndicatorState
    part: Part
    parts: tuple[Part, ...] = ()


def by_ladder(ladder: Ladder, label: str, desk: Desk) -> Points:
    value = desk.number(ladder.value, ladder.unit)
    if value is None:
        part = Part(label=label, points=None, reason=desk.lacking((ladder.value,)))
        return Points(low=NONE, high=ladder.steps[0].points, state="missing", part=part)
    if isinstance(value, str):
        return known(ladder.steps[-1].points, Part(label=label, points=None, reason=value))
    index = reached(ladder.steps, value)
    band = ladder.steps[index]
    part = Part(
        label=label,
        points=None,
        value=exact_text(value),
        value_text=written(value, ladder.unit),
        step=band_text(band, ladder.unit),
        next_step=next_band(ladder, index, value),
    )
    return known(band.points, part)


def next_band(ladder: Ladder, index: int, value: Fraction) -> NextStep | None:
    if index == 0:
        return None
    better = ladder.steps[index - 1]
    return NextStep(
        text=band_text(better, ladder.unit),
        points=exact_text(better.points),
        gap=gap(better, value, ladder.unit),
    )


def by_best_of(indicator: Indicator, desk: Desk) -> Points:
    """两项中取高: what is known already counts, what is missing may still raise it."""
    ways = [by_ladder(ladder, ladder.label, desk) for ladder in indicator.best_of]
    best = max(
        ways,
        key=lambda way: (way.low, way.state == "computed", way.part.value is not None),
    )
    low, high = best.low, max(way.high for way in ways)
    state: IndicatorState = "computed" if low == high else "missing"
    lacking = "；".join(way.part.reason for way in ways if way.state == "missing" and way.part.reason)
    part = best.part if state == "computed" else msgspec.structs.replace(best.part, reason=lacking)
    return Points(
        low=low,
        high=high,
        state=state,
        part=part,
        parts=tuple(way.part for way in ways),
    )


def by_cases(cases: tuple[Case, ...], label: str, desk: Desk) -> Points:
    """按情形取分: the first case that holds; `otherwise`, the last one, always does."""
    truths = (held(case, desk) for case in cases)
    index, truth = next((n, truth) for n, truth in enumerate(truths) if truth is not False)
    points, rest = cases[index].points, cases[index:]
    if truth is None:
        part = Part(label=label, points=None, reason=desk.lacking(case.when for case in rest))
        return Points(low=surest(rest, desk), high=points, state="missing", part=part)
    return known(points, Part(label=label, points=None, step=cases[index].text, next_step=next_case(cases, index)))


def held(case: Case, desk: Desk) -> bool | None:
    return True if case.when is None else desk.truth(case.when)


def surest(cases: tuple[Case, ...], desk: Desk) -> Fraction:
    """The first case that holds for sure; `otherwise` does."""
    return next(case.points for case in cases if held(case, desk))


def next_case(cases: tuple[Case, ...], index: int) -> NextStep | None:
    if index == 0:
        return None
    better = cases[index - 1]
    return NextStep(text=better.text, points=exact_text(better.points), gap=NOT_MET)


def by_sum(rule: Sum, label: str, desk: Desk) -> Points:
    truths = [(item, desk.truth(item.when)) for item in rule.items]
    low = min(rule.cap, sum((item.points for item, truth in truths if truth), NONE))
    high = min(
        rule.cap,
        sum((item.points for item, truth in truths if truth is not False), NONE),
    )
    parts = tuple(
        Part(
            label=item.text,
            points=None if truth is None else exact_text(item.points if truth else NONE),
            reason=desk.lacking((item.when,)) if truth is None else None,
        )
        for item, truth in truths
    )
    unmet = next((item for item, truth in truths if not truth), None) if low < rule.cap else None
    step = "、".join(item.text for item, truth in truths if truth)
    next_step = None
    if unmet is not None:
        better = min(rule.cap, low + unmet.points)
        next_step = NextStep(text=unmet.text, points=exact_text(better), gap=NOT_MET)
    lacking = desk.lacking(item.when for item, truth in truths if truth is None) if low < high else None
    part = Part(label=label, points=None, step=step or None, next_step=next_step, reason=lacking)
    return Points(
        low=low,
        high=high,
        state="computed" if low == high else "missing",
        part=part,
        parts=parts,
    )


def by_judgement(indicator: Indicator, entered: Decimal | None) -> Points:
    """人工评定: points between 0 and the maximum, else it counts as not entered."""
    waiting = Part(
        label=indicator.label,
        points=None,
        reason=AWAITING if entered is None else OUTSIDE,
    )
    if entered is None or not entered.is_finite() or not 0 <= Fraction(entered) <= indicator.max:
        return Points(low=NONE, high=indicator.max, state="awaiting-authority", part=waiting)
    return known(Fraction(entered), Part(label=indicator.label, points=None, step="认定机关录入"))


def known(points: Fraction, part: Part) -> Points:
    explained = msgspec.structs.replace(part, points=exact_text(points))
    return Points(low=points, high=points, state="computed", part=explained)

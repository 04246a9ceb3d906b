"""evaluate: a pure function of pack, form, digital level and judgements; the same result whoever asks."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from services.assessment.domain.rules.conditions import check
from services.assessment.domain.rules.desk import (
    Desk,
    either,
    every,
    state_of,
    truth_of,
)
from services.assessment.domain.rules.indicators import explain, points_of
from services.assessment.domain.rules.inputs import read_inputs
from services.assessment.domain.rules.numbers import exact_text, total
from services.assessment.domain.rules.pack import Condition, Group, Indicator, Pack, nested_in
from services.assessment.domain.rules.points import Points
from services.assessment.domain.rules.results import GroupResult, ScoreResult, Verdict

Scored = list[tuple[Indicator, Points]]


def evaluate(
    pack: Pack,
    form: Mapping[str, object],
    digital_level: str | int | None,
    judgements: Mapping[str, Decimal],
) -> ScoreResult:
    """评分. All gates, and the score with its floors or one direct condition: `pass`; impossible: `fail`; else `open`.

    `form`: field → value as saved (money in 万元 as decimal text). `digital_level`: 0–4, None when not assessed.
    `judgements`: points by indicator, or > 0 for a condition met, entered by the authority.
    Never raises for what a form may hold.
    """
    desk = Desk(pack.inputs, read_inputs(pack, form, digital_level))
    scored = [(one, points_of(one, desk, judgements.get(one.id))) for one in pack.indicators]
    gates = tuple(check(gate, desk, judgements) for gate in pack.gates)
    direct = tuple(check(condition, desk, judgements) for condition in pack.direct)
    low, high = bounds(points for _, points in scored)
    groups = tuple(group_result(group, scored) for group in pack.groups)
    gates_truth = every(truth_of(gate.state) for gate in gates)
    direct_truth = either(truth_of(condition.state) for condition in direct)
    score_truth = score_met(pack, low, high, groups)
    return ScoreResult(
        pack=pack.id,
        title=pack.title,
        low=exact_text(low),
        high=exact_text(high),
        max=exact_text(total(one.max for one in pack.indicators)),
        pass_at=exact_text(pack.score.pass_at) if pack.score else None,
        pass_label=pack.score.label if pack.score else None,
        score_state=state_of(score_truth),
        direct_state=state_of(direct_truth),
        gates_state=state_of(gates_truth),
        verdict=verdict(every((gates_truth, either((score_truth, direct_truth))))),
        gates=gates,
        groups=groups,
        indicators=tuple(explain(one, points, desk) for one, points in scored),
        direct=direct,
        uncertain=uncertain(pack),
    )


def bounds(points: Iterable[Points]) -> tuple[Fraction, Fraction]:
    seen = list(points)
    return total(one.low for one in seen), total(one.high for one in seen)


def group_result(group: Group, scored: Scored) -> GroupResult:
    low, high = bounds(points for one, points in scored if one.group == group.id)
    return GroupResult(
        id=group.id,
        label=group.label,
        clause=group.clause,
        max=exact_text(group.max),
        low=exact_text(low),
        high=exact_text(high),
        floor=exact_text(group.floor) if group.floor is not None else None,
        state=state_of(every((reaches(low, high, group.floor), not group.nonzero or is_nonzero(low, high)))),
        nonzero=group.nonzero,
    )


def is_nonzero(low: Fraction, high: Fraction) -> bool | None:
    return True if low > 0 else None if high > 0 else False


def reaches(low: Fraction, high: Fraction, bound: Fraction | None) -> bool | None:
    if bound is None or low >= bound:
        return True
    return False if high < bound else None


def score_met(pack: Pack, low: Fraction, high: Fraction, groups: tuple[GroupResult, ...]) -> bool | None:
    """A pack without a score asks for its gates only."""
    if pack.score is None:
        return True
    floors = [truth_of(group.state) for group in groups]
    return every((reaches(low, high, pack.score.pass_at), *floors))


def verdict(truth: bool | None) -> Verdict:
    return "open" if truth is None else "pass" if truth else "fail"


def uncertain(pack: Pack) -> tuple[str, ...]:
    """What is shown as 待核实."""
    conditions = [nested for one in (*pack.gates, *pack.direct) for nested in nested_in(one)]
    marked: list[Indicator | Condition] = [*conditions, *pack.indicators]
    return tuple(one.label for one in marked if not one.certain)

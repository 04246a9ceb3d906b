"""What excludes a tier, and by how much."""

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.results import ConditionResult, GroupResult, ScoreResult

NO_OTHER_WAY = "也不满足任何一项直通条件"


class Failing(msgspec.Struct, frozen=True):
    """A condition, a group or the whole score that cannot be met any more: what is asked, what there is, what is short."""

    id: str
    label: str
    clause: str
    required: str | None = None
    value: str | None = None
    gap: str | None = None
    reason: str | None = None
    certain: bool = True


def failing(result: ScoreResult) -> tuple[Failing, ...]:
    found = [one for gate in result.gates if gate.state == "not-met" for one in of_condition(gate, gate)]
    if (result.score_state, result.direct_state) == ("not-met", "not-met"):
        found += of_score(result)
    return tuple(found)


def of_condition(condition: ConditionResult, gate: ConditionResult) -> Iterator[Failing]:
    """The parts that are not met, each under the gate's id and clause."""
    parts = [part for part in condition.parts if part.state == "not-met"]
    if not parts:
        yield Failing(
            condition.id or gate.id,
            condition.label,
            condition.clause or gate.clause,
            condition.required,
            condition.value_text,
            condition.gap,
            condition.reason,
            condition.certain and gate.certain,
        )
    for part in parts:
        yield from of_condition(part, gate)


def of_score(result: ScoreResult) -> Iterator[Failing]:
    """The most that can still be reached, against what is asked; with the floors that cannot be reached."""
    assert result.pass_at is not None
    other = NO_OTHER_WAY if result.direct else None
    short = Fraction(result.pass_at) - Fraction(result.high)
    if short > 0:
        required, value = f"不低于{result.pass_at}分", f"最高{result.high}分"
        yield Failing("score", result.pass_label or "", "", required, value, f"{exact_text(short)}分", other)
    for group in result.groups:
        if group.state == "not-met":
            yield of_group(group, other)


def of_group(group: GroupResult, other: str | None) -> Failing:
    if group.floor is None or group.nonzero:
        return Failing(group.id, group.label, group.clause, "不得为0分", f"最高{group.high}分", None, other)
    short = exact_text(Fraction(group.floor) - Fraction(group.high))
    return Failing(
        group.id, group.label, group.clause, f"不低于{group.floor}分", f"最高{group.high}分", f"{short}分", other
    )

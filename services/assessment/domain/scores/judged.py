"""What a pack leaves to somebody's judgement, and the points that may be entered for it."""

from decimal import Decimal
from fractions import Fraction

import msgspec

from services.assessment.domain.rules import Pack
from services.assessment.domain.rules.numbers import exact, exact_text, terminates
from services.assessment.domain.rules.pack import Condition, Indicator, nested_in

MET = Fraction(True)
"""A condition is met or it is not; the most that can be entered for it."""


class Judged(msgspec.Struct, frozen=True):
    """An indicator or condition for judgement: points from 0 to `most`, for a condition only these two."""

    id: str
    label: str
    most: Fraction
    whole: bool
    help: str

    @property
    def bounds(self) -> str:
        return f"0（不满足）或 {exact_text(self.most)}（满足）" if self.whole else f"0 至 {exact_text(self.most)} 分"

    def points(self, text: str) -> str | None:
        """The exact text of the points; None when they may not be entered."""
        value = exact(text)
        if value is None or not terminates(value) or not 0 <= value <= self.most:
            return None
        return None if self.whole and value not in (0, self.most) else exact_text(value)


def left_to_judgement(pack: Pack) -> tuple[Judged, ...]:
    conditions = [nested for one in (*pack.gates, *pack.direct) for nested in nested_in(one) if not nested.waived]
    found = [_judged(one, one.max, False) for one in pack.indicators]
    return tuple(one for one in [*found, *(_judged(c, MET, True) for c in conditions if c.id)] if one is not None)


def decimals(entered: dict[str, str]) -> dict[str, Decimal]:
    """Judgements as the engine takes them."""
    return {name: Decimal(points) for name, points in entered.items()}


def names(pack: Pack) -> frozenset[str]:
    """The ids of everything that a pack decides."""
    return frozenset((*(one.id for one in (*pack.gates, *pack.direct)), *(one.id for one in pack.indicators)))


def _judged(one: Indicator | Condition, most: Fraction, whole: bool) -> Judged | None:
    return None if one.judgement is None else Judged(one.id, one.label, most, whole, one.judgement.help)

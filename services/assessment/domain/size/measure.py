"""One indicator of a firm against its row of the size standard."""

from fractions import Fraction
from itertools import pairwise

import msgspec

from services.assessment.domain.rules.inputs import given
from services.assessment.domain.rules.ladder import band_text, reached
from services.assessment.domain.rules.numbers import exact_text
from services.assessment.domain.rules.pack import Band
from services.assessment.domain.rules.units import Unit, distance, in_unit, written
from services.assessment.domain.size.results import SizeIndicator
from services.assessment.domain.size.standard import SizeIndustry, SizeStandard

NEGATIVE = "不能为负数"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """`index`: the class reached, 0 the largest; None where the figure is missing or cannot be taken."""

    index: int | None
    value: Fraction | None
    bounds: tuple[Fraction, ...]
    unit: Unit
    shown: SizeIndicator

    def rise_to(self, index: int) -> str:
        """What it takes to reach a class from below."""
        words = f"{self.shown.label}达到{written(self.bounds[index], self.unit)}"
        if self.value is None:
            return words
        return f"{words}（还差{distance(self.bounds[index] - self.value, self.unit)}）"

    def fall_below(self, index: int) -> str:
        """What loses a class that was reached."""
        return f"{self.shown.label}低于{written(self.bounds[index], self.unit)}"


def measure(standard: SizeStandard, industry: SizeIndustry, name: str, entered: object) -> Measured:
    """A figure as entered; not a number, too fine, or negative counts as missing, with the reason."""
    declared, bounds = standard.indicators[name], industry.bounds[name]
    unit = declared.unit
    assert unit is not None
    read = given(declared, entered)
    number = read.value if isinstance(read.value, int) else None
    if number is None or number < 0:
        reason = read.reason or NEGATIVE
        shown = SizeIndicator(id=name, label=declared.label, value=None, value_text=read.text, reason=reason)
        return Measured(index=None, value=None, bounds=bounds, unit=unit, shown=shown)
    value = in_unit(Fraction(number), unit)
    steps = bands(bounds)
    index = reached(steps, value)
    shown = SizeIndicator(
        id=name,
        label=declared.label,
        value=exact_text(value),
        value_text=written(value, unit),
        size_class=standard.classes[index],
        step=band_text(steps[index], unit),
        larger_at=written(bounds[index - 1], unit) if index else None,
        larger_gap=distance(bounds[index - 1] - value, unit) if index else None,
        margin=distance(value - bounds[index], unit) if index < len(bounds) else None,
    )
    return Measured(index=index, value=value, bounds=bounds, unit=unit, shown=shown)


def bands(bounds: tuple[Fraction, ...]) -> tuple[Band, ...]:
    """Lower bounds from the largest class down, as the steps that hold them: at least this, below the one above."""
    none = Fraction(0)
    first, last = Band(points=none, at_least=bounds[0]), Band(points=none, below=bounds[-1])
    between = (Band(points=none, at_least=low, below=high) for high, low in pairwise(bounds))
    return (first, *between, last)

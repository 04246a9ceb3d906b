"""复合增长率: compared exactly as the growth of all years together; a root is taken for people alone."""

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from services.assessment.domain.rules.numbers import QUANTUM, shown


def compounded(rate: Fraction, years: int) -> Fraction:
    """A yearly rate over so many years, both in per cent: 5 over 2 years is exactly 10.25."""
    factor: Fraction = (1 + rate / 100) ** years
    return (factor - 1) * 100


def yearly(grown: Fraction, years: int) -> Fraction | None:
    """The yearly rate in per cent, rounded down to what is shown; None where more than everything is lost."""
    factor = 1 + grown / 100
    if factor < 0:
        return None
    root = (Decimal(factor.numerator) / Decimal(factor.denominator)) ** (1 / Decimal(years))
    return Fraction(((root - 1) * 100).quantize(QUANTUM, ROUND_FLOOR))


def compound_text(grown: Fraction, rate: Fraction | None) -> str:
    together = f"合计增长{shown(grown)}%"
    return together if rate is None else f"年均约{shown(rate)}%（{together}）"

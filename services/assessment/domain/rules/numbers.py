"""Exact numbers: fractions inside, decimal texts outside. No float anywhere."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal, InvalidOperation
from fractions import Fraction

QUANTUM = Decimal("0.0001")
"""What is shown is rounded half up to four decimals; what is compared is never rounded."""

MOST_DIGITS = int("40")
"""On either side of the point; `1e999999999` would fill the memory before anything could be compared."""

BASE_PRIMES = (int("2"), int("5"))


def exact(value: object) -> Fraction | None:
    """The number meant by an int, a Decimal or a decimal text; None for anything else, also for endless ones.

    A float counts by its digits.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = repr(value)
    if not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return Fraction(number) if number.is_finite() and writable(number) else None


def writable(number: Decimal) -> bool:
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_DIGITS and number.adjusted() <= MOST_DIGITS


def exact_text(value: Fraction) -> str:
    """`15`, `7.5`, or `5/7` where no finite decimal exists."""
    if value.denominator == 1:
        return str(value.numerator)
    if not terminates(value):
        return f"{value.numerator}/{value.denominator}"
    text = format(Decimal(value.numerator) / Decimal(value.denominator), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: Fraction, rounding: str = ROUND_HALF_UP) -> str:
    """The number for people, four decimals at most."""
    if value.denominator == 1:
        return str(value.numerator)
    quotient = Decimal(value.numerator) / Decimal(value.denominator)
    text = format(quotient.quantize(QUANTUM, rounding), "f").rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def shown_up(value: Fraction) -> str:
    """A distance for people, rounded away from zero so that it is always enough."""
    return shown(value, ROUND_UP)


def total(values: Iterable[Fraction]) -> Fraction:
    """The sum. Points are nearly always whole, and whole numbers are ten times faster than fractions."""
    whole, rest = 0, Fraction(0)
    for value in values:
        if value.denominator == 1:
            whole += value.numerator
        else:
            rest += value
    return rest + whole


def no_less(value: Fraction, bound: Fraction) -> bool:
    """value ≥ bound, without the general comparison's care for other kinds of numbers."""
    return value.numerator * bound.denominator >= bound.numerator * value.denominator


def terminates(value: Fraction) -> bool:
    rest = value.denominator
    for prime in BASE_PRIMES:
        while rest % prime == 0:
            rest //= prime
    return rest == 1

"""CEL, the only language of rule packs, imported here alone. Arithmetic beyond + and − is ours and exact."""

import sys
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from types import ModuleType

# The package imports its own command line, and with it a terminal toolkit: a seventh of this service's start.
sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))

from cel import Context, Program, compile  # noqa: E402

NO_VALUE = "!"
"""Functions answer `!<reason>` where there is no value: an exception inside CEL would be logged and lose its reason."""

REASONS = {
    "zero": "分母为零，比值无定义，按最低档计",
    "negative": "分母为负数，比值无意义，按最低档计",
    "zero-base": "基期数为零，增长率无定义，按最低档计",
    "negative-base": "基期数为负数，增长率无意义，按最低档计",
}


class NoValue(Exception):
    """An expression has no value for these inputs; the text says why."""


class Unknown(Exception):
    """An expression needs an input that is missing."""


def ratio(part: int | str, whole: int | str) -> str:
    """part ÷ whole; no value for a whole of zero or less."""
    return divided(part, whole, "zero", "negative")


def growth(now: int | str, before: int | str) -> str:
    """(now − before) ÷ before; no value for a base of zero or less."""
    grown = divided(now, before, "zero-base", "negative-base")
    return grown if grown.startswith(NO_VALUE) else str(number_of(grown) - 1)


def fraction(per_cent: int | str) -> str:
    """A per cent field, which comes in hundredths, as the ratio it means."""
    return str(number_of(per_cent) / 100 / 100)


def mean(first: int | str, second: int | str) -> str:
    """Arithmetic mean of two values; a value that is missing for a reason passes its reason on."""
    parts = (first, second)
    for part in parts:
        if isinstance(part, str) and part.startswith(NO_VALUE):
            return part
    return str(sum(map(number_of, parts)) / len(parts))


def divided(part: int | str, whole: int | str, zero: str, negative: str) -> str:
    for term in (part, whole):
        if isinstance(term, str) and term.startswith(NO_VALUE):
            return term
    divisor = number_of(whole)
    if divisor <= 0:
        return NO_VALUE + (negative if divisor else zero)
    return str(number_of(part) / divisor)


def number_of(value: int | str) -> Fraction:
    """An integer, or a fraction as the functions here write it."""
    if isinstance(value, int):
        return Fraction(value)
    above, _, below = value.partition("/")
    return Fraction(int(above), int(below or 1))


FUNCTIONS: dict[str, Callable[..., str]] = {"ratio": ratio, "growth": growth, "mean": mean, "fraction": fraction}

PER_CENT = frozenset(("ratio", "growth", "fraction"))
"""Functions whose value is a ratio, to be read in per cent."""


class Expression:
    """A compiled expression and the inputs it names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.program: Program = compile(text)
        self.inputs = tuple(self.program.variables())
        self.functions = tuple(self.program.functions())

    def run(self, scope: Context) -> object:
        """The value; `NoValue` with a reason, `Unknown` when an input that matters is missing."""
        try:
            value: object = self.program.execute(scope)
        except (RuntimeError, ArithmeticError) as trouble:
            raise Unknown(self.text) from trouble
        if isinstance(value, str) and value.startswith(NO_VALUE):
            raise NoValue(REASONS[value.removeprefix(NO_VALUE)])
        return value

    def number(self, scope: Context) -> Fraction:
        value = self.run(scope)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise TypeError(f"{self.text} 的结果不是数")
        return number_of(value)

    def truth(self, scope: Context) -> bool | None:
        """Three-valued: None when it cannot be known yet."""
        try:
            value = self.run(scope)
        except Unknown:
            return None
        if not isinstance(value, bool):
            raise TypeError(f"{self.text} 的结果不是真假")
        return value


@cache
def expression(text: str) -> Expression:
    """Compiled once per text. ValueError when it does not parse."""
    return Expression(text)


def scope_of(values: Mapping[str, object]) -> Context:
    return Context(variables=dict(values), functions=dict(FUNCTIONS))

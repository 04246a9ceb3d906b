"""Units of a value: how what an expression gives becomes a number, and how it is written."""

from fractions import Fraction
from typing import Literal

from services.assessment.domain.rules.numbers import shown, shown_up

Unit = Literal["percent", "万元", "年", "项", "人", "名", "分"]

HUNDREDTHS = ("万元", "分")
"""Money and scores reach expressions in hundredths (integers), so that CEL adds and compares exactly."""


def in_unit(raw: Fraction, unit: Unit) -> Fraction:
    """A ratio becomes per cent; hundredths of 万元 or 分 become whole ones; counts stay."""
    if unit == "percent":
        return raw * 100
    return raw / 100 if unit in HUNDREDTHS else raw


def written(value: Fraction, unit: Unit) -> str:
    return shown(value) + ("%" if unit == "percent" else unit)


def distance(value: Fraction, unit: Unit) -> str:
    return shown_up(value) + ("个百分点" if unit == "percent" else unit)

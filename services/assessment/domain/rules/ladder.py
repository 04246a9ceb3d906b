"""Ladders: which band a value reaches, what the next one asks, and whether the bands have a hole or an overlap."""

from collections.abc import Sequence
from fractions import Fraction

from services.assessment.domain.rules.faults import RuleFault
from services.assessment.domain.rules.numbers import no_less
from services.assessment.domain.rules.pack import Band, Ladder
from services.assessment.domain.rules.units import Unit, distance, written

NEGATIVE = "得分不得为负数"


def reached(steps: Sequence[Band], value: Fraction) -> int:
    """The index of the best band that the value is good enough for. Bands stand from the best down and without a hole,
    so the bound on the better side says nothing new."""
    return next(index for index, band in enumerate(steps) if suffices(value, band))


def suffices(value: Fraction, band: Band) -> bool:
    return (band.at_least is None or no_less(value, band.at_least)) and (
        band.at_most is None or no_less(band.at_most, value)
    )


def gap(better: Band, value: Fraction, unit: Unit) -> str:
    """How far the value is from the better band."""
    bound = better.at_least if better.at_least is not None else better.at_most
    return distance(abs((bound or Fraction(0)) - value), unit)


def band_text(band: Band, unit: Unit) -> str:
    """The band in words, e.g. `3%（含）至5%（不含）`."""
    low = band.at_least if band.at_least is not None else band.above
    high = band.at_most if band.at_most is not None else band.below
    if low is not None and high is not None:
        low_word, high_word = inclusion(band.at_least), inclusion(band.at_most)
        return f"{written(low, unit)}（{low_word}）至{written(high, unit)}（{high_word}）"
    if low is not None:
        return f"{'不低于' if band.at_least is not None else '高于'}{written(low, unit)}"
    return f"{'不高于' if band.at_most is not None else '低于'}{written(high or Fraction(0), unit)}"


def inclusion(bound: Fraction | None) -> str:
    return "含" if bound is not None else "不含"


def check_ladder(ladder: Ladder, path: str) -> None:
    """Bands from the best down, each beginning where the one before ends; borders belong to the better band."""
    steps = ladder.steps
    if len(steps) <= 1:
        raise RuleFault(f"{path}.steps", "分档至少两档")
    rising = steps[0].at_least is not None
    for index, band in enumerate(steps):
        check_band(band, index, steps, rising, f"{path}.steps[{index}]")


def check_band(band: Band, index: int, steps: Sequence[Band], rising: bool, path: str) -> None:
    last = index == len(steps) - 1
    near, far = (band.at_least, band.below) if rising else (band.at_most, band.above)
    wrong = (band.above, band.at_most) if rising else (band.below, band.at_least)
    if any(bound is not None for bound in wrong):
        raise RuleFault(
            path,
            "档位交界应归较高分一档：同一阶梯须全用 at_least/below 或全用 at_most/above",
        )
    if (near is None) != last or (far is None) != (index == 0):
        raise RuleFault(path, "首档只有一个界限，中间各档两个界限，末档没有自己的下限，分档有空缺")
    if index == 0:
        return
    before = steps[index - 1]
    border = before.at_least if rising else before.at_most
    if border is None or far is None or far != border:
        beyond = border is not None and far is not None and (far > border) == rising
        raise RuleFault(path, "与上一档重叠" if beyond else "与上一档之间有空缺")
    if near is not None and (near == far or (near > far) == rising):
        raise RuleFault(path, "档位的界限颠倒")
    if band.points >= before.points:
        raise RuleFault(path, "得分应逐档降低")
    if band.points < 0:
        raise RuleFault(path, NEGATIVE)

"""How something grows: the exponent of a power law, with its 95 % interval, from repeated measurements."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence

DRAWS = 1_000


def fitted(points: Sequence[tuple[float, float]]) -> float:
    """The slope of log(y) over log(x), least squares. Points must have two different x at least."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    x, y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return float(sum((a - x) * (b - y) for a, b in logs) / sum((a - x) ** 2 for a, _ in logs))


def exponent(values: Mapping[int, Sequence[float]], seed: int) -> tuple[float, float, float]:
    """(slope, lower, upper) of the medians; the interval by drawing each size's values again, with replacement."""
    dice = random.Random(seed)
    drawn = sorted(
        fitted([(size, _median(dice.choices(found, k=len(found)))) for size, found in values.items()])
        for _ in range(DRAWS)
    )
    whole = fitted([(size, _median(found)) for size, found in values.items()])
    return whole, drawn[int(DRAWS * 0.025)], drawn[int(DRAWS * 0.975)]


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2

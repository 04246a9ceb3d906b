"""Numbers in requests: only what every JSON reader and every store keeps exactly."""

from math import isfinite
from typing import Any

from pydantic import BeforeValidator

WIDEST = 2**53 - 1
"""Integers up to here are exact in every JSON reader."""


def kept_exactly(value: Any) -> Any:
    """Raises ValueError for NaN, infinities and integers that are too wide; anything else is not looked at."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > WIDEST:
        raise ValueError(f"整数须在 ±{WIDEST} 之间")
    if isinstance(value, float) and not isfinite(value):
        raise ValueError("须为有限的数")
    return value


Exactly = BeforeValidator(kept_exactly)

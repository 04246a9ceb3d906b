"""What a bench says: values with their spread, and a figure beside its peer."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class Spread:
    """Values of one thing measured several times, in the order of measuring."""

    values: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        return cls(tuple(values))

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def least(self) -> float:
        return min(self.values)

    @property
    def greatest(self) -> float:
        return max(self.values)

    def record(self) -> dict[str, Any]:
        return {
            "median": self.median, "least": self.least, "greatest": self.greatest, "n": self.n,
            "values": list(self.values),
        }  # fmt: skip

    def __str__(self) -> str:
        if self.n == 1:
            return short(self.median)
        return f"{short(self.median)} ({short(self.least)} – {short(self.greatest)})"


REASONS: Mapping[str, str] = yaml.safe_load(Path(__file__).with_name("reasons.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Figure:
    """One row of the table. Without a peer its three fields are "" and None; `met` is None where nothing is to be reached.

    `ratio` is per pair, ours / peer's; `unit` is of `ours` and `peer`; `why` is for a row that has no figure.
    """

    id: str
    words: str
    ours: Spread | None
    peer_name: str = ""
    peer: Spread | None = None
    ratio: Spread | None = None
    reach: str = ""
    met: bool | None = None
    data: dict[str, Any] = field(default_factory=dict)
    unit: str = ""
    why: str = ""

    def record(self) -> dict[str, Any]:
        return {
            "id": self.id, "words": self.words, "unit": self.unit, "ours": _record(self.ours),
            "peer_name": self.peer_name, "peer": _record(self.peer), "ratio": _record(self.ratio),
            "reach": self.reach, "met": self.met, "why": self.why, "data": self.data,
        }  # fmt: skip

    @property
    def verdict(self) -> str:
        """Whether it is reached; if not, with the reason that profiling found (reasons.yaml)."""
        if self.met:
            return "met"
        if self.met is None and not self.why:
            return ""
        said = f"NO FIGURE: {self.why}" if self.why else "NOT MET"
        reason = REASONS.get(self.id)
        return f"{said}; {reason}" if reason else said


def _record(spread: Spread | None) -> dict[str, Any] | None:
    return spread.record() if spread else None


def order(id_: str) -> tuple[int, str]:
    """P2, P2b, P10."""
    return int(re.sub(r"\D", "", id_) or 0), id_


def short(value: float) -> str:
    """Three or four digits that a person reads: 83,412 · 4.17 · 0.00231."""
    size = abs(value)
    if size >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 100 else f"{value:.3g}"

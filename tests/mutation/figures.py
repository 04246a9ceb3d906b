"""What was measured: results of runs in .mutants/, the share of mutants noticed, and how far a sample's may be off."""

import json
from dataclasses import dataclass
from math import sqrt
from typing import Any

from tests.mutation.mutants import ROOT
from tests.mutation.parts import PROVEN_ELSEWHERE

RESULTS = ROOT / ".mutants"
GOAL = 0.85
NOTICED, ALIVE = ("killed", "timeout"), ("survived", "no test")
UNDECIDED = "undecided"
"""A child that waited too long, for itself or for a busy machine: as it was not noticed for certain, it counts as not noticed."""


@dataclass
class Run:
    """Of one part, drawn with one seed. `of`: how many mutants the part has; `asked`: how many were to be tried."""

    part: str
    of: int
    asked: int
    seed: int
    date: str
    mutants: list[dict[str, Any]]

    @property
    def tried(self) -> int:
        return len(self.mutants)

    @property
    def is_complete(self) -> bool:
        return self.tried == self.asked

    def count(self, *ends: str) -> int:
        return sum(mutant["end"] in ends for mutant in self.mutants)

    @property
    def noticed(self) -> float:
        return self.count(*NOTICED) / self.tried if self.tried else 0.0

    @property
    def variance(self) -> float:
        """Of the share; 0 when all were tried. At least that of one survivor, for a sample without any."""
        share = min(self.noticed, 1 - 1 / max(self.tried, 2))
        return share * (1 - share) / self.tried * (1 - self.tried / self.of) if self.tried else 0.25

    @property
    def margin(self) -> float:
        return 1.96 * sqrt(self.variance)


def runs() -> list[Run]:
    """All that were kept, the oldest first."""
    found = [Run(**json.loads(path.read_text(encoding="utf-8"))) for path in RESULTS.glob("*.json")]
    return sorted(found, key=lambda run: (run.date, run.part))


def latest(found: list[Run]) -> list[Run]:
    """The last run of each part: its tests are today's."""
    return sorted({run.part: run for run in found}.values(), key=lambda run: run.part)


def counted(found: list[Run]) -> list[Run]:
    return [run for run in found if not run.part.startswith(PROVEN_ELSEWHERE)]


def together(found: list[Run]) -> tuple[float, float]:
    """Share and margin over these parts, each counted by the mutants it has and not by those tried."""
    of = sum(run.of for run in found)
    share = sum(run.noticed * run.of for run in found) / of
    return share, 1.96 * sqrt(sum(run.variance * run.of**2 for run in found)) / of


def said(share: float, margin: float) -> str:
    return f"{share:.1%}" + (f" ± {margin:.1%}" if margin else "")

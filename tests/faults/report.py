"""What came of it: a table for people, JSON for the documents, one line with the figure."""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.harness import Trial

HEAD = ("scenario", "seed", "faults", "acknowledged", "lost", "doubled", "other", "ready again (max)", "seconds")


@dataclass
class Result:
    """A trial that has ended; `acknowledged` commands during it."""

    trial: Trial
    acknowledged: int
    seconds: float

    @property
    def holds(self) -> bool:
        return not self.trial.findings

    def count(self, *kinds: str) -> int:
        return sum(finding.kind in kinds for finding in self.trial.findings)

    @property
    def slowest(self) -> str:
        """The longest time to ready again per part."""
        found = self.trial.ready_seconds.items()
        return ", ".join(f"{part} {max(seconds):.1f} s" for part, seconds in sorted(found)) or "-"

    @property
    def row(self) -> tuple[str, ...]:
        if self.trial.skipped:
            return (
                self.trial.name,
                str(self.trial.seed),
                "-",
                "-",
                "-",
                "-",
                "-",
                f"skipped: {self.trial.skipped}",
                "-",
            )
        other = len(self.trial.findings) - self.count("lost", "doubled")
        numbers = (self.trial.faults.total(), self.acknowledged, self.count("lost"), self.count("doubled"), other)
        return (self.trial.name, str(self.trial.seed), *map(str, numbers), self.slowest, f"{self.seconds:.0f}")

    @property
    def words(self) -> str:
        if self.trial.skipped:
            return f"{self.trial.name} SKIPPED: {self.trial.skipped}"
        said = "holds" if self.holds else f"DOES NOT HOLD ({len(self.trial.findings)} findings)"
        return f"{self.trial.name} {said}: {self.acknowledged} acknowledged, {self.trial.faults.total()} faults"

    def as_json(self) -> dict[str, Any]:
        trial = self.trial
        return {
            "scenario": trial.name, "seed": trial.seed, "long": trial.long, "faults": dict(trial.faults),
            "acknowledged": self.acknowledged, "lost": self.count("lost"), "doubled": self.count("doubled"),
            "findings": [f"{f.kind}: {f.check}: {f.words}" for f in trial.findings], "notes": trial.notes,
            "ready_seconds": {part: [round(s, 2) for s in all_] for part, all_ in trial.ready_seconds.items()},
            "figures": trial.figures, "skipped": trial.skipped, "seconds": round(self.seconds, 1),
        }  # fmt: skip


def table(results: Sequence[Result]) -> str:
    rows = [HEAD, *(result.row for result in results)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(["", lines[0], "-" * len(lines[0]), *lines[1:], ""])


def findings(results: Sequence[Result], most: int = 5) -> str:
    """What was found, once more below the table: whoever reads the end of a long output reads why."""
    found = [(result.trial.name, finding) for result in results for finding in result.trial.findings[:most]]
    return "".join(f"{name}: {one.kind}: {one.check}: {one.words}\n" for name, one in found)


def figure(results: Sequence[Result], seconds: float) -> str:
    """The last line."""
    acknowledged = sum(result.acknowledged for result in results)
    faults = sum(result.trial.faults.total() for result in results)
    lost, doubled = (sum(result.count(kind) for result in results) for kind in ("lost", "doubled"))
    failed = [result.trial.name for result in results if not result.holds]
    skipped = sum(bool(result.trial.skipped) for result in results)
    ran = len(results) - skipped
    told = f"; {skipped} skipped" if skipped else ""
    told += f"; NOT HOLDING: {', '.join(failed)}" if failed else ""
    return (
        f"faults: {ran - len(failed)} of {ran} scenarios hold, {faults} faults, {acknowledged} commands "
        f"acknowledged, {lost} lost, {doubled} doubled, {seconds:.0f} s{told}"
    )


def write_json(path: Path, results: Sequence[Result], seed: int, long: bool, seconds: float) -> None:
    content = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "machine": platform.platform(), "seed": seed,
        "long": long, "seconds": round(seconds, 1), "scenarios": [result.as_json() for result in results],
    }  # fmt: skip
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

"""What each test enters and how long it takes, kept from run to run: measuring all takes longer than many mutants."""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.figures import RESULTS
from tests.mutation.mutants import ROOT

FILE = "tests.measured"
Measured = tuple[float, bool, list[tuple[str, int]]]
"""Seconds of processor time, whether it failed, path and first line of the functions it enters."""


class Known:
    """Forgets a test when its file changes, and all when the code does or what tests have in common."""

    def __init__(self) -> None:
        path = RESULTS / FILE
        self.tests: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        shared = [path for name in ("libs", "services", "deploy", "examples") for path in (ROOT / name).rglob("*.py")]
        helpers = [
            path for path in (ROOT / "tests").rglob("*.py") if not _is_test(path) and "mutation" not in path.parts
        ]
        self.common = _digest(*sorted(shared), *sorted(helpers))

    def of(self, item: pytest.Item) -> Measured | None:
        found = self.tests.get(item.nodeid)
        return found["measured"] if found and found["key"] == self._key(item) else None

    def learn(self, items: list[pytest.Item], measured: dict[str, Measured]) -> None:
        for item in items:
            self.tests[item.nodeid] = {"key": self._key(item), "measured": measured[item.nodeid]}
        RESULTS.mkdir(exist_ok=True)
        # What failed is asked again next time: the machine may have been to blame.
        sound = {test: found for test, found in self.tests.items() if not found["measured"][1]}
        (RESULTS / FILE).write_text(json.dumps(sound), encoding="utf-8")

    def _key(self, item: pytest.Item) -> str:
        return self.common + _digest(item.path)


def _is_test(path: Path) -> bool:
    return path.name.startswith("test_")


@cache
def _digest(*paths: Path) -> str:
    found = sha256()
    for path in paths:
        found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:16]

"""docs/security.md names only tests that exist, and leaves out no requirement of its chapters' levels 1 and 2."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[a-z_/0-9]+\.py)::(test_[a-z_0-9]+)`", TEXT)))
LEVELS_1_AND_2 = {
    "V2": {1: 3, 2: 3, 3: 4, 4: 1}, "V6": {1: 3, 2: 12, 3: 4, 4: 4, 5: 5, 6: 3, 8: 4},
    "V7": {1: 3, 2: 4, 3: 2, 4: 5, 5: 2, 6: 2}, "V8": {1: 2, 2: 3, 3: 1, 4: 1}, "V9": {1: 3, 2: 4},
    "V10": {1: 2, 2: 2, 5: 5},
    "V16": {1: 1, 2: 5, 3: 4, 4: 3, 5: 3},
}  # fmt: skip
"""Chapter → section → how many of its requirements are of level 1 or 2; they come first in each section."""


@cache
def defined(path: str) -> frozenset[str]:
    return frozenset(re.findall(r"def (test_\w+)", (ROOT / path).read_text(encoding="utf-8")))


@pytest.mark.parametrize(("path", "test"), NAMED)
def test_a_test_that_is_named_exists(path: str, test: str) -> None:
    assert test in defined(path)


def test_there_are_many_and_no_requirement_is_left_out() -> None:
    assert len(NAMED) > 50
    first = "\n".join(line.split("|")[1] for line in TEXT.splitlines() if line.startswith("|"))
    said = set(re.findall(r"\d+\.\d+\.\d+", first))
    wanted = {
        f"{chapter[1:]}.{section}.{n}"
        for chapter, sections in LEVELS_1_AND_2.items()
        for section, count in sections.items()
        for n in range(1, count + 1)
    }
    assert wanted - said == set()

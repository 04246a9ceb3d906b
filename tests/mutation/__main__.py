"""`python -m tests.mutation [PART] [--sample N] [--seed N]`: try the mutants, one process; results in .mutants/."""

import argparse
import json
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import CodeType
from typing import Any

from tests.mutation import cold
from tests.mutation.children import clock, forked, patience
from tests.mutation.mutants import ROOT, Mutant, mutants_of
from tests.mutation.parts import parts
from tests.mutation.session import Warm, collect

RESULTS = ROOT / ".mutants"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("part", nargs="?", default="", help="a part, or the beginning of a path in it; none: all")
    asked.add_argument("--sample", type=int, default=0, help="so many of each part, drawn at random; 0: all")
    asked.add_argument("--seed", type=int, default=5)
    asked.add_argument("--alone", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.alone:
        Part(given.alone, given.part, given.sample, given.seed).run()
        return
    chosen = [name for name, (files, _) in parts().items() if any(_of(given.part, name, f) for f in files)]
    if not chosen:
        sys.exit(f"nothing to mutate in {given.part!r}; the parts are: {', '.join(parts())}")
    for name in chosen:
        # A process for each part: what is imported for one must not stand in the way of another.
        options = [given.part, "--sample", str(given.sample), "--seed", str(given.seed), "--alone", name]
        if subprocess.run([sys.executable, "-m", "tests.mutation", *options], cwd=ROOT).returncode:
            sys.exit(f"{name}: not measured")


def _of(asked: str, part: str, file: Path) -> bool:
    return not asked or part.startswith(asked.rstrip("/")) or file.relative_to(ROOT).as_posix().startswith(asked)


class Part:
    def __init__(self, name: str, asked: str, sample: int, seed: int) -> None:
        self.name = name
        files, self.tests = parts()[name]
        self.files = [f for f in files if _of(asked, name, f)]
        self.whole = len(self.files) == len(files)
        self.sample, self.seed = sample, seed
        self.results: list[dict[str, Any]] = []

    def run(self) -> None:
        mutants = [both for file in self.files for both in mutants_of(file)]
        tried = mutants
        if 0 < self.sample < len(mutants):
            tried = random.Random(self.seed).sample(mutants, self.sample)
        later: list[tuple[Mutant, CodeType, list[str], float]] = []

        def work(warm: Warm) -> None:
            for test in warm.failed:
                print(f"left out, fails without any mutant: {test}")
            sound: set[str] = set()
            for mutant, code in tried:
                if mutant.path not in sound and warm.is_covered(mutant.path):
                    sound.add(mutant.path)
                    if warm.unchanged(mutant.path) != "survived":
                        sys.exit(f"{mutant.path}: its tests fail in this order without any mutant")
                end, seconds = ("broken", 0.0) if warm.is_cold(mutant) else warm.try_out(mutant, code)
                if end == "broken":
                    tests = warm.tests_of(mutant)
                    later.append((mutant, code, tests, sum(warm.seconds[t] for t in tests)))
                else:
                    self._note(mutant, end, seconds, len(tried))

        if collect(self.tests, Warm(work)) not in (0, 5):
            sys.exit("the tests could not be collected")
        self._run_cold(later, len(tried))
        self._write(len(mutants))

    def _run_cold(self, later: list[tuple[Mutant, CodeType, list[str], float]], total: int) -> None:
        cold.forget_the_project()
        sound: set[str] = set()
        for mutant, code, tests, expected in later:
            if tests and mutant.path not in sound:
                sound.add(mutant.path)
                path = ROOT / mutant.path
                unchanged = compile(path.read_text(encoding="utf-8"), str(path), "exec")
                if self._cold(unchanged, tests, expected) != "survived":
                    sys.exit(f"{mutant.path}: the tests fail without any mutant when everything is imported anew")
            begun = clock()
            end = self._cold(code, tests, expected) if tests else "no test"
            self._note(mutant, end, clock() - begun, total)

    @staticmethod
    def _cold(code: CodeType, tests: list[str], expected: float) -> str:
        return forked(lambda: cold.answer(code.co_filename, code, tests), patience(expected + 5))

    def _note(self, mutant: Mutant, end: str, seconds: float, total: int) -> None:
        self.results.append(asdict(mutant) | {"key": mutant.key, "end": end, "seconds": round(seconds, 2)})
        if len(self.results) % 50 == 0 or len(self.results) == total:
            alive = sum(r["end"] in ("survived", "no test") for r in self.results)
            print(f"{self.name}: {len(self.results)} of {total}, {alive} alive", flush=True)

    def _write(self, of: int) -> None:
        RESULTS.mkdir(exist_ok=True)
        name = self.name if self.whole else "part of " + self.name
        path = RESULTS / (name.replace("/", "-").replace(" ", "-") + ".json")
        path.write_text(
            json.dumps(
                {"part": name, "of": of, "seed": self.seed, "mutants": self.results}, ensure_ascii=False, indent=1
            )
        )
        counts = {
            e: sum(r["end"] == e for r in self.results) for e in ("killed", "timeout", "survived", "no test", "broken")
        }
        print(name, counts, path)


if __name__ == "__main__":
    main()

"""`python -m tests.mutation [PART] [--sample N] [--seed N]`: try the mutants, one at a time; results in .mutants/."""

import argparse
import json
import random
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import CodeType
from typing import Any

from tests.mutation import cold
from tests.mutation.children import clock, forked
from tests.mutation.figures import ALIVE, GOAL, RESULTS, Run, counted, latest, runs, said, together
from tests.mutation.mutants import ROOT, Module, Mutant, mutants_of
from tests.mutation.parts import parts
from tests.mutation.session import Warm, collect

KEPT_EVERY = 10
SAID_EVERY = 50
CONTROLLED_EVERY = 20
"""One in so many mutants' tests also run without it, and must pass."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("part", nargs="?", default="", help="a part, or the beginning of a path in it; none: all")
    asked.add_argument("--sample", type=int, default=0, help="so many of each part, drawn at random; 0: all")
    asked.add_argument("--seed", type=int, default=5)
    asked.add_argument("--minutes", type=float, default=0, help="draw no more of a part after so many; 0: no limit")
    asked.add_argument("--alone", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.alone:
        Part(given.alone, given.part, given.sample, given.seed, given.minutes).run()
        return
    chosen = [name for name, (files, _) in parts().items() if any(_of(given.part, name, f) for f in files)]
    if not chosen:
        sys.exit(f"nothing to mutate in {given.part!r}; the parts are: {', '.join(parts())}")
    begun = _now()
    for name in chosen:
        # A process for each part: what is imported for one must not stand in the way of another.
        options = [given.part, "--sample", str(given.sample), "--seed", str(given.seed)]
        options += ["--minutes", str(given.minutes), "--alone", name]
        if subprocess.run([sys.executable, "-m", "tests.mutation", *options], cwd=ROOT).returncode:
            sys.exit(f"{name}: not measured")
    measured = latest([run for run in runs() if run.date >= begun])
    if not measured:
        sys.exit("nothing was tried; give it more minutes")
    # Who asks for a part that is not counted otherwise gets its figure.
    measured = counted(measured) or measured
    share, margin = together(measured)
    print(f"{said(share, margin)} of the mutants noticed, {GOAL:.0%} wanted ({sum(r.tried for r in measured)} tried)")
    sys.exit(0 if share >= GOAL else 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _of(asked: str, part: str, file: Path) -> bool:
    return not asked or part.startswith(asked.rstrip("/")) or file.relative_to(ROOT).as_posix().startswith(asked)


class Part:
    def __init__(self, name: str, asked: str, sample: int, seed: int, minutes: float) -> None:
        self.name = name
        files, self.tests = parts()[name]
        self.files = [f for f in files if _of(asked, name, f)]
        self.shown = name if len(self.files) == len(files) else f"{name}, of it {asked}"
        self.sample, self.seed = sample, seed
        self.begun = _now()
        self.until = clock() + 60 * minutes if minutes else float("inf")
        self.results: list[dict[str, Any]] = []

    def run(self) -> None:
        mutants = [both for file in self.files for both in mutants_of(file)]
        self.of = len(mutants)
        # In random order, so that a run that is cut short has tried a sample.
        tried = random.Random(self.seed).sample(mutants, min(self.sample or self.of, self.of))
        self.asked = len(tried)
        later: list[tuple[Mutant, Module, list[str], float]] = []

        def work(warm: Warm) -> None:
            for test in warm.failed:
                print(f"left out, fails without any mutant: {test}")
            for n, (mutant, module) in enumerate(tried):
                if clock() > self.until:
                    # What was drawn before is a sample as good, only smaller; those that act at import are still tried.
                    self.asked = n
                    break
                if n % CONTROLLED_EVERY == 0:
                    self._control(mutant, warm.unchanged(mutant))
                is_cold = warm.is_cold(mutant)
                end, seconds = ("broken", 0.0) if is_cold else warm.try_out(mutant, module.compiled())
                if end == "broken":
                    tests = warm.tests_of(mutant)
                    later.append((mutant, module, tests, warm.takes(tests)))
                else:
                    self._note(mutant, end, seconds)

        if collect(self.tests, Warm(work)) not in (0, 5):
            sys.exit("the tests could not be collected")
        self._run_cold(later)
        counts = {end: sum(r["end"] == end for r in self.results) for end in ("killed", "timeout", *ALIVE)}
        print(self.shown, counts, flush=True)

    def _run_cold(self, later: list[tuple[Mutant, Module, list[str], float]]) -> None:
        cold.forget_the_project()
        for n, (mutant, module, tests, expected) in enumerate(later):
            if n % CONTROLLED_EVERY == 0 and tests:
                unchanged = compile(module.path.read_text(encoding="utf-8"), str(module.path), "exec")
                self._control(mutant, self._cold(unchanged, tests, expected))
            begun = clock()
            end = self._cold(module.compiled(), tests, expected) if tests else "no test"
            self._note(mutant, end, clock() - begun)

    @staticmethod
    def _control(mutant: Mutant, end: str) -> None:
        if end == "undecided":
            print(f"the machine is busy: the tests of {mutant.path}, {mutant.scope} took too long without a mutant")
        elif end != "survived":
            sys.exit(f"{mutant.path}, {mutant.scope}: its tests fail without any mutant")

    @staticmethod
    def _cold(code: CodeType, tests: list[str], expected: float) -> str:
        return forked(lambda: cold.answer(code.co_filename, code, tests), expected + 5)

    def _note(self, mutant: Mutant, end: str, seconds: float) -> None:
        self.results.append(asdict(mutant) | {"key": mutant.key, "end": end, "seconds": round(seconds, 2)})
        tried = len(self.results)
        if tried % KEPT_EVERY == 0 or tried == self.asked:
            self._keep()
        if tried % SAID_EVERY == 0 or tried == self.asked:
            alive = sum(r["end"] in ALIVE for r in self.results)
            print(f"{self.shown}: {tried} of {self.asked}, {alive} alive", flush=True)

    def _keep(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        file = "".join(c if c.isalnum() else "-" for c in self.shown) + f"-seed-{self.seed}.json"
        run = Run(self.shown, self.of, self.asked, self.seed, self.begun, self.results)
        (RESULTS / file).write_text(json.dumps(asdict(run), ensure_ascii=False, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

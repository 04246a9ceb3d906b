"""A pytest plugin in place of the run: tests are collected once, and each mutant runs those that enter its function."""

import gc
import json
import tempfile
import types
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.mutation.children import BROKEN, KILLED, SURVIVED, clock, forked, patience
from tests.mutation.mutants import Mutant
from tests.mutation.tracing import Entered, Function

ARGUMENTS = ["-o", "addopts=", "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:terminal",
             "-m", "not integration and not e2e", "--capture=no"]  # fmt: skip


TABLES = "tests/unit/test_published.py"
"""Tests that read what modules define: classes, codes, defaults. They enter no function of theirs."""


def load_examples_profile() -> None:
    """The same examples for every mutant, and no time spent on making a failing one small."""
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", settings.get_profile("tidu"), derandomize=True, database=None, phases=phases)
    settings.load_profile("mutation")


def run(items: list[pytest.Item]) -> int:
    """KILLED at the first failure."""
    for item, following in zip(items, [*items[1:], None], strict=True):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return KILLED
    return SURVIVED


class Warm:
    """Everything is imported; a mutant's code is put into the living functions of a forked child."""

    def __init__(self, work: Any) -> None:
        self.work = work
        self.imported = Entered()
        self.at_import: set[Function] = set()
        self.seconds: dict[str, float] = {}
        self.entered: dict[Function, list[str]] = defaultdict(list)
        self.of_module: dict[str, set[str]] = defaultdict(set)
        self.failed: list[str] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        load_examples_profile()

    def pytest_collection(self, session: pytest.Session) -> None:
        self.imported.__enter__()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.imported.__exit__()
        self.at_import = self.imported.functions
        self.items = {item.nodeid: item for item in session.items}
        self.published = {test for test in self.items if test.startswith(TABLES)}
        self._measure(session.items)
        self.functions = _living_functions()
        gc.collect()
        gc.freeze()
        self.work(self)
        return True

    def _measure(self, items: list[pytest.Item]) -> None:
        """Every test once, in a child, so that the mutants start from a process in which nothing ever ran."""
        with tempfile.TemporaryDirectory() as folder:
            answer = Path(folder) / "tests.json"
            end = forked(lambda: _measured(items, answer), 1800)
            if end != "survived":
                raise pytest.UsageError(f"the tests could not be measured ({end})")
            measured = json.loads(answer.read_text())
        for test, (seconds, failed, functions) in measured.items():
            self.seconds[test] = seconds
            self.failed += [test] if failed else []
            for path, line in functions:
                self.entered[path, line].append(test)
                self.of_module[path].add(test)

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Quick ones first; what acts at import in a module without functions may be noticed by any."""
        found: Collection[str] = self.entered.get((mutant.path, mutant.function_line), [])
        if not mutant.in_body:
            found = self.of_module[mutant.path] | self.published or self.items.keys()
        return sorted(set(found) - set(self.failed), key=lambda test: (self.seconds[test], test))

    def is_cold(self, mutant: Mutant) -> bool:
        """Its effect may come with the import, which has long happened here."""
        return not mutant.in_body or (mutant.path, mutant.function_line) in self.at_import

    def try_out(self, mutant: Mutant, code: types.CodeType) -> tuple[str, float]:
        tests = self.tests_of(mutant)
        if not tests:
            return "no test", 0
        begun = clock()
        items = [self.items[test] for test in tests]
        seconds = patience(sum(self.seconds[test] for test in tests))
        return forked(lambda: run(items) if self._put(code) else BROKEN, seconds), clock() - begun

    def is_covered(self, path: str) -> bool:
        return bool(self.of_module.get(path, set()) - set(self.failed))

    def unchanged(self, path: str) -> str:
        """The control: all tests of a file, in the order of a mutant's run, and no mutant."""
        tests = sorted(self.of_module[path] - set(self.failed), key=lambda test: (self.seconds[test], test))
        return forked(lambda: run([self.items[test] for test in tests]), patience(sum(self.seconds[t] for t in tests)))

    def _put(self, module: types.CodeType) -> bool:
        """Exchange the code of every living function of the file that differs."""
        living = self.functions[module.co_filename]
        for name, code in _codes(module):
            for function in living.get(name, []):
                if function.__code__ != code:
                    try:
                        function.__code__ = code
                    except ValueError:  # another number of closed-over variables
                        return False
        return True


def _measured(items: list[pytest.Item], answer: Path) -> int:
    found: dict[str, tuple[float, bool, list[Function]]] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        with Entered() as entered:
            begun = clock()
            reports = runtestprotocol(item, log=False, nextitem=following)
        found[item.nodeid] = (clock() - begun, any(r.failed for r in reports), sorted(entered.functions))
    answer.write_text(json.dumps(found))
    return SURVIVED


Named = tuple[str, int]


def _codes(code: types.CodeType) -> Iterator[tuple[Named, types.CodeType]]:
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield (const.co_qualname, const.co_firstlineno), const
            yield from _codes(const)


def _living_functions() -> dict[str, dict[Named, list[types.FunctionType]]]:
    found: dict[str, dict[Named, list[types.FunctionType]]] = defaultdict(lambda: defaultdict(list))
    for thing in gc.get_objects():
        if isinstance(thing, types.FunctionType):
            code = thing.__code__
            found[code.co_filename][code.co_qualname, code.co_firstlineno].append(thing)
    return found


def collect(tests: list[str], plugin: object) -> int:
    return int(pytest.main([*ARGUMENTS, *tests], plugins=[plugin]))

"""A pytest plugin in place of the run: tests are collected once, and each mutant runs those that enter its function."""

import gc
import json
import tempfile
import time
import types
from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings

from tests.mutation.children import BROKEN, KILLED, SURVIVED, clock, forked
from tests.mutation.imports import importers
from tests.mutation.known import Known
from tests.mutation.mutants import Mutant
from tests.mutation.tracing import Entered, Function

ARGUMENTS = ["-o", "addopts=", "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "no:timeout", "-p", "no:terminal",
             "-m", "not integration and not e2e", "--capture=no"]  # fmt: skip


TABLES = "tests/unit/test_published.py"
"""Tests that read what modules define: classes, codes, defaults. They enter no function of theirs."""
EXAMPLES = 30
"""Of a property that does not say itself how many; the same ones for every mutant."""
LONG_ENOUGH = 3.0
"""Seconds of processor time: of the tests that could notice a mutant, the quickest that take so long together are asked."""


def load_examples_profile() -> None:
    """The same examples for every mutant, and no time spent on making a failing one small."""
    usual, phases = settings.get_profile("tidu"), (Phase.explicit, Phase.generate)
    settings.register_profile("mutation", usual, max_examples=EXAMPLES, derandomize=True, database=None, phases=phases)
    settings.load_profile("mutation")


def run(items: list[pytest.Item]) -> int:
    """KILLED at the first failure, and by what not even pytest holds back."""
    try:
        for item, following in zip(items, [*items[1:], None], strict=True):
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return KILLED
    except BaseException:  # noqa: BLE001
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

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.imported.__exit__()
        self.at_import = self.imported.functions
        self.items = {item.nodeid: item for item in session.items}
        self.published = {test for test in self.items if test.startswith(TABLES)}
        self._measure(session.items)
        self.importers = importers()
        self.functions = _living_functions()
        gc.collect()
        gc.freeze()
        self.work(self)
        return True

    def _measure(self, items: list[pytest.Item]) -> None:
        """Every test once, in a child, so that the mutants start from a process in which nothing ever ran."""
        known = Known()
        unknown = [item for item in items if known.of(item) is None]
        if unknown:
            print(f"{len(unknown)} of {len(items)} tests are measured first", flush=True)
            with tempfile.TemporaryDirectory() as folder:
                answer = Path(folder) / "tests.json"
                end = forked(lambda: _measured(unknown, answer), None)
                if end != "survived":
                    raise pytest.UsageError(f"the tests could not be measured ({end})")
                known.learn(unknown, json.loads(answer.read_text()))
        for item in items:
            test = item.nodeid
            seconds, failed, functions = known.of(item)
            self.seconds[test] = seconds
            self.failed += [test] if failed else []
            for path, line in functions:
                self.entered[path, line].append(test)
                self.of_module[path].add(test)

    def tests_of(self, mutant: Mutant) -> list[str]:
        """Those that enter the function; for what acts at import, those that enter the module or one that imports it."""
        found: Collection[str] = self.entered.get((mutant.path, mutant.function_line), [])
        if self.is_cold(mutant):
            users = (self.of_module.get(path, set()) for path in self.importers.get(mutant.path, set()))
            found = self.of_module.get(mutant.path, set()).union(self.published, *users)
        return self.quickest(found)

    def quickest(self, tests: Collection[str]) -> list[str]:
        """Quick ones first, until it is long enough."""
        chosen: list[str] = []
        total = 0.0
        for test in sorted(set(tests) - set(self.failed), key=lambda test: (self.seconds[test], test)):
            total += self.seconds[test]
            if chosen and total > LONG_ENOUGH:
                break
            chosen.append(test)
        return chosen

    def takes(self, tests: list[str]) -> float:
        return sum(self.seconds[test] for test in tests)

    def is_cold(self, mutant: Mutant) -> bool:
        """Its effect may come with the import, which has long happened here."""
        return not mutant.in_body or (mutant.path, mutant.function_line) in self.at_import

    def try_out(self, mutant: Mutant, code: types.CodeType) -> tuple[str, float]:
        tests = self.tests_of(mutant)
        if not tests:
            return "no test", 0
        begun = clock()
        items = [self.items[test] for test in tests]
        return forked(lambda: run(items) if self._put(code) else BROKEN, self.takes(tests)), clock() - begun

    def unchanged(self, mutant: Mutant) -> str:
        """The control: a mutant's tests as they would run for it, and no mutant."""
        tests = self.tests_of(mutant)
        return forked(lambda: run([self.items[test] for test in tests]), self.takes(tests))

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
            begun = time.process_time()
            reports = runtestprotocol(item, log=False, nextitem=following)
        found[item.nodeid] = (time.process_time() - begun, any(r.failed for r in reports), sorted(entered.functions))
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


def collect(tests: list[str], plugin: Warm) -> int:
    # From here on, because conftest.py imports most of the kernel before pytest collects.
    plugin.imported.__enter__()
    return int(pytest.main([*ARGUMENTS, *tests], plugins=[plugin]))

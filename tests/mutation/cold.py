"""Mutants that act at import: the process forgets the project's modules, and each child imports them anew."""

import importlib.machinery
import sys
import types
from collections.abc import Sequence

import pytest

from tests.mutation.children import KILLED, SURVIVED
from tests.mutation.session import ARGUMENTS, load_examples_profile, run


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ("libs", "services", "deploy", "examples", "tests", "conftest")


def forget_the_project() -> None:
    for name in [name for name in sys.modules if is_ours(name) and not name.startswith("tests.mutation")]:
        del sys.modules[name]


class Chosen:
    """Runs the named tests in the given order, and remembers whether one failed."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.tests = tests
        self.answer = KILLED

    def pytest_configure(self, config: pytest.Config) -> None:
        load_examples_profile()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        found = {item.nodeid: item for item in session.items}
        # A test that is no longer there (a parameter that the mutant changed) has noticed the change.
        missing = [test for test in self.tests if test not in found]
        self.answer = KILLED if missing or session.testsfailed else run([found[test] for test in self.tests])
        return True


def answer(path: str, code: types.CodeType, tests: Sequence[str]) -> int:
    """In the child: import the project with this module's code in place of the file's, and run the tests."""
    sys.dont_write_bytecode = True
    read = importlib.machinery.SourceFileLoader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, fullname: str) -> types.CodeType | None:
        return code if self.get_filename(fullname) == path else read(self, fullname)

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign]
    chosen = Chosen(tests)
    files = sorted({test.split("::")[0] for test in tests})
    pytest.main([*ARGUMENTS, *files], plugins=[chosen])
    return SURVIVED if chosen.answer == SURVIVED else KILLED

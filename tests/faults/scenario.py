"""What a scenario is, and the list of all of them."""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.harness import Trial

Run = Callable[["Trial"], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """`load`: the workload runs while the scenario does; `alone`: on a stack of its own, not shared with others.

    `site`: the kind of stack (sites.py), shared with the scenarios of the same kind.
    `stack`: False when the scenario makes what it needs itself, in `trial.folder`; it calls `trial.check` itself then.
    """

    name: str
    words: str
    run: Run
    load: bool = True
    alone: bool = False
    stack: bool = True
    site: str = "usual"


_all: dict[str, Scenario] = {}


def scenario(
    name: str, words: str, *, load: bool = True, alone: bool = False, stack: bool = True, site: str = "usual"
) -> Callable[[Run], Run]:
    """Register `async def …(trial)` under `name`; `words` say what is done to the stack, for the table."""

    def register(run: Run) -> Run:
        if name in _all:
            raise ValueError(f"two scenarios are called {name!r}")
        _all[name] = Scenario(name, words, run, load, alone, stack, site)
        return run

    return register


def scenarios() -> dict[str, Scenario]:
    """All of them by name, those that share a stack first; every module of `tests.faults.scenarios` is read."""
    package = import_module("tests.faults.scenarios")
    for module in pkgutil.iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_all.items(), key=lambda item: item[1].alone or not item[1].stack))

"""With several processes (`-n`): what shares a Kafka, a store or a stack stays together. The whole stack starts once,
a Kafka with a store twice: half of the tests that want them wait for something most of the time.

Not by xdist's `loadgroup`: with pytest 9.2 it groups nothing and says nothing of it.
"""

import os
from contextlib import suppress
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

MENDING = ("test_audit", "test_crash_points", "test_parking", "test_rebuild", "test_republish", "test_restore")
GROUPS = {
    "tests/e2e/": "e2e",
    "tests/integration/test_local_stack.py": "local stack",
    **{f"tests/integration/{begins}": "mending" for begins in MENDING},
    "tests/integration/": "backends",
    "tests/contract/test_store.py": "backends",
    "tests/simulation/": "simulation",
}
LONGEST_FIRST = ("backends", "mending", "e2e", "local stack", "simulation")


def group_of(nodeid: str) -> str:
    """The beginning of its path decides; every other file stands for itself."""
    path = nodeid.partition("::")[0]
    return next((group for begins, group in GROUPS.items() if path.startswith(begins)), path)


def rank_of(nodeid: str) -> int:
    """The longest begin first; what is short fills up the end."""
    group = group_of(nodeid)
    return LONGEST_FIRST.index(group) if group in LONGEST_FIRST else len(LONGEST_FIRST)


class Sharing(LoadScopeScheduling):
    """Groups go to whoever is free, in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def only_here(folders: pytest.TempPathFactory, what: str, processes: int = 1) -> None:
    """Fails where as many processes of this run have started the same already: it would be slow, and hide an order."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        for n in range(processes):
            with suppress(FileExistsError):
                (folders.getbasetemp().parent / f"{what} started {n}").touch(exist_ok=False)
                return
        raise RuntimeError(f"{what}: started by {processes} processes already")

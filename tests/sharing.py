"""With several processes (`-n`): what shares a Kafka, a store or a stack stays together, so each starts once.

Not by xdist's `loadgroup`: with pytest 9.2 it groups nothing and says nothing of it.
"""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    "tests/e2e/": "e2e",
    "tests/integration/test_local_stack.py": "local stack",
    "tests/integration/": "backends",
    "tests/contract/test_store.py": "backends",
    "tests/simulation/": "simulation",
}
LONGEST_FIRST = ("e2e", "backends", "local stack", "simulation")


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


def only_here(folders: pytest.TempPathFactory, what: str) -> None:
    """Fails where another process of this run has started the same already: it would be slow, and hide an order."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        (folders.getbasetemp().parent / f"{what} started").touch(exist_ok=False)

"""Memory of a stack: the sum of PSS over the whole tree, so that shared pages are counted once."""

from __future__ import annotations

import psutil

from deploy.local.stack import Stack


def by_part(stack: Stack) -> dict[str, int]:
    """Bytes per part, each with all it started; the supervisor apart from its children."""
    pids = stack.pids
    sizes = {name: _tree(pid) for name, pid in pids.items() if name != "supervisor"}
    return {"supervisor": _own(pids["supervisor"]), **sizes}


def _tree(pid: int) -> int:
    try:
        below = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    return _own(pid) + sum(_own(child.pid) for child in below)


def _own(pid: int) -> int:
    """PSS where the system tells it, else what the process has for itself alone."""
    try:
        memory = psutil.Process(pid).memory_full_info()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return 0
    return int(getattr(memory, "pss", memory.uss))

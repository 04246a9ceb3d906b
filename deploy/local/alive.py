"""Is it still the same process? A number alone may belong to another one after a restart of the machine."""

from __future__ import annotations

import os
import sys


def birth(pid: int) -> str | None:
    """When the process began, in the kernel's ticks since boot; None when it is gone or a zombie."""
    if sys.platform != "linux":
        return _unknown(pid)
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            fields = stat.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def _unknown(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    return ""

"""Reads the stack's log files: the last lines merged by time, then the new ones as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path

from deploy.local.folder import Folder
from deploy.local.logs import tail
from deploy.local.trouble import StackError


def files(folder: Folder, name: str = "") -> list[Path]:
    """The log of one process, or all of them."""
    found = sorted(folder.logs.glob("*.log"))
    if name:
        found = [path for path in found if path.stem == name]
    if not found:
        have = ", ".join(sorted(path.stem for path in folder.logs.glob("*.log"))) or "none"
        raise StackError(f"There is no log {name or ''} in {folder.logs}; there are: {have}.")
    return found


def merged(paths: Sequence[Path], lines: int) -> list[str]:
    """The last lines of all files together; every line begins with its time."""
    return list(merge(*(tail(path, lines) for path in paths)))[-lines:]


def following(paths: Sequence[Path]) -> Iterator[str]:
    """New lines for ever; a file that was moved aside is opened anew."""
    places = {path: path.stat().st_size for path in paths}
    while True:
        for path in paths:
            if path.exists():
                yield from _new(path, places)
        time.sleep(0.2)


def _new(path: Path, places: dict[Path, int]) -> Iterator[str]:
    if path.stat().st_size < places[path]:
        places[path] = 0
    with path.open("rb") as file:
        file.seek(places[path])
        whole, ending, _ = file.read().rpartition(b"\n")
    places[path] += len(whole) + len(ending)
    yield from whole.decode(errors="replace").splitlines()

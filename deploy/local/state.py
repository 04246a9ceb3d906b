"""What a running stack says of itself: one JSON file in the data folder, replaced whole at every change."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from deploy.local.alive import birth
from deploy.local.folder import Folder, read_json, write_json
from deploy.local.trouble import StackError

STARTING, READY, STOPPING, STOPPED, FAILED = "starting", "ready", "stopping", "stopped", "failed"


@dataclass
class State:
    """`timings` are seconds per step; `doing` are the steps under way, in words."""

    pid: int = 0
    born: str | None = None
    phase: str = STOPPED
    started_at: float = 0
    shards: int = 0
    ports: dict[str, int] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    doing: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.ports['gateway']}"

    @property
    def alive(self) -> bool:
        """Whether the supervisor that wrote this still runs."""
        stopped = self.phase in (STOPPED, FAILED) or not self.pid
        return not stopped and birth(self.pid) == self.born

    def save(self, folder: Folder) -> None:
        """Write it for `tidu status` and whoever waits."""
        write_json(folder.state, asdict(self))

    @contextmanager
    def step(self, name: str, words: str, folder: Folder) -> Iterator[None]:
        """Show a step while it lasts and keep its time."""
        self.doing.append(words)
        self.save(folder)
        began = time.monotonic()
        try:
            yield
            self.timings[name] = round(time.monotonic() - began, 2)
        finally:
            self.doing.remove(words)
            self.save(folder)


def load(folder: Folder) -> State | None:
    """The last state written in this folder; a damaged one is no state: nothing depends on it."""
    try:
        found = read_json(folder.state)
    except StackError:
        return None
    if found is None:
        return None
    known = State.__dataclass_fields__
    return State(**{name: value for name, value in found.items() if name in known})

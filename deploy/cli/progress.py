"""Shows a stack's start while it lasts: what is being waited for, and how long each step took."""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.status import Status

from deploy.local.state import State


class Starting:
    """A `report` for `running_stack`: a line per finished step, a spinner with those under way."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._status = Status("starting", console=self._console)
        self._shown: set[str] = set()
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def __call__(self, state: State) -> None:
        for name, seconds in state.timings.items():
            if name not in self._shown and name not in ("total", "ready"):
                self._shown.add(name)
                self._console.print(f"  [green]✓[/] {name:<14}[dim]{seconds:6.1f} s[/]")
        waiting = "; ".join(state.doing) or "almost there"
        self._status.update(f"{waiting} [dim]({time.monotonic() - self._began:.0f} s)[/]")

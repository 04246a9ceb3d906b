"""The `eventsourcing` library on SQLite: an aggregate loaded, one event triggered with the same body, saved.

A database file of its own, in WAL mode as the library sets it, `synchronous` left at SQLite's FULL: synced on every commit.
No cache, no snapshots (its default), in this process and without HTTP, authentication or a topic.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from bench.frame import Absent, check_count


@cache
def _classes() -> tuple[Any, Any]:
    """Made once: the library refuses a second class of the same name. Raises Absent."""
    try:
        from eventsourcing.application import Application
        from eventsourcing.domain import Aggregate, event
    except ImportError as missing:
        raise Absent(f"eventsourcing is not installed: {missing}") from None

    class Enterprise(Aggregate):
        def __init__(self) -> None:
            self.body = ""

        @event("ProfileChanged")
        def change(self, body: str) -> None:
            self.body = body

    class Enterprises(Application[UUID]):
        pass

    return Enterprise, Enterprises


class Eventsourced:
    """`one(n)` is a command on the n-th of its aggregates in turn; `check()` counts the events that are stored."""

    def __init__(self, folder: Path, body: str, aggregates: int) -> None:
        enterprise, enterprises = _classes()
        env = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": str(folder / "eventsourced.db")}
        self._app: Any = enterprises(env=env)
        self._body, self._n, self._ids = body, 0, list[UUID]()
        for _ in range(aggregates):
            made = enterprise()
            self._app.save(made)
            self._ids.append(made.id)

    async def one(self, _: int = 0) -> str:
        loaded = self._app.repository.get(self._ids[self._n % len(self._ids)])
        self._n += 1
        loaded.change(body=f"{self._body} {self._n}")
        self._app.save(loaded)
        return ""

    def check(self) -> None:
        stored = sum(1 for _ in self._app.recorder.select_notifications(start=1, limit=10_000_000))
        check_count(self._n + len(self._ids), stored, "events stored by eventsourcing")

    def close(self) -> None:
        self._app.close()

"""Crash points on a running stack: which service can die where, how it is brought there, and what is shown elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from libs.events.contracts.base import SERVICES

ALL = tuple(SERVICES)

UNDER_LOAD: Mapping[str, tuple[str, ...]] = {
    "append.decided": ALL,
    "append.inserted": ALL,
    "key.made": ("identity", "applications"),
    "blob.stored": ("applications",),
    "relay.read": ALL,
    "relay.sent": ALL,
    "relay.moved": ALL,
    "runner.fetched": ALL,
    "runner.reacted": ALL,
    "runner.folded": ALL,
    "runner.saved": ALL,
    "runner.flushed": ALL,
    "runner.offset": ALL,
    "clock.leased": ALL,
    "store.open": ALL,
    "sessions.noted": ALL,
}
"""The load alone leads these services there, within seconds."""

TRIGGERED: Mapping[str, tuple[str, ...]] = {
    "clock.ticked": ("identity", "applications", "review"),
    "foreign.kept": ALL,
}
"""The scenario brings these about beside the load: something due, a stray record."""

AT_FIRST_START: Mapping[str, tuple[str, ...]] = {
    "publish.whole": ALL,
    "live.begun": ALL,
    "starts.written": ALL,
}
"""Passed when a service starts on an empty store: scenario crash-starts."""

NOT_THERE: Mapping[str, Mapping[str, str]] = {
    "key.made": {
        "assessment": "seals nothing of anybody: scores and levels hold no personal value",
        "review": "copies what applications has sealed",
        "notifications": "messages hold no personal value",
    },
    "blob.stored": {
        "identity": "takes no files",
        "assessment": "the load imports no result of elsewhere",
        "review": "takes no files",
        "notifications": "takes no files",
    },
    "clock.ticked": {
        "assessment": "nothing of it becomes due",
        "notifications": "nothing of it becomes due",
    },
    "publish.piece": dict.fromkeys(
        SERVICES, "no policy that it ships is longer than one event; integration/test_long_policies.py dies there"
    ),
}
"""A service that cannot come to a point, and why."""


class Plans:
    """The files by which the services of a stack are told where to die."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def arm(self, service: str, point: str, after: int = 0) -> None:
        """Die at this point once it has been passed so often."""
        (self._folder / f"{service}.done").unlink(missing_ok=True)
        draft = self._folder / f".{service}"
        draft.write_text(json.dumps({"point": point, "after": after}), encoding="utf-8")
        draft.rename(self._folder / f"{service}.json")

    def struck(self, service: str) -> bool:
        """Whether it has died there."""
        return (self._folder / f"{service}.done").exists()

    def disarm(self, service: str) -> None:
        (self._folder / f"{service}.json").unlink(missing_ok=True)

"""What the load knows: every command that was sent, by its Idempotency-Key, and how it was answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["acknowledged", "unchanged", "refused", "unknown"]


@dataclass
class Entry:
    """One command. `receipt` and `place` (the `Position` header) are of its acknowledgement, `code` of its refusal.

    `answers` holds every receipt that came for the key: a repetition must answer as the first time.
    """

    key: str
    service: str
    actor: str
    path: str
    outcome: Outcome = "unknown"
    receipt: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    code: str = ""
    attempts: int = 0
    answers: list[dict[str, Any]] = field(default_factory=list)
    sent_at: float = field(default_factory=time.time)


class Ledger:
    """Append-only; the checker reads it at the end."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str, str], Entry] = {}
        self.defects: list[str] = []
        self.slowest = 0.0

    def defect(self, words: str) -> None:
        """What no fault excuses: an internal error, a case that never moved on."""
        self.defects.append(words)

    def sent(self, service: str, actor: str, key: str, path: str, times: int = 1) -> Entry:
        """The entry of a command that is about to be sent (again)."""
        entry = self.entries.setdefault((service, actor, key), Entry(key, service, actor, path))
        entry.attempts += times
        return entry

    def of(self, outcome: Outcome) -> Iterator[Entry]:
        return (entry for entry in self.entries.values() if entry.outcome == outcome)

    @property
    def acknowledged(self) -> int:
        return sum(1 for _ in self.of("acknowledged"))

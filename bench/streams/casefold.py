"""The fold that everybody does, in the standard library alone: where a case stands, from plain bodies."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

FIELDS = {
    "CaseOpened": ("enterprise", "enterprise_name", "authority", "region", "tier", "batch"),
    "ScoreNoted": ("verdict", "low", "high"),
    "ReviewStarted": ("level", "officer"),
    "ApplicationReturned": ("level", "unlocked"),
    "RoundOpened": ("level", "changed", "submission"),
    "CaseTakenOver": ("officer",),
}
STATUS = {
    "CaseOpened": "waiting",
    "RoundOpened": "waiting",
    "ReviewStarted": "in_review",
    "ApplicationReturned": "returned",
}


def fold(document: dict[str, Any] | None, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The document after one event; `name` is the middle of `ce_type`."""
    before = document or {"status": "none", "events": 0, "returns": 0}
    return {
        **before,
        **{field: body[field] for field in FIELDS[name]},
        "status": STATUS.get(name, before["status"]),
        "events": before["events"] + 1,
        "returns": before["returns"] + (name == "ApplicationReturned"),
    }


def name_of(headers: Any) -> str:
    """From a record's headers as any client gives them: pairs or a mapping."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    value = next(value for key, value in pairs if key == "ce_type")
    return str(value.decode() if isinstance(value, bytes) else value).split(".")[1]


class Told:
    """What a script tells whoever started it: `script BOOTSTRAP TOPIC EVENTS RESULT`.

    The clock runs from the first event to the last, so starting, joining a group and connecting are not in it.
    """

    def __init__(self) -> None:
        self.bootstrap, self.topic, events, result = sys.argv[1:5]
        self.events, self._result = int(events), Path(result)
        self.documents: dict[str, Any] = {}
        self.seen, self._began = 0, 0.0

    def take(self, key: str, document: dict[str, Any]) -> bool:
        """A document as folded so far; whether that was the last event."""
        if self.seen == 0:
            self._began = time.perf_counter()
        self.seen += 1
        self.documents[key] = document
        return self.seen >= self.events

    def tell(self) -> None:
        told = {"seconds": time.perf_counter() - self._began, "events": self.seen, "documents": self.documents}
        self._result.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")

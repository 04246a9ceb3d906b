"""Decisions written out in full: what the log says after each act, and what somebody hears who is refused.

The files lie in tests/vectors/decisions and are read in review like code: a change of one of them is a change of what
auditors and users meet. `FREEZE=1 pytest <file>` writes them anew; the test itself fails then, so that nobody forgets.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from libs.events.errors import Refused, RefusedTogether

VECTORS = Path(__file__).parent / "vectors" / "decisions"
READABLE = 12
"""A whole form, longer than that, is kept as its hash."""


def plain(value: Any) -> Any:
    """JSON-ready, always in the same order. A struct says its type and what differs from its defaults."""
    if isinstance(value, msgspec.Struct):
        usual = {field.name: field.default for field in msgspec.structs.fields(value)}
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        told = {
            name: plain(one) for name, one in fields.items() if type(one) is not type(usual[name]) or one != usual[name]
        }
        return {"is": type(value).__name__, **told}
    if isinstance(value, Mapping):
        entries = {str(plain(key)): plain(one) for key, one in value.items()}
        return entries if len(entries) <= READABLE else f"{len(entries)} entries, {_digest(entries)}"
    if isinstance(value, set | frozenset):
        return sorted(plain(one) for one in value)
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def told(outcome: Any, due: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    """Of an `Outcome`: the events with all they say, what they make due, and what of the state is new; or the refusal."""
    if outcome.refusal is not None:
        return {"refused": refused(outcome.refusal)}
    said: dict[str, Any] = {"events": [plain(event) for event in outcome.events]}
    if due is not None and outcome.events:
        said["due"] = [plain(due(event)) for event in outcome.events]
    before, after = outcome.before, outcome.state
    names = [name for name in after.__struct_fields__ if getattr(before, name) != getattr(after, name)]
    return {**said, "state": {name: plain(getattr(after, name)) for name in names}}


def table(
    given: Any, commands: Mapping[str, Callable[[], Any]], due: Callable[[Any], Any] | None = None
) -> dict[str, Any]:
    """What each command leads to in one situation."""
    return {name: told(given.when(command()), due) for name, command in commands.items()}


def refused(refusal: Refused) -> list[dict[str, Any]]:
    one_by_one = refusal.refusals if isinstance(refusal, RefusedTogether) else [refusal]
    return [
        {"code": one.code, "status": one.status}
        | {
            name: plain(value)
            for name in ("title", "detail", "rule", "since", "until", "contact", "way_out", "facts")
            if (value := getattr(one, name))
        }
        for one in one_by_one
    ]


def frozen(file: str, name: str, found: Any) -> Any:
    """What the file says of `name`."""
    path = VECTORS / f"{file}.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if os.environ.get("FREEZE"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(_pages(known | {name: found}), encoding="utf-8")
        raise AssertionError(f"{name} written; run again without FREEZE")
    assert name in known, f"{path.name} says nothing of {name!r}: FREEZE=1 writes it"
    return known[name]


def _digest(entries: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entries, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _pages(known: Mapping[str, Any]) -> str:
    """One line for each event, state or refusal: long enough to say all, short enough to be compared."""
    parts = []
    for name, said in sorted(known.items()):
        lines = [f"  {json.dumps(key, ensure_ascii=False)}: {_lines(value)}" for key, value in said.items()]
        parts.append(f" {json.dumps(name, ensure_ascii=False)}: {{\n" + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(value: Any) -> str:
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return "[\n" + ",\n".join(f"   {json.dumps(one, ensure_ascii=False)}" for one in value) + "\n  ]"
    return json.dumps(value, ensure_ascii=False)


def names(file: str) -> set[str]:
    path = VECTORS / f"{file}.json"
    return set(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else set()

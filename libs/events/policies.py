"""Policies are data inside the log: files are published once as events, decisions find them by business time."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, assert_never

import msgspec
import yaml

from libs.events.codec import decode
from libs.events.contracts.base import Event
from libs.events.contracts.platform import PolicyPart, PolicyPublished
from libs.events.contracts.times import business_date
from libs.events.decider import Command, Decider, Facts, Policies, Policy
from libs.events.envelope import Commit
from libs.events.names import category_of, stream_name

LARGEST_TEXT = 128 * 1024
PART = 96 * 1024
_TABLE = "\n...\n"
_HEAD = ("kind", "id", "title", "source", "authority", "effective_from")


class PolicyText(msgspec.Struct, frozen=True):
    """A policy's head and its exact text (YAML, then `...` and the CSV table if it has one)."""

    kind: str
    id: str
    authority: str
    title: str
    source: str
    effective_from: str
    effective_to: str | None
    text: str

    @property
    def sha256(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def read_policy_file(path: Path) -> PolicyText:
    """Raises ValueError naming the file and what is wrong with its head."""
    text = path.read_text(encoding="utf-8")
    try:
        head = yaml.load(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: {error}") from error
    missing = [name for name in _HEAD if not (isinstance(head, dict) and head.get(name))]
    if missing:
        raise ValueError(f"{path}: the head lacks {', '.join(missing)}")
    if "table" in head:
        text = text.rstrip("\n") + _TABLE + (path.parent / head["table"]).read_text(encoding="utf-8")
    until = head.get("effective_to")
    return PolicyText(
        head["kind"],
        str(head["id"]),
        str(head["authority"]),
        head["title"],
        _source(head["source"]),
        _iso(head["effective_from"]),
        None if until is None else _iso(until),
        text,
    )


def read_policy_files(folder: Path) -> list[PolicyText]:
    """Every policy under the sub-folders of `folder`, in a stable order."""
    return [read_policy_file(path) for path in sorted(folder.glob("*/*.yaml"))]


def load_policies(folder: Path) -> tuple[Policy, ...]:
    """The policies of a folder as they would be in force: for tests and tools."""
    return tuple(parse_policy(text, text.sha256) for text in read_policy_files(folder))


@lru_cache(maxsize=512)
def _parsed(text: str) -> tuple[dict[str, Any], tuple[dict[str, str], ...]]:
    head, found, table = text.partition(_TABLE)
    rows = tuple(csv.DictReader(io.StringIO(table))) if found else ()
    return yaml.load(head, Loader=yaml.CSafeLoader), rows


def parse_policy(text: PolicyText, hash_: str, recorded_at: str = "") -> Policy:
    content, rows = _parsed(text.text)
    return Policy(
        text.kind, text.id, text.authority, hash_, text.title, text.source, text.effective_from, text.effective_to,
        content, rows, recorded_at,
    )  # fmt: skip


def policy_stream(authority: str, kind: str, id: str) -> str:
    return stream_name("policy", authority, _slug(kind), _slug(id))


def _slug(text: str) -> str:
    return re.sub(r"[^0-9a-z_.]", "_", text.lower())


def _source(value: Any) -> str:
    """One line, also where a file gives its source as document, clause and more."""
    return "；".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)


def _iso(value: date | str) -> str:
    return value.isoformat() if isinstance(value, date) else value


class PublishPolicy(Command, frozen=True):
    """Publish (or copy from `origin`) a text that is new; `part` > 0 is one piece of a long one."""

    empty_is_fine = True

    text: PolicyText
    sha256: str
    part: int = 0
    parts: int = 0
    origin: str | None = None

    @property
    def stream(self) -> str:
        return policy_stream(self.text.authority, self.text.kind, self.text.id)


class PolicyState(msgspec.Struct, frozen=True):
    published: frozenset[tuple[str, str, str | None]] = frozenset()
    pieces: frozenset[tuple[str, int]] = frozenset()


def evolve(state: PolicyState, event: Event) -> PolicyState:
    match event:
        case PolicyPublished():
            key = (event.sha256, event.effective_from, event.effective_to)
            return msgspec.structs.replace(state, published=state.published | {key})
        case PolicyPart():
            return msgspec.structs.replace(state, pieces=state.pieces | {(event.sha256, event.part)})
        case _:
            return state


def decide(command: PublishPolicy, state: PolicyState, facts: Facts) -> list[Event]:
    text, at = command.text, command.received_at
    match command:
        case PublishPolicy(part=0):
            if (command.sha256, text.effective_from, text.effective_to) in state.published:
                return []
            return [
                PolicyPublished(
                    received_at=at, kind=text.kind, id=text.id, authority=text.authority, sha256=command.sha256,
                    title=text.title, source=text.source, effective_from=text.effective_from,
                    effective_to=text.effective_to, text="" if command.parts else text.text, parts=command.parts,
                    origin=command.origin,
                )
            ]  # fmt: skip
        case PublishPolicy():
            if (command.sha256, command.part) in state.pieces:
                return []
            return [PolicyPart(at, text.kind, text.id, command.sha256, command.part, command.parts, text.text)]
        case _:
            assert_never(command)


policy_decider: Decider[PolicyState] = Decider("policy", (PublishPolicy,), PolicyState, evolve, decide)


def pieces_of(text: PolicyText) -> Sequence[str]:
    """The parts of a long text, cut between characters; empty when it fits into one event."""
    if len(text.text.encode()) <= LARGEST_TEXT:
        return ()
    step = PART // 4  # a character is at most four bytes
    return [text.text[start : start + step] for start in range(0, len(text.text), step)]


class PolicyIndex:
    """All policies published in one service's log, and those in force at a business time."""

    def __init__(self) -> None:
        self._published: list[Policy] = []
        self._parts: dict[tuple[str, int], str] = {}
        self._seen: set[str] = set()
        self._positions: dict[int, int] = {}
        self._by_day: dict[str, Policies] = {}

    def take(self, commits: Iterable[Commit], *, read: bool = True) -> None:
        """Add what the commits publish; a commit seen before changes nothing. `read`: they were read in order from
        the log, so nothing before them is missing; this process's own commits do not say that."""
        for commit in commits:
            if category_of(commit.stream) != "policy":
                continue
            if read:
                self._positions[commit.shard] = max(commit.position, self.seen(commit.shard))
            if commit.id in self._seen:
                continue
            self._seen.add(commit.id)
            for stored in commit.events:
                event = decode(stored.type, stored.body)
                if isinstance(event, PolicyPart):
                    self._parts[event.sha256, event.part] = event.text
                elif isinstance(event, PolicyPublished):
                    self._publish(event, commit.recorded_at)

    def _publish(self, event: PolicyPublished, recorded_at: str) -> None:
        whole = event.text or "".join(self._parts[event.sha256, n] for n in range(1, event.parts + 1))
        text = PolicyText(
            event.kind, event.id, event.authority, event.title, event.source, event.effective_from,
            event.effective_to, whole,
        )  # fmt: skip
        self._published.append(parse_policy(text, event.sha256, recorded_at))
        self._by_day.clear()

    def seen(self, shard: int) -> int:
        """The newest position of a shard at which a policy was taken."""
        return self._positions.get(shard, 0)

    def at(self, moment: datetime) -> Policies:
        day = business_date(moment).isoformat()
        found = self._by_day.get(day)
        if found is None:
            if len(self._by_day) > 64:
                self._by_day.clear()
            found = self._by_day[day] = Policies(self._published, moment)
        return found

    def all(self) -> Sequence[Policy]:
        return tuple(self._published)

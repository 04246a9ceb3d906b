"""Records that nobody should ever send, of many kinds, and what a reader must make of each (architecture 3.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from libs.events.envelope import Commit, Record, chained, records_of

Headers = list[tuple[str, Any]]


class Raw(NamedTuple):
    """A record of whatever kind."""

    key: bytes | None
    value: bytes | None
    headers: Headers


def _with(headers: Headers, name: str, value: bytes | None) -> Headers:
    return [(n, value if n == name else v) for n, v in headers]


def _without(headers: Headers, name: str) -> Headers:
    return [(n, v) for n, v in headers if n != name]


# Of a true record, what makes it none: kept aside with the reason, the checkpoint untouched.
FOREIGN: dict[str, Callable[[Record], Raw]] = {
    "bad JSON, no headers": lambda r: Raw(b"k", b'{"a":', []),
    "no JSON at all": lambda r: Raw(r.key, bytes(range(256)), r.headers),
    "wrong schema": lambda r: Raw(r.key, b'{"message":1}', r.headers),
    "nothing": lambda r: Raw(None, None, []),
    "empty key and value": lambda r: Raw(b"", b"", []),
    "a tombstone": lambda r: Raw(r.key, None, r.headers),
    "a null header": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_subject", None)),
    "a null hash": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_hash", None)),
    "a header not UTF-8": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_type", b"\xff\xfe\x80")),
    "an extra header not UTF-8, no hash": lambda r: Raw(
        r.key, r.value, [*_without(r.headers, "ce_hash"), ("x", b"\xc3\x28")]
    ),
    "a missing header": lambda r: Raw(r.key, r.value, _without(r.headers, "ce_clock")),
    "no hash": lambda r: Raw(r.key, r.value, _without(r.headers, "ce_hash")),
    "a doubled header": lambda r: Raw(r.key, r.value, [*r.headers, r.headers[2]]),
    "a wrong hash": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_hash", b"0" * 64)),
    "a hash that is none": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_hash", b"\x00")),
    "a forged position": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_sequence", b"9" * 20)),
    "a position that is no number": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_sequence", b"first")),
    "another type": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_type", b"notifications.Unheard.v1")),
    "another version": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_type", b"notifications.MessagePosted.v9")),
    "an envelope from the future, unhashed": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_envelope", b"7")),
    "another actor": lambda r: Raw(r.key, r.value, _with(r.headers, "ce_actor", b"official:nobody")),
    "an oversize body": lambda r: Raw(r.key, b"x" * 300_000, r.headers),
    "headers without end": lambda r: Raw(r.key, r.value, [*r.headers, *((f"x{n}", b"y") for n in range(500)), ("x0", b"")]),
    "another protocol's message": lambda r: Raw(b"\x00\x01", b"\x00\x00\x00\x00\x01\x0a\x06", [("content-type", b"application/avro")]),
}  # fmt: skip


def true_but_unreadable(commit: Commit) -> dict[str, Commit]:
    """What this service's log could hold although this release cannot read it: the chain is right, the content is not.

    An unknown type is ignored; the others are parked under the raw bytes.
    """
    return {
        "an unknown type": _changed(commit, type="notifications.Unheard.v1"),
        "a version from the future": _changed(commit, type="notifications.MessagePosted.v9"),
        "bad JSON": _changed(commit, body='{"message":'),
        "a wrong schema": _changed(commit, body='{"message":{"not":"text"}}'),
        "an empty body": _changed(commit, body=""),
    }


def _changed(commit: Commit, **fields: str) -> Commit:
    events = [msgspec.structs.replace(event, **fields) for event in commit.events]
    return chained(msgspec.structs.replace(commit, events=events))


def raw(record: Record) -> Raw:
    return Raw(record.key, record.value, list(record.headers))


def raws(commit: Commit) -> list[Raw]:
    return [raw(record) for record in records_of(commit)]

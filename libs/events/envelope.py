"""A commit as it is stored, its records as they travel, and the hash over both. Exactly architecture §3.7."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from operator import itemgetter

import msgspec

ENVELOPE = 1
MOST_EVENTS = 256
"""In one commit."""
GENESIS = "0" * 64

HASHED_HEADERS = (
    "ce_specversion",
    "ce_envelope",
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_time",
    "content-type",
    "ce_partitionkey",
    "ce_shard",
    "ce_sequence",
    "ce_streamversion",
    "ce_commitsize",
    "ce_fingerprint",
    "ce_reads",
    "ce_clock",
    "ce_actor",
    "ce_correlationid",
    "ce_causationid",
    "ce_previoushash",
)
SENT_HEADERS = (*HASHED_HEADERS, "ce_hash", "ce_traceparent")
"""As a relay sends them, in this order; the last one may be missing, and no hash covers it."""
_VALUES = itemgetter(*HASHED_HEADERS)
_LINES = b"".join(f"{name}=%b\n".encode() for name in HASHED_HEADERS) + b"\n"


class StoredEvent(msgspec.Struct, frozen=True):
    """`body` is the exact JSON text that is hashed, stored and sent."""

    id: str
    type: str
    body: str
    hash: str


class Commit(msgspec.Struct, frozen=True, rename={"id": "_id"}):
    """One decision: one document of `commits`. Numbers are of its first and last event."""

    id: str
    fingerprint: str
    envelope: int
    source: str
    partition_key: str
    shard: int
    position: int
    last_position: int
    stream: str
    version: int
    last_version: int
    reads: list[tuple[str, int]]
    recorded_at: str
    clock: str
    actor: str
    correlation_id: str
    causation_id: str
    traceparent: str
    events: list[StoredEvent]
    previous_hash: str
    hash: str


class Record(msgspec.Struct, frozen=True):
    """One event on the topic: key, exact body, headers in order (`ce_hash` and `ce_traceparent` come last)."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def hash_of(values: Mapping[str, bytes], body: bytes) -> str:
    """SHA-256 of `name=value` lines in the fixed order, an empty line, and the body. KeyError when one is missing."""
    return hash_in_order(_VALUES(values), body)


def hashed_text(values: tuple[bytes, ...], body: bytes) -> bytes:
    """What is hashed: the values of HASHED_HEADERS, in that order, and the body."""
    return _LINES % values + body


def hash_in_order(values: tuple[bytes, ...], body: bytes) -> str:
    return sha256(hashed_text(values, body)).hexdigest()


def reads_text(reads: list[tuple[str, int]]) -> str:
    return ",".join(f"{stream}@{version}" for stream, version in reads) or "-"


def parse_reads(text: str) -> list[tuple[str, int]]:
    if text == "-":
        return []
    return [(s, int(v)) for s, _, v in (part.rpartition("@") for part in text.split(","))]


def event_headers(commit: Commit, n: int, previous_hash: str) -> tuple[bytes, ...]:
    """The values of HASHED_HEADERS, in that order, of the commit's event number `n` (from 0)."""
    event = commit.events[n]
    values = (
        "1.0",
        str(commit.envelope),
        event.id,
        event.type,
        commit.source,
        commit.stream,
        commit.recorded_at,
        "application/json",
        commit.partition_key,
        str(commit.shard),
        f"{commit.position + n:020d}",
        f"{commit.version + n:020d}",
        str(len(commit.events)),
        commit.fingerprint,
        reads_text(commit.reads),
        commit.clock,
        commit.actor,
        commit.correlation_id,
        commit.causation_id,
        previous_hash,
    )
    return tuple([value.encode("ascii") for value in values])


def chained(commit: Commit) -> Commit:
    """The same commit with each event's hash and its own set, chained from `previous_hash`."""
    previous, events = commit.previous_hash, []
    for n, event in enumerate(commit.events):
        previous = hash_in_order(event_headers(commit, n, previous), event.body.encode())
        events.append(msgspec.structs.replace(event, hash=previous))
    return msgspec.structs.replace(commit, events=events, hash=previous)


def records_of(commit: Commit) -> Iterator[Record]:
    """What the relay sends: one record per event, in order."""
    previous = commit.previous_hash
    for n, event in enumerate(commit.events):
        values = (*event_headers(commit, n, previous), event.hash.encode(), commit.traceparent.encode())
        headers = list(zip(SENT_HEADERS, values, strict=True))
        yield Record(commit.stream.encode(), event.body.encode(), headers)
        previous = event.hash


def commit_fault(commit: Commit) -> str | None:
    """What is wrong inside a stored commit (its hashes or counts), or None."""
    size = len(commit.events)
    if commit.last_position - commit.position + 1 != size or commit.last_version - commit.version + 1 != size:
        return "the number of events does not fit the positions"
    if [event.id for event in commit.events] != [f"{commit.id}.{n}" for n in range(1, size + 1)]:
        return "the events' ids are not the command's"
    if chained(commit) != commit:
        return "a hash does not verify: the content was changed"
    return None

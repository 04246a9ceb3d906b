"""Records off the topic: verified by their own hash, or foreign. No record can make this raise."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec

from libs.events.codec import decode
from libs.events.contracts.actors import parse_actor
from libs.events.contracts.times import parse_time
from libs.events.envelope import ENVELOPE, HASHED_HEADERS, Commit, StoredEvent, hash_of, parse_reads
from libs.events.errors import Poison
from libs.events.recorded import Recorded

_NEEDED = frozenset((*HASHED_HEADERS, "ce_hash"))


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as it lies in a topic, whatever it is."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


class Foreign(msgspec.Struct, frozen=True):
    """A record that is not part of the shard, and why."""

    raw: RawRecord
    reason: str


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """A record whose hash verifies: one event of a commit, not yet decoded."""

    raw: RawRecord
    values: dict[str, bytes]
    id: str
    type: str
    stream: str
    partition_key: str
    position: int
    version: int
    size: int
    number: int
    hash: str
    previous_hash: str


class UnknownEnvelope(Exception):
    """An envelope version that this reader does not know: it must halt, not guess."""

    def __init__(self, version: str, position: int) -> None:
        super().__init__(version)
        self.position = position


def raw_record(record: Any) -> RawRecord:
    """From a client's consumer record."""
    return RawRecord(
        record.topic, record.partition, record.offset, record.key, record.value, tuple(record.headers or ())
    )


def verify(raw: RawRecord) -> Arrived | Foreign:
    """Architecture §3.3, first row: what does not verify is foreign. Raises UnknownEnvelope only for a true record."""
    values = dict(raw.headers)
    if len(values) != len(raw.headers) or None in values.values() or not values.keys() >= _NEEDED:
        return Foreign(raw, _what_is_wrong(raw))
    try:
        return _verified(raw, cast(dict[str, bytes], values))
    except (ValueError, UnicodeDecodeError) as error:
        return Foreign(raw, f"a header cannot be read: {error}")


def _what_is_wrong(raw: RawRecord) -> str:
    """In words, for headers that are null, doubled or missing."""
    seen: set[str] = set()
    for name, value in raw.headers:
        if value is None or name in seen:
            return f"header {name} is null or doubled"
        seen.add(name)
    return f"header {next(name for name in (*HASHED_HEADERS, 'ce_hash') if name not in seen)} is missing"


def _verified(raw: RawRecord, values: dict[str, bytes]) -> Arrived | Foreign:
    body = raw.value or b""
    hash_ = hash_of(values, body)
    if values["ce_hash"] != hash_.encode():
        return Foreign(raw, "the hash does not verify")
    if int(values["ce_shard"]) != raw.partition:
        return Foreign(raw, "the shard is not this partition")
    if int(values["ce_envelope"]) != ENVELOPE:
        raise UnknownEnvelope(values["ce_envelope"].decode(), int(values["ce_sequence"]))
    id_ = values["ce_id"].decode()
    return Arrived(
        raw, values, id_, values["ce_type"].decode(), values["ce_subject"].decode(),
        values["ce_partitionkey"].decode(), int(values["ce_sequence"]), int(values["ce_streamversion"]),
        int(values["ce_commitsize"]), int(id_.rpartition(".")[2]), hash_, values["ce_previoushash"].decode(),
    )  # fmt: skip


def recorded(arrived: Arrived) -> Recorded[Any] | None:
    """Decoded, or None for a type unknown here. Raises Poison."""
    data = decode(arrived.type, arrived.raw.value or b"")
    if data is None:
        return None
    values = arrived.values
    try:
        return Recorded(
            data, arrived.id, arrived.type, arrived.type.partition(".")[0], arrived.stream, arrived.version,
            arrived.partition_key, arrived.raw.partition, arrived.position, arrived.hash,
            parse_time(values["ce_time"].decode()), int(values["ce_clock"], 16),
            parse_actor(values["ce_actor"].decode()), values["ce_correlationid"].decode(),
            values["ce_causationid"].decode(), values.get("ce_traceparent", b"").decode("ascii", "replace"),
        )  # fmt: skip
    except (ValueError, KeyError, msgspec.ValidationError) as error:
        raise Poison(f"{arrived.id}: {error}") from error


def commit_of(records: Sequence[Arrived]) -> Commit:
    """The stored commit that these records (all of one commit, in order) are the copy of."""
    first, last = records[0], records[-1]
    values = {name: value.decode() for name, value in first.values.items()}
    return Commit(
        id=first.id.rpartition(".")[0],
        fingerprint=values["ce_fingerprint"],
        envelope=int(values["ce_envelope"]),
        source=values["ce_source"],
        partition_key=first.partition_key,
        shard=first.raw.partition,
        position=first.position,
        last_position=last.position,
        stream=first.stream,
        version=first.version,
        last_version=last.version,
        reads=parse_reads(values["ce_reads"]),
        recorded_at=values["ce_time"],
        clock=values["ce_clock"],
        actor=values["ce_actor"],
        correlation_id=values["ce_correlationid"],
        causation_id=values["ce_causationid"],
        traceparent=values.get("ce_traceparent", ""),
        events=[StoredEvent(r.id, r.type, (r.raw.value or b"").decode(), r.hash) for r in records],
        previous_hash=first.previous_hash,
        hash=last.hash,
    )

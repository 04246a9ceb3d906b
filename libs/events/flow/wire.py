"""Records off the topic: verified by their own hash, or foreign. No record can make this raise."""

from collections.abc import Sequence
from typing import Any

import msgspec

from libs.events.codec import decode
from libs.events.contracts.actors import parse_actor
from libs.events.contracts.times import parse_time
from libs.events.envelope import (
    ENVELOPE,
    HASHED_HEADERS,
    SENT_HEADERS,
    Commit,
    StoredEvent,
    hash_in_order,
    parse_reads,
)
from libs.events.errors import Poison
from libs.events.recorded import Recorded

_HASHED = len(HASHED_HEADERS)
_ENVELOPE = str(ENVELOPE).encode()
(
    _SPEC, _VERSION, _ID, _TYPE, _SOURCE, _SUBJECT, _TIME, _CONTENT, _KEY, _SHARD, _SEQUENCE, _STREAM_VERSION, _SIZE,
    _FINGERPRINT, _READS, _CLOCK, _ACTOR, _CORRELATION, _CAUSATION, _PREVIOUS, _HASH, _TRACE,
) = range(len(SENT_HEADERS))  # fmt: skip


Headers = Sequence[tuple[str, bytes | None]]


class RawRecord(msgspec.Struct, frozen=True, gc=False):
    """A record as it lies in a topic, whatever it is.

    Names and values of headers are kept apart: of a relay's record the names are `SENT_HEADERS` itself, and the collector
    does not look at 22 pairs of each.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    names: tuple[str, ...]
    values: tuple[bytes | None, ...]

    @classmethod
    def of(
        cls, topic: str, partition: int, offset: int, key: bytes | None, value: bytes | None, headers: Headers
    ) -> "RawRecord":
        names, values = zip(*headers, strict=True) if headers else ((), ())
        return cls(topic, partition, offset, key, value, SENT_HEADERS if names == SENT_HEADERS else names, values)

    @property
    def headers(self) -> tuple[tuple[str, bytes | None], ...]:
        return tuple(zip(self.names, self.values, strict=True))


class Foreign(msgspec.Struct, frozen=True):
    """A record that is not part of the shard, and why."""

    raw: RawRecord
    reason: str


class Arrived(msgspec.Struct, frozen=True, gc=False):
    """A record whose hash verifies: one event of a commit, not yet decoded. `values` are those of SENT_HEADERS."""

    raw: RawRecord
    values: tuple[bytes, ...]
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
    return RawRecord.of(record.topic, record.partition, record.offset, record.key, record.value, record.headers)


def verify(raw: RawRecord) -> Arrived | Foreign:
    """Architecture §3.3, first row: what does not verify is foreign. Raises UnknownEnvelope only for a true record."""
    values = _as_sent(raw) or _in_order(raw)
    if values is None:
        return Foreign(raw, _what_is_wrong(raw))
    try:
        return _verified(raw, values)
    except TypeError:  # a null among those that are hashed
        return Foreign(raw, _what_is_wrong(raw))
    except (ValueError, UnicodeDecodeError) as error:
        return Foreign(raw, f"a header cannot be read: {error}")


def _as_sent(raw: RawRecord) -> tuple[bytes, ...] | None:
    """The values, when the headers stand as every relay sends them; hashing finds nulls."""
    values: Any = raw.values
    if raw.names is not SENT_HEADERS or values[_HASH] is None or values[_TRACE] is None:
        return None
    return values  # type: ignore[no-any-return]


def _in_order(raw: RawRecord) -> tuple[bytes, ...] | None:
    """The values of headers in any order, others among them, if each stands there once."""
    values = dict(zip(raw.names, raw.values, strict=True))
    if len(values) != len(raw.names) or None in values.values():
        return None
    found = [values.get(name) for name in SENT_HEADERS]
    if found[_TRACE] is None:
        found[_TRACE] = b""
    known = tuple([value for value in found if value is not None])
    return known if len(known) == len(SENT_HEADERS) else None


def _what_is_wrong(raw: RawRecord) -> str:
    """In words, for headers that are null, doubled or missing."""
    seen: set[str] = set()
    for name, value in raw.headers:
        if value is None or name in seen:
            return f"header {name} is null or doubled"
        seen.add(name)
    return f"header {next(name for name in SENT_HEADERS if name not in seen)} is missing"


def _verified(raw: RawRecord, values: tuple[bytes, ...]) -> Arrived | Foreign:
    hash_ = hash_in_order(values[:_HASHED], raw.value or b"")
    if values[_HASH] != hash_.encode():
        return Foreign(raw, "the hash does not verify")
    if int(values[_SHARD]) != raw.partition:
        return Foreign(raw, "the shard is not this partition")
    sequence = int(values[_SEQUENCE])
    if values[_VERSION] != _ENVELOPE and int(values[_VERSION]) != ENVELOPE:
        raise UnknownEnvelope(values[_VERSION].decode(), sequence)
    id_ = values[_ID].decode()
    return Arrived(
        raw, values, id_, values[_TYPE].decode(), values[_SUBJECT].decode(), values[_KEY].decode(), sequence,
        int(values[_STREAM_VERSION]), int(values[_SIZE]), int(id_.rpartition(".")[2]), hash_, values[_PREVIOUS].decode(),
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
            parse_time(values[_TIME].decode()), int(values[_CLOCK], 16), parse_actor(values[_ACTOR].decode()),
            values[_CORRELATION].decode(), values[_CAUSATION].decode(), values[_TRACE].decode("ascii", "replace"),
        )  # fmt: skip
    except (ValueError, msgspec.ValidationError) as error:
        raise Poison(f"{arrived.id}: {error}") from error


def commit_of(records: Sequence[Arrived]) -> Commit:
    """The stored commit that these records (all of one commit, in order) are the copy of."""
    first, last = records[0], records[-1]
    values = {name: value.decode() for name, value in zip(SENT_HEADERS, first.values, strict=True)}
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
        traceparent=values["ce_traceparent"],
        events=[StoredEvent(r.id, r.type, (r.raw.value or b"").decode(), r.hash) for r in records],
        previous_hash=first.previous_hash,
        hash=last.hash,
    )

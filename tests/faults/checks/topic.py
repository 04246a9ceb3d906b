"""The topic against the store: by the reader's rule it is the same, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.checks.ids import GENESIS, HASHED, hash_of, headers_of
from tests.faults.evidence import Evidence, Finding, Raw


@dataclass
class Reading:
    """A partition by the reader's rule: the shard, how many records repeat, which are no event, where it forks."""

    shard: list[Raw] = field(default_factory=list)
    repeated: int = 0
    strays: list[int] = field(default_factory=list)
    beyond: list[int] = field(default_factory=list)
    forks: list[int] = field(default_factory=list)


def read(records: Sequence[Raw], shard: int) -> Reading:
    """Drop every record that is not the next one or does not verify; a verified next one from elsewhere is a fork."""
    found, position, last = Reading(), 0, GENESIS
    for record in records:
        values = _verified(record)
        if values is None or values["ce_shard"] != str(shard):
            found.strays.append(record.offset)
            continue
        at = int(values["ce_sequence"])
        if at > position + 1:
            found.beyond.append(record.offset)
        elif at <= position:
            found.repeated += 1
            if dict(found.shard[at - 1].headers)["ce_hash"] != values["ce_hash"].encode():
                found.forks.append(record.offset)
        elif values["ce_previoushash"] != last:
            found.forks.append(record.offset)
        else:
            found.shard.append(record)
            position, last = at, values["ce_hash"]
    return found


def _verified(record: Raw) -> dict[str, str] | None:
    """The headers as text, if the hash says that this is an event."""
    values: dict[str, str] = {}
    for name, value in record.headers:
        if value is None or name in values:
            return None
        try:
            values[name] = value.decode("ascii")
        except UnicodeDecodeError:
            if name in HASHED or name == "ce_hash":
                return None
    try:
        right = hash_of(values, record.value or b"") == values["ce_hash"]
    except (KeyError, UnicodeEncodeError):
        return None
    return values if right and values["ce_sequence"].isdigit() else None


def topics(evidence: Evidence) -> Iterator[Finding]:
    """Key, headers and body of every event are the store's bytes; nothing is missing and nothing is more."""
    for service in evidence.commits:
        commits = evidence.by_shard(service)
        for shard in range(evidence.shards):
            reading = read(evidence.topics[service].get(shard, []), shard)
            where = f"{service}.events/{shard}"
            for offset in reading.forks:
                yield Finding("doubled", "topics", f"{where}: offset {offset} is another history of its position")
            for offset in reading.beyond:
                yield Finding("lost", "topics", f"{where}: offset {offset} comes before what it follows")
            if reading.strays and not evidence.expected.strays:
                words = f"{where}: {len(reading.strays)} records are no event, first at offset {reading.strays[0]}"
                yield Finding("broken", "topics", words)
            wanted = [(c, n) for c in commits.get(shard, []) for n in range(len(c["events"]))]
            if len(wanted) > len(reading.shard):
                yield Finding("lost", "topics", f"{where}: {len(reading.shard)} of {len(wanted)} events are there")
            if len(wanted) < len(reading.shard):
                words = f"{where}: {len(reading.shard)} events, the store has {len(wanted)}"
                yield Finding("lost", "topics", words)
            for (commit, n), record in zip(wanted, reading.shard, strict=False):
                if not _same(commit, n, record):
                    words = f"{where}: offset {record.offset} differs from {commit['_id']}.{n + 1}"
                    yield Finding("broken", "topics", words)


def _same(commit: dict[str, object], n: int, record: Raw) -> bool:
    events: list[dict[str, str]] = commit["events"]  # type: ignore[assignment]
    previous = str(commit["previous_hash"]) if n == 0 else events[n - 1]["hash"]
    wanted = {name: value.encode() for name, value in headers_of(commit, n, previous).items()}
    wanted |= {"ce_hash": events[n]["hash"].encode(), "ce_traceparent": str(commit["traceparent"]).encode()}
    key, body = str(commit["stream"]).encode(), events[n]["body"].encode()
    return (record.key, record.value, dict(record.headers)) == (key, body, wanted)


CHECKS = (topics,)

"""The stored log by itself: dense numbers, ids, shards, hashes, and a clock that only goes forward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.faults.checks.ids import GENESIS, hash_of, headers_of, shard_of
from tests.faults.evidence import Evidence, Finding


def positions(evidence: Evidence) -> Iterator[Finding]:
    """Each shard counts its events from 1 without a gap and without a repetition."""
    for service in evidence.commits:
        for shard, commits in evidence.by_shard(service).items():
            at = 0
            for commit in commits:
                where = f"{service}/{shard}/{commit['position']} ({commit['_id']})"
                if commit["position"] > at + 1:
                    yield Finding("lost", "positions", f"{where} follows position {at}")
                elif commit["position"] < at + 1:
                    yield Finding("doubled", "positions", f"{where} comes again after position {at}")
                if commit["last_position"] - commit["position"] + 1 != len(commit["events"]):
                    yield Finding("broken", "positions", f"{where}: its events do not fit its positions")
                at = max(at, commit["last_position"])


def versions(evidence: Evidence) -> Iterator[Finding]:
    """Each stream counts its events from 1, in the order of the shard."""
    for service in evidence.commits:
        at: dict[str, int] = {}
        for commits in evidence.by_shard(service).values():
            for commit in commits:
                stream, version = commit["stream"], commit["version"]
                if version != at.get(stream, 0) + 1:
                    kind = "lost" if version > at.get(stream, 0) + 1 else "doubled"
                    yield Finding(kind, "versions", f"{service} {stream}: {version} follows {at.get(stream, 0)}")
                if commit["last_version"] - version + 1 != len(commit["events"]):
                    yield Finding("broken", "versions", f"{service} {stream}@{version}: events do not fit versions")
                at[stream] = commit["last_version"]


def names(evidence: Evidence) -> Iterator[Finding]:
    """Ids occur once; events are named after their command; the shard follows from the stream's name."""
    seen: Counter[str] = Counter(c["_id"] for commits in evidence.commits.values() for c in commits)
    for id_, times in seen.items():
        if times > 1:
            yield Finding("doubled", "names", f"command {id_} is in the logs {times} times")
    for service, commits in evidence.commits.items():
        for commit in commits:
            yield from _named(evidence, service, commit)


def _named(evidence: Evidence, service: str, commit: dict[str, Any]) -> Iterator[Finding]:
    key, where = commit["partition_key"], f"{service} {commit['_id']}"
    if [event["id"] for event in commit["events"]] != [
        f"{commit['_id']}.{n + 1}" for n in range(len(commit["events"]))
    ]:
        yield Finding("broken", "names", f"{where}: its events are not named after it")
    if commit["stream"].split("-")[1] != key or shard_of(key, evidence.shards) != commit["shard"]:
        yield Finding("broken", "names", f"{where}: stream, partition key and shard do not fit")
    if commit["source"] != f"/tidu/{evidence.deployment}/1/{service}":
        yield Finding("broken", "names", f"{where}: its source is {commit['source']}")
    if any(not event["type"].startswith(f"{service}.") for event in commit["events"]):
        yield Finding("broken", "names", f"{where}: it says what another service says")


def hashes(evidence: Evidence) -> Iterator[Finding]:
    """Every event's hash, recomputed; each takes up the one before it in its shard."""
    for service in evidence.commits:
        for shard, commits in evidence.by_shard(service).items():
            previous = GENESIS
            for commit in commits:
                if commit["previous_hash"] != previous:
                    yield Finding("broken", "hashes", f"{service}/{shard}/{commit['position']} takes up another hash")
                previous = commit["previous_hash"]
                for n, event in enumerate(commit["events"]):
                    previous = hash_of(headers_of(commit, n, previous), event["body"].encode())
                    if previous != event["hash"]:
                        words = f"{service}/{shard}/{commit['position'] + n}: the hash does not verify"
                        yield Finding("broken", "hashes", words)
                        previous = event["hash"]
                if previous != commit["hash"]:
                    yield Finding("broken", "hashes", f"{service}/{shard}/{commit['position']}: its last hash differs")


def clocks(evidence: Evidence) -> Iterator[Finding]:
    """Time never goes back in a shard; the hybrid clock goes forward; what was read lies before."""
    for service in evidence.commits:
        heads: dict[str, list[tuple[int, int]]] = {}
        for shard, commits in evidence.by_shard(service).items():
            time, clock = "", -1
            for commit in commits:
                where, now = f"{service}/{shard}/{commit['position']}", int(commit["clock"], 16)
                if commit["recorded_at"] < time:
                    yield Finding("broken", "clocks", f"{where}: {commit['recorded_at']} comes after {time}")
                if now <= clock:
                    yield Finding("broken", "clocks", f"{where}: the clock does not go forward")
                time, clock = max(time, commit["recorded_at"]), max(clock, now)
                heads.setdefault(commit["stream"], []).append((commit["last_version"], now))
        for commit in evidence.commits[service]:
            for stream, version in commit["reads"]:
                yield from _read_before(service, commit, stream, version, heads.get(stream, []))


def _read_before(
    service: str, commit: dict[str, Any], stream: str, version: int, heads: list[tuple[int, int]]
) -> Iterator[Finding]:
    if version == 0:
        return
    read = [clock for last, clock in heads if last == version]
    if not read or read[0] >= int(commit["clock"], 16):
        words = f"{service} {commit['_id']} looked at {stream}@{version}, which is not there before it"
        yield Finding("broken", "clocks", words)


CHECKS = (positions, versions, names, hashes, clocks)

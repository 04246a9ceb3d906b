"""What must hold of the toy service, read raw from store and topic: told anew, without the kernel's verification."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from libs.events.envelope import Commit
from tests.faults.checker import Finding
from tests.integration.lab import SERVICE, Log, records

# Architecture 3.7, in this order.
_LINES = (
    "ce_specversion", "ce_envelope", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type",
    "ce_partitionkey", "ce_shard", "ce_sequence", "ce_streamversion", "ce_commitsize", "ce_fingerprint", "ce_reads",
    "ce_clock", "ce_actor", "ce_correlationid", "ce_causationid", "ce_previoushash",
)  # fmt: skip
Raw = Mapping[str, Any]


class Facts:
    """Everything of one toy as it lies there."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.commits: list[Raw] = []
        self.topic: dict[int, list[tuple[int, str, bytes]]] = {}
        self.documents: dict[str, Raw] = {}
        self.parked: list[Raw] = []
        self.foreign: list[Raw] = []

    async def read(self) -> Facts:
        log, client = self.log, AsyncIOMotorClient[Any](self.log.backends.store_uri)
        try:
            commits = client[f"{log.prefix}{SERVICE}_log"]["commits"]
            state = client[f"{log.prefix}{SERVICE}"]
            self.commits = await commits.find({}).sort([("shard", 1), ("position", 1)]).to_list(None)
            self.documents = {d["_id"]: d async for d in state["counters_v1"].find({})}
            self.parked = await state["parked"].find({}).to_list(None)
            self.foreign = await state["foreign"].find({}).to_list(None)
        finally:
            await asyncio.to_thread(client.close)
        raw = await records(log.backends, log.topic)
        self.topic = {shard: _by_the_rule(partition) for shard, partition in raw.items()}
        return self

    def stored(self) -> dict[int, list[tuple[int, str, bytes]]]:
        found: dict[int, list[tuple[int, str, bytes]]] = {shard: [] for shard in self.topic}
        for commit in self.commits:
            found[commit["shard"]] += [
                (commit["position"] + n, event["hash"], event["body"].encode())
                for n, event in enumerate(commit["events"])
            ]
        return found

    def folded(self, without: Collection[str] = ()) -> dict[str, Raw]:
        """What `counters` holds after the log, told from the stored bodies; `without` are ids of parked events."""
        found: dict[str, Any] = {}
        for commit in self.commits:
            for n, event in enumerate(commit["events"]):
                if event["type"] == "notifications.MessagePosted.v1" and event["id"] not in without:
                    document = found.setdefault(commit["stream"], {"_id": commit["stream"], "seen": []})
                    document["seen"].append(json.loads(event["body"])["body"])
                    document["position"] = commit["position"] + n
        return found

    def asked(self, without: Collection[str] = ()) -> set[str]:
        """The events that want an echo."""
        return {
            event["id"]
            for commit in self.commits
            for event in commit["events"]
            if '"title":"echo"' in event["body"] and event["id"] not in without
        }

    def answered(self) -> Counter[str]:
        return Counter(commit["causation_id"] for commit in self.commits if commit["stream"].endswith("-echo"))


def _by_the_rule(partition: list[Any]) -> list[tuple[int, str, bytes]]:
    """Architecture 3.2: without every record that is not the next one, or whose hash does not verify."""
    taken: list[tuple[int, str, bytes]] = []
    for record in partition:
        headers = dict(record.headers or ())
        if len(headers) != len(record.headers or ()) or any(headers.get(name) is None for name in (*_LINES, "ce_hash")):
            continue
        text = b"".join(name.encode() + b"=" + headers[name] + b"\n" for name in _LINES) + b"\n" + (record.value or b"")
        verifies = sha256(text).hexdigest().encode() == headers["ce_hash"]
        if verifies and int(headers["ce_sequence"]) == len(taken) + 1:
            taken.append((len(taken) + 1, headers["ce_hash"].decode(), record.value))
    return taken


async def unfinished(log: Log, without: Collection[str] = (), foreign: int | None = None) -> list[str]:
    """What has not happened yet."""
    facts = await Facts(log).read()
    left = []
    if facts.stored() != facts.topic:
        left.append("not all is in the topic")
    if facts.documents != facts.folded(without):
        left.append("the read model is behind")
    if missing := facts.asked(without) - set(facts.answered()):
        left.append(f"{len(missing)} reactions are missing")
    if foreign is not None and len(facts.foreign) != foreign:
        left.append(f"{len(facts.foreign)} foreign records, not {foreign}")
    return left


async def findings(
    log: Log,
    acknowledged: Mapping[str, Commit],
    without: Collection[str] = (),
    foreign: int = 0,
    parked: int = 0,
    shards_not_folded: Collection[int] = (),
) -> list[Finding]:
    """`without`: events that are parked; `foreign`, `parked`: how many such records there must be, exactly."""
    facts = await Facts(log).read()
    found = [*_chain(facts), *_acknowledged(facts, acknowledged), *_topic(facts, shards_not_folded)]
    found += _fold(facts, without, shards_not_folded)
    if len(facts.foreign) != foreign:
        found.append(Finding("broken", "foreign", f"{len(facts.foreign)} records kept aside, {foreign} expected"))
    if len(facts.parked) != parked:
        found.append(Finding("broken", "parked", f"{len(facts.parked)} records parked, {parked} expected"))
    return found


def _chain(facts: Facts) -> list[Finding]:
    found, at, versions, seen = [], dict[int, tuple[int, str, int]](), dict[str, int](), set[str]()
    for commit in facts.commits:
        position, hash_, clock = at.get(commit["shard"], (0, "0" * 64, 0))
        place = f"shard {commit['shard']} position {commit['position']}"
        if (commit["position"], commit["previous_hash"]) != (position + 1, hash_):
            found.append(Finding("broken", "chain", f"{place}: does not follow position {position}"))
        if commit["version"] != versions.get(commit["stream"], 0) + 1:
            found.append(Finding("broken", "stream", f"{place}: {commit['stream']} version {commit['version']}"))
        if int(commit["clock"], 16) <= clock:
            found.append(Finding("broken", "clock", f"{place}: runs backwards"))
        if commit["_id"] in seen:
            found.append(Finding("doubled", "command", f"{place}: {commit['_id']} is there twice"))
        seen.add(commit["_id"])
        if (hash_ := _hash(commit)) != commit["hash"]:
            found.append(Finding("broken", "hash", f"{place}: {commit['_id']}"))
        at[commit["shard"]] = (commit["last_position"], hash_, int(commit["clock"], 16))
        versions[commit["stream"]] = commit["last_version"]
    return found


def _hash(commit: Raw) -> str:
    previous = commit["previous_hash"]
    for n, event in enumerate(commit["events"]):
        reads = ",".join(f"{stream}@{version}" for stream, version in commit["reads"]) or "-"
        values = (
            "1.0", commit["envelope"], event["id"], event["type"], commit["source"], commit["stream"],
            commit["recorded_at"], "application/json", commit["partition_key"], commit["shard"],
            f"{commit['position'] + n:020d}", f"{commit['version'] + n:020d}", len(commit["events"]),
            commit["fingerprint"], reads, commit["clock"], commit["actor"], commit["correlation_id"],
            commit["causation_id"], previous,
        )  # fmt: skip
        text = "".join(f"{name}={value}\n" for name, value in zip(_LINES, values, strict=True))
        previous = sha256(f"{text}\n{event['body']}".encode()).hexdigest()
    return str(previous)


def _acknowledged(facts: Facts, acknowledged: Mapping[str, Commit]) -> list[Finding]:
    stored = {commit["_id"]: commit for commit in facts.commits}
    found = []
    for id_, commit in acknowledged.items():
        there = stored.get(id_)
        if there is None:
            found.append(Finding("lost", "acknowledged", f"{id_}, shard {commit.shard} position {commit.position}"))
        elif (there["position"], there["hash"]) != (commit.position, commit.hash):
            found.append(Finding("broken", "acknowledged", f"{id_} is not where its receipt says"))
    return found


def _topic(facts: Facts, not_these: Collection[int]) -> list[Finding]:
    found = []
    for shard, places in facts.stored().items():
        copy = facts.topic.get(shard, [])
        if shard not in not_these and places != copy:
            found.append(Finding("broken", "topic", f"shard {shard}: {len(places)} stored, {len(copy)} in the topic"))
    return found


def _fold(facts: Facts, without: Collection[str], not_these: Collection[int]) -> list[Finding]:
    streams = {commit["stream"]: commit["shard"] for commit in facts.commits}
    wanted, found = facts.folded(without), []
    for stream in {*wanted, *facts.documents}:
        if streams.get(stream) not in not_these and wanted.get(stream) != facts.documents.get(stream):
            found.append(Finding("broken", "fold", f"{stream}: {facts.documents.get(stream)}"[:200]))
    asked, answered = facts.asked(without), facts.answered()
    shards = {event["id"]: commit["shard"] for commit in facts.commits for event in commit["events"]}
    found += [Finding("lost", "reaction", id_) for id_ in asked - set(answered) if shards[id_] not in not_these]
    found += [Finding("doubled", "reaction", id_) for id_, times in answered.items() if times > 1]
    found += [Finding("broken", "reaction", f"{id_} asked for nothing") for id_ in set(answered) - facts.asked()]
    return found

"""Commands of users against the log: acknowledged exactly once where it was said, refused nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.faults.checks.ids import blind, id_of
from tests.faults.evidence import Evidence, Finding
from tests.faults.ledger import Entry

USERS = ("account:", "official:", "public:")


def acknowledged(evidence: Evidence) -> Iterator[Finding]:
    """Each acknowledged command is one commit, under the id that 3.1 gives it, at the place it was told."""
    times = Counter((service, c["_id"]) for service, commits in evidence.commits.items() for c in commits)
    found = {(service, c["_id"]): c for service, commits in evidence.commits.items() for c in commits}
    for entry in evidence.ledger.of("acknowledged"):
        where = f"{entry.path} with key {entry.key}"
        id_ = command_of(evidence, entry)
        commit = found.get((entry.service, id_))
        if commit is None:
            yield Finding("lost", "acknowledged", f"{where}: command {id_} of {entry.place} is not in the log")
            continue
        if times[entry.service, id_] != 1:
            yield Finding("doubled", "acknowledged", f"{where}: command {id_} is in the log more than once")
        if receipt_of(commit) != {name: entry.receipt.get(name) for name in receipt_of(commit)}:
            yield Finding("broken", "acknowledged", f"{where}: the receipt is not of the commit {id_}")
        if entry.place != f"{entry.service}/{commit['shard']}/{commit['last_position']}":
            yield Finding("broken", "acknowledged", f"{where}: told {entry.place}, stands elsewhere")
        if any(answer != entry.receipt for answer in entry.answers):
            other = next(answer for answer in entry.answers if answer != entry.receipt)
            yield Finding("broken", "acknowledged", f"{where}: a repetition was answered otherwise: {other}")


def command_of(evidence: Evidence, entry: Entry) -> str:
    """By service, actor, partition key and Idempotency-Key; whoever is not signed in is known by a blind index."""
    actor = entry.actor or "public:" + blind(evidence.pepper, "registrant", str(entry.receipt.get("account")))
    key = str(entry.receipt["stream"]).split("-")[1]
    return id_of("command", entry.service, actor, key, entry.key)


def receipt_of(commit: dict[str, Any]) -> dict[str, Any]:
    return {
        "command": commit["_id"], "stream": commit["stream"], "version": commit["last_version"],
        "shard": commit["shard"], "position": commit["last_position"], "hash": commit["hash"], "clock": commit["clock"],
        "recorded_at": commit["recorded_at"],
        "events": [{"id": event["id"], "type": event["type"]} for event in commit["events"]],
    }  # fmt: skip


def asked_for(evidence: Evidence) -> Iterator[Finding]:
    """What users' commands left in the logs is what was acknowledged to them, or never answered at all."""
    told = {(entry.service, command_of(evidence, entry)) for entry in evidence.ledger.of("acknowledged")}
    for service, commits in evidence.commits.items():
        for commit in commits:
            if commit["actor"].startswith(USERS) and (service, commit["_id"]) not in told:
                yield from _explained(evidence, service, commit)


def _explained(evidence: Evidence, service: str, commit: dict[str, Any]) -> Iterator[Finding]:
    actor, where = commit["actor"].split(";")[0], f"{service} {commit['_id']} by {commit['actor']}"
    for entry in evidence.ledger.entries.values():
        mine = entry.service == service and entry.actor in (actor, "")
        if mine and id_of("command", service, actor, commit["partition_key"], entry.key) == commit["_id"]:
            if entry.outcome != "unknown":
                words = f"{where}: {entry.path} was {entry.outcome} ({entry.code}), its events are in the log"
                yield Finding("doubled", "asked for", words)
            return
    yield Finding("doubled", "asked for", f"{where}: nobody sent this command")


def defects(evidence: Evidence) -> Iterator[Finding]:
    """What the load itself has met: internal errors, cases that never moved on, wrong answers."""
    for words in evidence.ledger.defects:
        yield Finding("broken", "load", words)


CHECKS = (acknowledged, asked_for, defects)

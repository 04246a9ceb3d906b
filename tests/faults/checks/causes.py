"""Causes and effects: each reaction once, each tick for a date that was due, each message once, causes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import msgspec

from libs.events.contracts.times import time_text
from tests.faults.checks.events import handled, recorded
from tests.faults.checks.ids import id_of
from tests.faults.evidence import Document, Evidence, Finding

Sent = dict[str, tuple[str, str]]
"""Derived command id → (service, the event that caused it)."""


def reactions(evidence: Evidence) -> Iterator[Finding]:
    """For every event that a reaction handles exactly its derived commands are in the log, and none without a cause."""
    derived: Sent = {}
    commits = {(service, c["_id"]): c for service, found in evidence.commits.items() for c in found}
    spoken = {service: {c["stream"] for c in found} for service, found in evidence.commits.items()}
    for service, model in evidence.models.items():
        for reaction in model.reactions:
            for event in handled(evidence, reaction.source, set(reaction.handles)):
                if not reaction.concerns(event):
                    continue
                for command in reaction.react(event):
                    id_ = id_of("reaction", event.id, reaction.name, command.stream)
                    derived[id_] = (service, event.id)
                    if (service, id_) not in commits and not _may_be_silent(command, spoken[service]):
                        words = f"{service}: {reaction.name} on {event.id} left nothing in {command.stream}"
                        yield Finding("lost", "reactions", words)
    for (service, id_), commit in commits.items():
        if commit["causation_id"] != id_ and derived.get(id_) != (service, commit["causation_id"]):
            words = f"{service} {id_} in {commit['stream']} names a cause that does not lead to it"
            yield Finding("doubled", "reactions", words)


def _may_be_silent(command: Any, spoken: set[str]) -> bool:
    """A command that may decide nothing because its stream has said so already."""
    return bool(command.empty_is_fine) and command.stream in spoken


def causes(evidence: Evidence) -> Iterator[Finding]:
    """A cause is in some log, and before its effect by the hybrid clock; both belong to one correlation."""
    events: dict[str, Document] = {}
    for commits in evidence.commits.values():
        for commit in commits:
            events |= {event["id"]: commit for event in commit["events"]}
    for service, commits in evidence.commits.items():
        for commit in commits:
            where = f"{service} {commit['_id']}"
            if commit["causation_id"] == commit["_id"]:
                if commit["correlation_id"] != commit["_id"]:
                    yield Finding("broken", "causes", f"{where} has no cause and another's correlation")
                continue
            cause = events.get(commit["causation_id"])
            if cause is None:
                yield Finding("lost", "causes", f"{where}: its cause {commit['causation_id']} is in no log")
            elif int(cause["clock"], 16) >= int(commit["clock"], 16):
                yield Finding("broken", "causes", f"{where} stands before its cause {commit['causation_id']}")
            elif cause["correlation_id"] != commit["correlation_id"]:
                yield Finding("broken", "causes", f"{where} left its cause's correlation")


def ticks(evidence: Evidence) -> Iterator[Finding]:
    """What a service did by itself and as a tick was due: derived from stream, kind and date, once each."""
    for service, model in evidence.models.items():
        due: dict[str, str] = {}
        for commit, n, _ in evidence.events(service):
            dates = model.due(commit["stream"])
            event = recorded(service, commit, n) if dates is not None else None
            for kind, at in (dates(event.data) if event is not None else {}).items():
                if at is not None:
                    due[id_of("tick", commit["stream"], kind, time_text(at))] = commit["stream"]
        for commit in evidence.commits[service]:
            if commit["_id"] in due and due[commit["_id"]] != commit["stream"]:
                yield Finding("broken", "ticks", f"{service} {commit['_id']}: a tick in another stream")
            if _unaccounted(commit, due):
                yield Finding("doubled", "ticks", f"{service} {commit['_id']} in {commit['stream']}: nothing was due")


OF_ITSELF = ("policy", "reservation", "signingkeys", "official", "account", "businessclock")
"""Categories in which a service also acts by itself: publishing, reserving, its first key, its administrator."""


def _unaccounted(commit: Document, due: dict[str, str]) -> bool:
    root = commit["causation_id"] == commit["_id"] and commit["actor"].startswith("service:")
    return root and commit["_id"] not in due and commit["stream"].split("-")[0] not in OF_ITSELF


def messages(evidence: Evidence) -> Iterator[Finding]:
    """Nobody is told of one cause twice."""
    told: Counter[tuple[str, str]] = Counter()
    for _, _, event in evidence.events("notifications") if "notifications" in evidence.commits else ():
        if event["type"].startswith("notifications.MessagePosted."):
            body = msgspec.json.decode(event["body"])
            told[body["cause"], msgspec.json.encode(body["recipient"]).decode()] += bool(body["cause"])
    for (cause, recipient), times in told.items():
        if times > 1:
            yield Finding("doubled", "messages", f"{recipient} was told of {cause} {times} times")


CHECKS = (reactions, causes, ticks, messages)

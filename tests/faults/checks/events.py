"""Stored events as projections and reactions are given them; decoding is the published language's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from libs.events.codec import decode
from libs.events.contracts.actors import parse_actor
from libs.events.contracts.base import contract_of
from libs.events.errors import Poison
from libs.events.recorded import Recorded
from tests.faults.evidence import Document, Evidence


def class_of(type_: str) -> Any:
    """The newest class of a wire type; None when it is unknown here."""
    service, name, _ = type_.split(".")
    contract = contract_of(service, name)
    return None if contract is None else contract.type


def recorded(service: str, commit: Document, n: int) -> Recorded[Any] | None:
    """None for what today's code does not know or cannot read: its parking is looked at elsewhere."""
    event = commit["events"][n]
    try:
        data = decode(event["type"], event["body"])
    except Poison:
        return None
    if data is None:
        return None
    return Recorded(
        data, event["id"], event["type"], service, commit["stream"], commit["version"] + n, commit["partition_key"],
        commit["shard"], commit["position"] + n, event["hash"], datetime.fromisoformat(commit["recorded_at"]),
        int(commit["clock"], 16), parse_actor(commit["actor"]), commit["correlation_id"], commit["causation_id"],
        commit["traceparent"],
    )  # fmt: skip


def handled(evidence: Evidence, source: str, handles: set[Any]) -> Iterator[Recorded[Any]]:
    """Every event of a log whose class is among these, shard by shard in order."""
    for commit, n, event in evidence.events(source):
        if class_of(event["type"]) in handles:
            found = recorded(source, commit, n)
            if found is not None:
                yield found

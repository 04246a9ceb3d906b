"""Read models and checkpoints: every document is the fold from genesis; every consumer is at the head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bson

from libs.events.flow.projections import Projection
from tests.faults.checks.events import handled
from tests.faults.checks.ids import GENESIS
from tests.faults.evidence import READ_MODEL, Document, Evidence, Finding, live

MOST_TOLD = 5


def read_models(evidence: Evidence) -> Iterator[Finding]:
    """The live collection of each projection holds the folded documents, no more and no less."""
    for service, model in evidence.models.items():
        for projection in (live(evidence, service, one) for one in model.projections):
            wanted = yield from folded(evidence, service, projection)
            there = evidence.state[service].get(projection.collection, {})
            yield from _compared(f"{service}.{projection.collection}", wanted, there)


def folded(evidence: Evidence, service: str, projection: Projection) -> Any:
    """Documents by key, folded here from the stored logs of all sources; yields keys that two shards touch."""
    found: dict[str, Document] = {}
    homes: dict[str, int] = {}
    several = len(projection.sources) > 1
    for source in projection.sources:
        parts: dict[str, Document | None] = {}
        for event in handled(evidence, source, set(projection.handles)):
            key = projection.key(event)
            if key is None:
                continue
            if homes.setdefault(key, event.shard) != event.shard:
                yield Finding("broken", "read models", f"{service}.{projection.name}: two shards touch {key}")
            parts[key] = projection.apply(parts.get(key), event)
        for key, part in parts.items():
            if several:
                found.setdefault(key, {"_id": key})[source] = part
            elif part is not None:
                found[key] = {**part, "_id": key}
    return {key: as_stored(document) for key, document in found.items()}


def as_stored(document: Document) -> Document:
    """The same document after a way through the store: tuples are lists then."""
    return bson.decode(bson.encode(document))


def _compared(where: str, wanted: dict[str, Document], there: Any) -> Iterator[Finding]:
    missing, more = sorted(wanted.keys() - there.keys()), sorted(there.keys() - wanted.keys())
    different = [key for key in sorted(wanted.keys() & there.keys()) if wanted[key] != there[key]]
    for kind, keys, words in (
        ("lost", missing, "is missing"), ("doubled", more, "is too much"), ("broken", different, "is not the fold"),
    ):  # fmt: skip
        for key in keys[:MOST_TOLD]:
            yield Finding(kind, "read models", f"{where}: {key} {words} ({len(keys)} such)")


def collections(evidence: Evidence) -> Iterator[Finding]:
    """No read model is left that no projection and no build names."""
    for service, model in evidence.models.items():
        named = {live(evidence, service, one).collection for one in model.projections}
        building = evidence.state[service].get("live", {}).values()
        if any(len(pointer.get("builds", ())) > 1 for pointer in building):
            continue  # a rebuild keeps the one before until somebody drops it
        for name in evidence.state[service]:
            if READ_MODEL.fullmatch(name) and name not in named:
                yield Finding("broken", "read models", f"{service}.{name} belongs to no projection")


def checkpoints(evidence: Evidence) -> Iterator[Finding]:
    """Relays and consumers are at the heads, with the heads' hashes, and there is no consumer that nobody knows."""
    heads: dict[str, dict[int, tuple[int, str]]] = {}
    for service in evidence.commits:
        shards = evidence.by_shard(service)
        heads[service] = {n: (commits[-1]["last_position"], commits[-1]["hash"]) for n, commits in shards.items()}
        relayed = evidence.state[service].get("relay", {})
        for shard, (position, _) in heads[service].items():
            at = relayed.get(f"{service}.events|{shard}", {}).get("position", 0)
            if at != position:
                yield Finding("lost", "checkpoints", f"{service}/{shard}: relayed up to {at} of {position}")
    for service in evidence.models:
        yield from _consumers(evidence, service, heads)


def _consumers(evidence: Evidence, service: str, heads: dict[str, dict[int, tuple[int, str]]]) -> Iterator[Finding]:
    known = dict(consumers(evidence, service))
    there = evidence.state[service].get("checkpoints", {}).values()
    at = {(c["consumer"], c["topic"], c["shard"]): (c["position"], c["hash"]) for c in there}
    for consumer, sources in known.items():
        for source in sources:
            for shard, head in heads[source].items():
                found = at.pop((consumer, f"{source}.events", shard), (0, GENESIS))
                if found != head:
                    words = f"{consumer} is at {source}/{shard}/{found[0]}, the log at {head[0]}"
                    yield Finding("lost" if found[0] < head[0] else "broken", "checkpoints", words)
    for (consumer, topic, shard), found in at.items():
        if consumer not in known or found[0] != 0:
            yield Finding("broken", "checkpoints", f"{consumer} has a place in {topic}/{shard} that it cannot have")


def consumers(evidence: Evidence, service: str) -> Iterator[tuple[str, set[str]]]:
    """The consumers of a service and the services they read, as 3.3 names them."""
    model = evidence.models[service]
    for projection in model.projections:
        yield live(evidence, service, projection).consumer(service), set(projection.sources)
    starts = evidence.state[service].get("reaction_starts", {})
    for source in {reaction.source for reaction in model.reactions}:
        group = f"{service}.reactions.{source}"
        for reaction in (one for one in model.reactions if one.source == source):
            alone = starts.get(f"{source}.events|{reaction.name}", {}).get("alone", False)
            yield (f"{group}.{reaction.name}" if alone else group), {source}


def kept_aside(evidence: Evidence) -> Iterator[Finding]:
    """Nothing is parked and nothing foreign was met, but what the scenario brought about."""
    for service in evidence.models:
        for what, wanted in (("parked", evidence.expected.parked), ("foreign", evidence.expected.foreign)):
            there = evidence.state[service].get(what, {})
            number = wanted.get(service, 0)
            if number >= 0 and len(there) != number:
                first = next(iter(there.values()), {})
                said = first.get("error") or first.get("reason") or ""
                words = f"{service} has {len(there)} {what} records, expected {number}: {said}"
                yield Finding("broken", what, words)


CHECKS = (read_models, collections, checkpoints, kept_aside)

"""What is judged: stores and topics read raw, and what each service consists of."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import MongoClient

from deploy.local.stack import Stack
from libs.events import copying
from libs.events.contracts.base import SERVICES
from libs.events.flow.projections import Projection
from libs.events.flow.reactions import Reaction
from libs.events.flow.ticks import due_dates
from libs.events.service import Service
from tests.faults.ledger import Ledger

Document = dict[str, Any]
READ_MODEL = re.compile(r"[a-z_]+_v[0-9]+(_b[0-9]+)?")
KEPT = ("checkpoints", "relay", "parked", "foreign", "live", "reaction_starts")


@dataclass(frozen=True)
class Finding:
    """`kind` is `lost`, `doubled` or `broken`; `words` say where and what."""

    kind: str
    check: str
    words: str


@dataclass
class Expected:
    """What a scenario did on purpose and the checker accepts.

    `foreign`: how many foreign records each reader keeps (service → number, exactly; -1: any); `parked`: how many
    parked records per reader, exactly. `strays`: topics hold records that are no event of ours.
    """

    foreign: dict[str, int] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    strays: bool = False


@dataclass(frozen=True)
class Raw:
    """A record as it lies in a partition."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True)
class Model:
    """What a service consists of, for folding and reacting; its own code for `apply`, `key`, `react` and `due`."""

    projections: tuple[Projection, ...]
    reactions: tuple[Reaction, ...]
    due: Callable[[str], Any]
    """The due function of a stream's category, by the stream's name; None when the service has no such category."""


@dataclass
class Evidence:
    """`commits`: a service's documents; `topics`: its partitions; `state`: its read models, checkpoints and the like."""

    shards: int
    deployment: str
    pepper: str
    commits: Mapping[str, list[Document]]
    topics: Mapping[str, Mapping[int, list[Raw]]]
    state: Mapping[str, Mapping[str, Mapping[str, Document]]]
    models: Mapping[str, Model]
    ledger: Ledger = field(default_factory=Ledger)
    expected: Expected = field(default_factory=Expected)

    def by_shard(self, service: str) -> dict[int, list[Document]]:
        """A service's commits per shard, in the order of their positions."""
        found: dict[int, list[Document]] = {}
        for commit in sorted(self.commits[service], key=lambda one: (one["shard"], one["position"])):
            found.setdefault(commit["shard"], []).append(commit)
        return found

    def heads(self) -> dict[tuple[str, int], int]:
        """The last position of every shard of every log, as it was read here."""
        return {
            (service, shard): commits[-1]["last_position"]
            for service in self.commits
            for shard, commits in self.by_shard(service).items()
        }

    def events(self, service: str) -> Iterator[tuple[Document, int, Document]]:
        """(commit, number from 0, event), shard by shard in order."""
        for commits in self.by_shard(service).values():
            for commit in commits:
                for n, event in enumerate(commit["events"]):
                    yield commit, n, event


def model_of(service: Service) -> Model:
    deciders = {decider.category: decider for decider in service.aggregates}

    def due(stream: str) -> Any:
        decider = deciders.get(stream.split("-", 1)[0])
        return None if decider is None else decider.due

    return Model(
        (*service.projections, due_dates(service.name, service.aggregates)),
        (*service.reactions, *copying.reactions(service.name, service.copies)),
        due,
    )


def models() -> dict[str, Model]:
    return {name: model_of(import_module(f"services.{name}.app").service) for name in SERVICES}


def live(evidence: Evidence, service: str, projection: Projection) -> Projection:
    """The build of a projection that is read, by the pointer if there is one."""
    pointer = evidence.state[service].get("live", {}).get(projection.name)
    if pointer is None:
        return projection
    named = {name: pointer[name] for name in ("version", "build") if name in projection.__struct_fields__}
    return msgspec.structs.replace(projection, **named)


async def gather(stack: Stack, ledger: Ledger, expected: Expected) -> Evidence:
    """Everything as it lies there now; whoever calls has seen to it that nothing moves."""
    shards = stack.state.shards
    commits, state = await asyncio.to_thread(_stored, stack.admin_store_uri)
    topics = {service: await _partitions(stack.kafka, f"{service}.events", shards) for service in SERVICES}
    return Evidence(shards, "local", stack.secrets.pepper, commits, topics, state, models(), ledger, expected)


def _stored(uri: str) -> tuple[dict[str, list[Document]], dict[str, dict[str, dict[str, Document]]]]:
    client: MongoClient[Any] = MongoClient(uri, tz_aware=True)
    try:
        commits = {service: list(client[f"{service}_log"]["commits"].find()) for service in SERVICES}
        state: dict[str, dict[str, dict[str, Document]]] = {}
        for service in SERVICES:
            names = client[service].list_collection_names()
            chosen = [name for name in names if name in KEPT or READ_MODEL.fullmatch(name)]
            state[service] = {name: {d["_id"]: d for d in client[service][name].find()} for name in chosen}
    finally:
        client.close()
    return commits, state


async def _partitions(bootstrap: str, topic: str, shards: int) -> dict[int, list[Raw]]:
    found: dict[int, list[Raw]] = {n: [] for n in range(shards)}
    kafka = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=100,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )  # fmt: skip
    await kafka.start()
    try:
        places = [TopicPartition(topic, n) for n in range(shards)]
        kafka.assign(places)
        await kafka.seek_to_beginning(*places)
        ends = await kafka.end_offsets(places)
        while [place for place in places if await kafka.position(place) < ends[place]]:
            for place, records in (await kafka.getmany(timeout_ms=200, max_records=5_000)).items():
                found[place.partition] += [
                    Raw(r.offset, r.key, r.value, tuple((n, v) for n, v in r.headers)) for r in records
                ]
    finally:
        await kafka.stop()
    return found

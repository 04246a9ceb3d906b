"""What one of each kind of part costs: measured by bench `model`, read by the model and by the plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

RECORD = Path(__file__).parent.parent / "results" / "model.json"
ID = "S1"
SERVICES = ("identity", "applications", "assessment", "review", "notifications")
CLIENT, GATEWAY, STORE, KAFKA = "client", "gateway", "store", "kafka"
READERS = {
    "identity": ("identity", "applications", "review", "notifications"),
    "applications": ("identity", "applications", "assessment", "review", "notifications"),
    "assessment": ("applications", "assessment", "review"),
    "review": ("applications", "assessment", "review", "notifications"),
    "notifications": ("notifications",),
}
"""Who consumes a service's topic. That every process follows `identity` besides is part of what it costs when idle."""

GATHERS = {"identity": 0.1, "assessment": 0.1, "notifications": 0.1}
"""Seconds of a service's pause after a fetch, in which events gather for the next one; a test holds it to the services."""


class Cost(msgspec.Struct, frozen=True):
    """CPU milliseconds: of each, and once more of every batch they come in."""

    each: float = 0.0
    batch: float = 0.0

    def of(self, n: int) -> float:
        return self.each * n + self.batch


class Parts(msgspec.Struct, frozen=True):
    """All in milliseconds unless said otherwise.

    shares: of the commands, by the service that handles them; they add up to 1
    handling: CPU of the service before its answer, by service: token, load, decide, build, driver
    following: CPU of a service for each record that it consumes, relaying its own and carrying out reactions included
    client, gateway: CPU for each command, there and back
    insert: CPU of the store for each commit and each insert
    copying: CPU of the store for each record consumed and each batch: relays, transactions, reactions, reads
    kafka: CPU of the broker for each record and each window of the relay
    journal: what an insert waits besides CPU; waits: what a command waits besides CPU and journal; hop: from the
    relay to the consumers besides CPU
    spread: standard deviation of a burst of CPU as part of its mean
    idle: CPU in each second of every process when nobody asks for anything
    events: of all services, for each command
    topic_bytes, store_bytes: on disk for each event
    """

    shares: dict[str, float]
    handling: dict[str, float]
    following: dict[str, Cost] = {}
    client: float = 0.0
    gateway: float = 0.0
    insert: Cost = Cost()
    copying: Cost = Cost()
    kafka: Cost = Cost()
    journal: float = 0.0
    waits: float = 0.0
    hop: float = 0.0
    spread: float = 0.0
    idle: dict[str, float] = {}
    events: float = 1.0
    topic_bytes: float = 0.0
    store_bytes: float = 0.0

    def read_by(self, service: str) -> float:
        """How many of the commands' records this service consumes: a part of 1."""
        return sum(share for topic, share in self.shares.items() if service in READERS[topic])

    @property
    def consumed(self) -> float:
        """How often one command's record is consumed."""
        return sum(share * len(READERS[topic]) for topic, share in self.shares.items())

    def of_service(self, service: str) -> float:
        """CPU of one service for each command to whomever, when nothing comes in batches."""
        following = self.following.get(service, Cost()).of(1) * self.read_by(service)
        return self.shares.get(service, 0.0) * self.handling.get(service, 0.0) + following

    @property
    def of_store(self) -> float:
        return self.insert.of(1) + self.copying.of(1) * self.consumed

    @property
    def of_services(self) -> float:
        return sum(self.of_service(service) for service in SERVICES)

    @property
    def per_command(self) -> float:
        """CPU of the platform for each command when nothing comes in batches; the client is not the platform's."""
        return self.gateway + self.of_services + self.of_store + self.kafka.of(1)


def recorded(record: Path = RECORD) -> dict[str, Any]:
    """What bench `model` has written beside its figure; nothing when there is no record, or no figure in it."""
    if not record.exists():
        return {}
    figures = json.loads(record.read_text(encoding="utf-8"))["figures"]
    return next((figure["data"] for figure in figures if figure["id"] == ID), {})


def load(record: Path = RECORD) -> Parts | None:
    """The costs in a record; nothing when it has none."""
    found = recorded(record).get("parts")
    return msgspec.convert(found, Parts) if found else None

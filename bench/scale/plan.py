"""From unit costs to cores, disks and partitions for a province, the nation and ten times the nation, as Markdown.

Arithmetic on what was measured on one machine; nothing here was run at that size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.load import BURST
from bench.scale.parts import SERVICES, Parts

MISSING = "not yet measured"
ENTERPRISES = 600_000
SUBMISSIONS_IN_THE_HOUR = 60_596
"""Returns in the busiest hour of HMRC's record year; about a tenth of the nation's enterprises in one hour."""
COMMANDS_PER_SUBMISSION = 30
HISTORY_PER_ENTERPRISE = 100
"""Events of an enterprise in all its years, as planned for: 60 million of the nation."""
PROVINCES = 32
FULL = 0.6
"""How much of a core, a writer or a journal is planned to be used in the busiest seconds."""
COPIES = 3
LARGEST_BATCH = 50
SHARDS = (6, 12, 24, 48, 96, 192, 384, 768, 1_536, 3_072, 6_144)
HERE_CORES, HERE_SHARDS = 2, 6


@dataclass(frozen=True)
class Scale:
    """`times` the nation."""

    name: str
    times: float

    @property
    def rate(self) -> float:
        """Commands a second in the busiest hour."""
        return self.times * SUBMISSIONS_IN_THE_HOUR * COMMANDS_PER_SUBMISSION / 3_600

    @property
    def most(self) -> float:
        """Commands a second in the bursts on top of it."""
        return self.rate * BURST


SCALES = (
    Scale("one province of 32 alike", 1 / PROVINCES),
    Scale("the nation", 1.0),
    Scale("ten times the nation", 10.0),
)


@dataclass(frozen=True)
class Needs:
    """What one scale needs in its busiest seconds."""

    cores: int
    processes: dict[str, int]
    """Of each service: each is one thread."""
    store_cores: int
    kafka_cores: int
    journals: int
    """Journals, hence primaries with a disk of their own; each is copied."""
    partitions: int
    """Of each topic, which are the shards of each log."""
    topic_bytes: float
    store_bytes: float
    """Of the history, on disk, one copy."""


@dataclass(frozen=True)
class Bottleneck:
    """`full_at`: commands a second."""

    what: str
    full_at: float
    removed_by: str


def needs(parts: Parts, scale: Scale) -> Needs:
    rate = scale.most
    processes = {name: _cores(rate * parts.of_service(name)) for name in SERVICES}
    events = scale.times * ENTERPRISES * HISTORY_PER_ENTERPRISE
    store, kafka = (_cores(rate * ms) for ms in (parts.of_store, parts.kafka.of(1)))
    return Needs(
        cores=_cores(rate * parts.per_command), processes=processes, store_cores=store, kafka_cores=kafka,
        journals=max(1, math.ceil(rate * parts.journal / 1_000 / FULL)),
        partitions=_shards(max(_writers(parts, rate), *processes.values())),
        topic_bytes=events * parts.topic_bytes, store_bytes=events * parts.store_bytes,
    )  # fmt: skip


def _cores(ms_in_a_second: float) -> int:
    return max(1, math.ceil(ms_in_a_second / 1_000 / FULL))


def _writers(parts: Parts, rate: float) -> float:
    """Shards that the busiest service needs when every insert carries one commit."""
    return max(parts.shares.values()) * rate * _insert_ms(parts) / 1_000 / FULL


def _insert_ms(parts: Parts, n: int = 1) -> float:
    return parts.insert.of(n) + parts.journal


def _shards(least: float) -> int:
    return next((count for count in SHARDS if count >= least), math.ceil(least))


def bottlenecks(parts: Parts) -> list[Bottleneck]:
    """On one machine as it stands, the first that is full first."""
    busiest = max(SERVICES, key=parts.of_service)
    share = max(parts.shares.values())
    found = [
        Bottleneck(
            f"the machine's {HERE_CORES} cores, shared by all", _per_second(parts.per_command, HERE_CORES),
            "more cores, or store, broker and services on machines of their own",
        ),
        Bottleneck(
            f"the one process of `{busiest}`", _per_second(parts.of_service(busiest)),
            "more processes: roles `api`, `relay` and `consume` apart, consumers split by partition",
        ),
        Bottleneck(
            "the store: one process, one core, all services", _per_second(parts.of_store),
            "a primary for each service; then each service's log sharded by shard",
        ),
        Bottleneck(
            "the broker's work on one core", _per_second(parts.kafka.of(1)), "more cores; more brokers, partitions spread"
        ),
        Bottleneck("the gateway's work on one core", _per_second(parts.gateway), "more cores; more gateways: it keeps nothing"),
        Bottleneck(
            f"one insert in flight in each of {HERE_SHARDS} shards of the busiest log, {LARGEST_BATCH} commits in each",
            HERE_SHARDS * _per_second(_insert_ms(parts, LARGEST_BATCH)) * LARGEST_BATCH / share,
            "more shards, fixed when a deployment is provisioned",
        ),
        Bottleneck(
            f"the journal of one primary, {LARGEST_BATCH} commits in each write", _per_second(parts.journal) * LARGEST_BATCH,
            "a primary for each service, each with a disk of its own",
        ),
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.full_at)


def _per_second(ms: float, cores: int = 1) -> float:
    return cores * 1_000 / ms if ms else math.inf


# As tables.


def tables(parts: Parts | None, runs: Sequence[dict[str, Any]] = ()) -> str:
    """All of them; what no record says is "not yet measured"."""
    sections = (
        ("Unit costs", _unit_costs(parts)), ("One province, the nation, ten times the nation", _scales(parts)),
        ("Bottlenecks in their order", _bottlenecks(parts)), ("The model and the machine", _agreement(runs)),
        ("Cost per million events", _million(parts)),
    )  # fmt: skip
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in sections)


@dataclass
class _Table:
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    words: tuple[int, ...] = (0,)
    """Columns that are not numbers."""

    def __str__(self) -> str:
        under = tuple("---" if n in self.words else "--:" for n in range(len(self.head)))
        return "\n".join("| " + " | ".join(row) + " |" for row in (self.head, under, *self.rows))


def _unit_costs(parts: Parts | None) -> str:
    def of(ms: float | None, unit: str = "ms") -> str:
        return MISSING if ms is None else f"{ms:.2f} {unit}".rstrip()

    table = _Table(("part", "for each", "for each batch"))
    for name in SERVICES:
        handling, following = (parts.handling.get(name), parts.following.get(name)) if parts else (None, None)
        none = "handles none in this load" if parts else MISSING
        table.rows.append(
            (f"`{name}`: CPU of a command before its answer", none if handling is None else of(handling), "")
        )
        each = (of(following.each), of(following.batch)) if following else (MISSING, MISSING)
        table.rows.append((f"`{name}`: CPU of a record consumed, of a fetch", *each))
    for words, name in (
        ("store: CPU of a commit, of an insert", "insert"), ("store: CPU of a record consumed, of a fetch", "copying"),
        ("broker: CPU of a record, of a window", "kafka"),
    ):  # fmt: skip
        cost = getattr(parts, name) if parts else None
        table.rows.append((words, of(cost and cost.each), of(cost and cost.batch)))
    for words, name in (
        ("gateway: CPU of a command", "gateway"), ("journal: an insert waits besides CPU", "journal"),
        ("a command waits besides CPU and journal", "waits"), ("relay to consumers besides CPU", "hop"),
        ("the platform's CPU of a command, nothing in batches", "per_command"),
    ):  # fmt: skip
        table.rows.append((words, of(getattr(parts, name) if parts else None), ""))
    table.rows.append(("idle CPU, all processes", of(sum(parts.idle.values()) if parts else None, "ms/s"), ""))
    table.rows.append(("events of a command, all services", of(parts.events if parts else None, ""), ""))
    return str(table)


def _scales(parts: Parts | None) -> str:
    table = _Table(
        ("", "commands/s in the busiest hour", "in its bursts", "cores", "processes of the services", "of these cores: store",
         "broker", "primaries with a journal", "partitions of a topic", f"history × {COPIES}: topics", "store")
    )  # fmt: skip
    for scale in SCALES:
        table.rows.append((scale.name, f"{scale.rate:,.0f}", f"{scale.most:,.0f}", *_needed(parts, scale)))
    return str(table)


def _needed(parts: Parts | None, scale: Scale) -> tuple[str, ...]:
    if parts is None:
        return (MISSING,) * 8
    found = needs(parts, scale)
    counts = (
        found.cores,
        sum(found.processes.values()),
        found.store_cores,
        found.kafka_cores,
        found.journals,
        found.partitions,
    )
    sizes = (found.topic_bytes, found.store_bytes)
    return (*(f"{count:,}" for count in counts), *(f"{size * COPIES / 1e9:,.0f} GB" for size in sizes))


def _bottlenecks(parts: Parts | None) -> str:
    table = _Table(("bottleneck", "full at commands/s", "removed by"), words=(0, 2))
    if parts is None:
        table.rows += [(f"{n}", MISSING, MISSING) for n in ("first", "second", "third")]
    else:
        table.rows += [(one.what, f"{one.full_at:,.0f}", one.removed_by) for one in bottlenecks(parts)]
    return str(table)


def _agreement(runs: Sequence[dict[str, Any]]) -> str:
    names = ("mean ms", "p50 ms", "cores used")
    table = _Table(
        ("commands/s", *(f"{name}: {which}" for name in names for which in ("measured", "predicted", "ratio")))
    )
    for run in runs:
        values = ((run["measured"][name], run["predicted"][name]) for name in names)
        shown = (text for measured, predicted in values for text in (
            f"{measured:.2f}", f"{predicted:.2f}", f"{predicted / measured:.2f}"
        ))  # fmt: skip
        table.rows.append((f"{run['rate']:g}", *shown))
    if not runs:
        table.rows.append((MISSING,) * len(table.head))
    return str(table)


def _million(parts: Parts | None) -> str:
    table = _Table(("of a million events", "CPU seconds"))
    if parts is None:
        return str(_Table(table.head, [(name, MISSING) for name in ("all", "topics, bytes", "store, bytes")]))
    commands = 1_000 / parts.events
    shown = {
        "gateway": parts.gateway, "services": parts.of_services, "store": parts.of_store, "broker": parts.kafka.of(1),
        "all": parts.per_command,
    }  # fmt: skip
    table.rows += [(name, f"{ms * commands:,.0f}") for name, ms in shown.items()]
    table.rows += [
        ("topics on disk, one copy", f"{parts.topic_bytes:,.0f} MB"), ("store on disk, one copy", f"{parts.store_bytes:,.0f} MB"),
    ]  # fmt: skip
    return str(table)

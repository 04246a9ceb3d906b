"""Apache Kafka on its own controllers, one node or several: jars, configuration, format once, start."""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import probes
from deploy.local.folder import Folder
from deploy.local.jars import OFFLINE, remembered
from deploy.local.part import Plan
from deploy.local.ports import HOST
from deploy.local.run import module, output_of
from deploy.local.tools import java
from deploy.local.trouble import StackError

# C1 alone starts faster and stays smaller; the peak that C2 would reach is not needed here.
_FLAGS = [
    "-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxMetaspaceSize=128m",
    "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError", "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
]  # fmt: skip


async def class_path(folder: Folder) -> list[str]:
    """All jars, from TIDU_KAFKA_JARS, from an earlier start, or fetched now."""
    if given := os.environ.get("TIDU_KAFKA_JARS"):
        return _given(Path(given))
    note = folder.kafka / "jars.json"
    if found := remembered(note):
        return found
    code, text = await output_of(module("deploy.local.jars", str(note)), dict(os.environ))
    if code != 0:
        last = text.strip().splitlines()[-1:] or ["no reason given"]
        raise StackError(f"Kafka's jars could not be fetched: {last[0]}", OFFLINE)
    return remembered(note) or []


def _given(place: Path) -> list[str]:
    if jars := sorted(str(path) for path in place.glob("*.jar")):
        return jars
    raise StackError(f"TIDU_KAFKA_JARS names {place}, which holds no jars.", OFFLINE)


@dataclass(frozen=True)
class Node:
    """A broker with a controller in one process; clients that come by a wire find it at `wire`, which ends at `near`."""

    name: str
    number: int
    place: Path
    port: int
    controller: int
    wire: int = 0
    near: int = 0


def names(brokers: int) -> list[tuple[str, str]]:
    """Of each node: its name among the parts, and its controller's name among the ports."""
    return [("kafka", "controller"), *((f"kafka-{n}", f"controller-{n}") for n in range(2, brokers + 1))]


def nodes(folder: Folder, brokers: int, ports: Mapping[str, int], wire: int = 0) -> list[Node]:
    """The cluster's nodes; a wire leads to the first."""
    return [
        Node(
            name, number, folder.root / name, ports[name], ports[controller],
            *((wire, ports["kafka-near"]) if wire and number == 1 else ()),
        )
        for number, (name, controller) in enumerate(names(brokers), start=1)
    ]  # fmt: skip


def properties(node: Node, cluster: Sequence[Node]) -> Path:
    """Write the broker's configuration for these ports."""
    copies = len(cluster)
    internal = {
        f"{topic}.{name}": {"replication.factor": copies, "min.isr": (copies + 1) // 2, "num.partitions": 1}[name]
        for topic, names in {
            "offsets.topic": ("replication.factor", "num.partitions"),
            "transaction.state.log": ("replication.factor", "min.isr", "num.partitions"),
            "share.coordinator.state.topic": ("replication.factor", "min.isr", "num.partitions"),
        }.items()
        for name in names
    }
    listeners = {"PLAINTEXT": (node.port, node.port), "CONTROLLER": (node.controller, node.controller)}
    if node.wire:
        listeners["WIRE"] = (node.near, node.wire)
    voters = ",".join(f"{n.number}@{HOST}:{n.controller}" for n in cluster)
    quorum = {"quorum.voters": voters} if copies > 1 else {"quorum.bootstrap.servers": f"{HOST}:{node.controller}"}
    settings = {
        "process.roles": "broker,controller",
        "node.id": node.number,
        "listeners": ",".join(f"{name}://{HOST}:{port}" for name, (port, _) in listeners.items()),
        "advertised.listeners": ",".join(f"{name}://{HOST}:{port}" for name, (_, port) in listeners.items()),
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in listeners),
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        **{f"controller.{name}": value for name, value in quorum.items()},
        "log.dirs": node.place / "data",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "message.max.bytes": 4 * 1024 * 1024,
        # After a kill the old registration must lapse before the broker may come back: 9 s by default.
        "broker.session.timeout.ms": 6000,
        "broker.heartbeat.interval.ms": 500,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        **internal,
    }
    path = node.place / "server.properties"
    lines = (f"{name}={str(value).replace(chr(92), chr(92) * 2)}" for name, value in settings.items())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def formatted(node: Node) -> bool:
    """Whether the log folder has been formatted; Kafka writes this file last."""
    return (node.place / "data" / "meta.properties").exists()


def cluster_id(cluster: Sequence[Node]) -> str:
    """What a format that broke off has given to some of the nodes, else a new one."""
    for node in filter(formatted, cluster):
        lines = (node.place / "data" / "meta.properties").read_text(encoding="utf-8").splitlines()
        return next(line.removeprefix("cluster.id=") for line in lines if line.startswith("cluster.id="))
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


async def format_once(folder: Folder, jars: list[str], node: Node, config: Path, cluster: str, alone: bool) -> None:
    """Give the log folder its cluster id."""
    command = [*_java(folder, jars, node), "kafka.tools.StorageTool", "format", *(["--standalone"] if alone else [])]
    # One word: an id may begin with a hyphen, which would be taken for an option.
    command += ["--ignore-formatted", f"--cluster-id={cluster}", "--config", str(config)]
    code, text = await output_of(command, dict(os.environ))
    if code != 0:
        raise StackError(f"Kafka's log folder could not be formatted:\n{text.strip()[-2000:]}")


def plan(folder: Folder, jars: list[str], node: Node, config: Path) -> Plan:
    """How the broker runs; ready when it answers a metadata request."""
    return Plan(
        name=node.name,
        command=[*_java(folder, jars, node), "kafka.Kafka", str(config)],
        env=dict(os.environ),
        cwd=node.place,
        ready=lambda: probes.kafka(node.port),
        port=node.port,
        grace=20,
    )


def _java(folder: Folder, jars: list[str], node: Node) -> list[str]:
    """The runtime with nothing written outside the data folder."""
    scratch = node.place / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    places = [f"-Djava.io.tmpdir={scratch}", f"-XX:ErrorFile={folder.logs}/kafka-crash.log"]
    return [str(java()), *_FLAGS, *places, "-cp", os.pathsep.join(jars)]

"""Apache Kafka on its own controller: jars, configuration, format once, start."""

from __future__ import annotations

import base64
import os
import uuid
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


def properties(folder: Folder, port: int, controller: int) -> Path:
    """Write the broker's configuration for these ports."""
    internal = {
        f"{topic}.{name}": 1
        for topic, names in {
            "offsets.topic": ("replication.factor", "num.partitions"),
            "transaction.state.log": ("replication.factor", "min.isr", "num.partitions"),
            "share.coordinator.state.topic": ("replication.factor", "min.isr", "num.partitions"),
        }.items()
        for name in names
    }
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": f"{HOST}:{controller}",
        "log.dirs": folder.kafka / "data",
        "auto.create.topics.enable": "false",
        "group.initial.rebalance.delay.ms": 0,
        "message.max.bytes": 4 * 1024 * 1024,
        # After a kill the old registration must lapse before the broker may come back: 9 s by default.
        "broker.session.timeout.ms": 6000,
        "broker.heartbeat.interval.ms": 500,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        **internal,
    }
    path = folder.kafka / "server.properties"
    lines = (f"{name}={str(value).replace(chr(92), chr(92) * 2)}" for name, value in settings.items())
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def formatted(folder: Folder) -> bool:
    """Whether the log folder has been formatted; Kafka writes this file last."""
    return (folder.kafka / "data" / "meta.properties").exists()


async def format_once(folder: Folder, jars: list[str], config: Path) -> None:
    """Give the log folder its cluster id."""
    cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    command = [*_java(folder, jars), "kafka.tools.StorageTool", "format", "--standalone"]
    # One word: an id may begin with a hyphen, which would be taken for an option.
    command += ["--ignore-formatted", f"--cluster-id={cluster}", "--config", str(config)]
    code, text = await output_of(command, dict(os.environ))
    if code != 0:
        raise StackError(f"Kafka's log folder could not be formatted:\n{text.strip()[-2000:]}")


def plan(folder: Folder, jars: list[str], config: Path, port: int) -> Plan:
    """How the broker runs; ready when it answers a metadata request."""
    return Plan(
        name="kafka",
        command=[*_java(folder, jars), "kafka.Kafka", str(config)],
        env=dict(os.environ),
        cwd=folder.kafka,
        ready=lambda: probes.kafka(port),
        port=port,
        grace=20,
    )


def _java(folder: Folder, jars: list[str]) -> list[str]:
    """The runtime with nothing written outside the data folder."""
    scratch = folder.kafka / "tmp"
    scratch.mkdir(exist_ok=True)
    places = [f"-Djava.io.tmpdir={scratch}", f"-XX:ErrorFile={folder.logs}/kafka-crash.log"]
    return [str(java()), *_FLAGS, *places, "-cp", os.pathsep.join(jars)]

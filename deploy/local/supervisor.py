"""Brings the parts up side by side, keeps them up, and takes them down in order."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local import gateway, heads, kafka, read_models, services, store
from deploy.local.alive import birth
from deploy.local.folder import Folder, read_json
from deploy.local.mailbox import plan as mailbox
from deploy.local.part import Part, Plan
from deploy.local.ports import HOST, choose
from deploy.local.run import module, output_of
from deploy.local.state import FAILED, READY, STARTING, STOPPED, STOPPING, State, load
from deploy.local.trouble import StackError
from deploy.local.vault import Secrets, load_or_make

# Longest time to fetch the jars, in seconds, before it is called a failure.
_DOWNLOAD_LIMIT = 600


@dataclass(frozen=True)
class Wanted:
    """What to run: `services` may be empty (Kafka and store alone, no gateway)."""

    data: Path
    services: Sequence[str] = services.NAMES
    profile: str = "local"
    deployment: str = "local"
    shards: int = 6
    ports: dict[str, int] = field(default_factory=dict)
    points: bool = False
    brokers: int = 1
    change_streams: bool = False
    wires: dict[str, int] = field(default_factory=dict)
    """Ports of somebody's proxies by which services reach `kafka` and `store`, for trials of slow and cut links."""


class Supervisor:
    """One stack on one data folder; the caller holds the folder's lock."""

    def __init__(self, wanted: Wanted, folder: Folder) -> None:
        self.wanted = wanted
        self.folder = folder
        self.state = State(os.getpid(), birth(os.getpid()), STARTING, time.time())
        self.state.shards = wanted.shards
        self.parts: dict[str, Part] = {}
        self._outdated: list[tuple[str, str]] = []

    async def start(self) -> None:
        """Everything up and ready, or trouble; the caller calls `stop` in both cases."""
        began = time.monotonic()
        self.folder.held.unlink(missing_ok=True)
        secrets = load_or_make(self.folder)
        runnable, self.state.left_out = services.present(self.wanted.services)
        last = load(self.folder)
        names = [name for pair in kafka.names(self.wanted.brokers) for name in pair]
        names += ["kafka-near"] if "kafka" in self.wanted.wires else []
        with_mailbox = "identity" in runnable
        names += ["store", *(["gateway"] if runnable else []), *runnable]
        names += [mailbox.NAME, mailbox.SMTP] if with_mailbox else []
        self.state.ports = choose(names, self.wanted.ports, last.ports if last else {})
        self._save()
        async with asyncio.TaskGroup() as side_by_side:
            side_by_side.create_task(self._kafka())
            side_by_side.create_task(self._store(secrets))
            if with_mailbox:
                side_by_side.create_task(self._run(mailbox.plan(*self._mailbox, secrets.sms_secret)))
        if runnable:
            heads_plan = heads.plan(
                self.folder, self.state.ports["store"], self.wanted.deployment, self.wanted.profile, secrets
            )
            async with asyncio.TaskGroup() as side_by_side:
                side_by_side.create_task(self._run(heads_plan))
                side_by_side.create_task(self._services(runnable, secrets))
            await self._gateway(runnable)
        total = time.monotonic() - began
        self.state.timings["total"] = round(total, 2)
        self.state.timings["ready"] = round(total - self.state.timings.get("download", 0), 2)
        self.state.phase = READY
        self._save()

    async def _kafka(self) -> None:
        ports = self.state.ports
        async with asyncio.timeout(_DOWNLOAD_LIMIT):
            with self._step("download", "finding Kafka's jars, downloading what is missing"):
                jars = await kafka.class_path(self.folder)
        cluster = kafka.nodes(self.folder, self.wanted.brokers, ports, self.wanted.wires.get("kafka", 0))
        for node in cluster:
            node.place.mkdir(exist_ok=True)
        configs = [kafka.properties(node, cluster) for node in cluster]
        if not all(kafka.formatted(node) for node in cluster):
            with self._step("format", "formatting Kafka's log folder"):
                id_, alone = kafka.cluster_id(cluster), len(cluster) == 1
                for node, config in zip(cluster, configs, strict=True):
                    await kafka.format_once(self.folder, jars, node, config, id_, alone)
        with self._step("kafka", "waiting for Kafka"):
            async with asyncio.TaskGroup() as side_by_side:
                for node, config in zip(cluster, configs, strict=True):
                    side_by_side.create_task(self._run(kafka.plan(self.folder, jars, node, config)))
        with self._step("topics", "creating and checking topics"):
            await self._topics(",".join(f"{HOST}:{node.port}" for node in cluster))

    async def _topics(self, bootstrap: str) -> None:
        shards = str(self.wanted.shards)
        profile = self.wanted.profile if self.wanted.brokers == 1 else "cluster"
        given = ["--kafka", bootstrap, "--profile", profile, "--shards", shards]
        code, text = await output_of(module("libs.events.flow.topics", *given), dict(os.environ))
        if code != 0:
            raise StackError(f"The topics are not as they should be: {text.strip()[-2000:]}")

    async def _store(self, secrets: Secrets) -> None:
        port = self.state.ports["store"]
        known = store.has_admin(self.folder)
        if not known:
            with self._step("store-users", "making the store's first user"):
                part = self._part(store.plan(self.folder, port, auth=False))
                await store.make_admin(self.folder, port, secrets, part)
        with self._step("store", "waiting for the store"):
            await self._run(store.plan(self.folder, port, change_streams=self.wanted.change_streams))
        with self._step("provision", "making databases, roles and users"):
            await store.provision(port, secrets, self.wanted.deployment, self.wanted.shards)
        if known and self.wanted.services:
            with self._step("read models", "looking whether this release has other read models"):
                self._outdated = await read_models.outdated(store.uri(port, secrets, "admin"))

    async def _services(self, names: Sequence[str], secrets: Secrets) -> None:
        wanted, wires, ports = self.wanted, self.wanted.wires, self.state.ports
        around = services.Surroundings(
            profile=self.wanted.profile,
            deployment=self.wanted.deployment,
            shards=self.wanted.shards,
            kafka=[wires["kafka"]] if "kafka" in wires else [ports[name] for name, _ in kafka.names(wanted.brokers)],
            store_port=wires.get("store", ports["store"]),
            origin=self.state.gateway,
            secrets=secrets,
            mailbox=self._mailbox,
            points=self.folder.points if self.wanted.points else None,
        )
        given = {name: services.environment(name, self.state.ports[name], around) for name in names}
        await read_models.rebuild_all(self._outdated, given, self._step)
        async with asyncio.TaskGroup() as side_by_side:
            for name in names:
                plan = services.plan(name, self.state.ports[name], around)
                side_by_side.create_task(self._timed(plan, f"waiting for {name}"))

    async def _gateway(self, names: Sequence[str]) -> None:
        port = self.state.ports["gateway"]
        routes = {name: self.state.ports[name] for name in names}
        config = gateway.write_config(self.folder, port, routes, self._mailbox[0])
        await self._timed(gateway.plan(self.folder, config, port, routes), "waiting for the gateway")

    @property
    def _mailbox(self) -> tuple[int, int]:
        """HTTP and SMTP; zeros without identity, which alone writes there."""
        ports = self.state.ports
        return ports.get(mailbox.NAME, 0), ports.get(mailbox.SMTP, 0)

    async def _timed(self, plan: Plan, words: str) -> None:
        with self._step(plan.name, words):
            await self._run(plan)

    async def _run(self, plan: Plan) -> None:
        await self._part(plan).start()

    def _part(self, plan: Plan) -> Part:
        self.parts[plan.name] = Part(plan, self.folder.logs, self._save)
        return self.parts[plan.name]

    def _step(self, name: str, words: str) -> AbstractContextManager[None]:
        return self.state.step(name, words, self.folder)

    async def obey_held(self) -> None:
        """Stop the parts that `held.json` names and start those it no longer names (for trials of failure)."""
        held = set((read_json(self.folder.held) or {}).get("parts", []))
        for name, part in list(self.parts.items()):
            if name in held and part.status != "held":
                await part.stop("held")
            elif name not in held and part.status == "held":
                await part.start()

    async def stop(self, error: str = "") -> None:
        """Gateway, services, store, Kafka; the error, if any, stays in the state file."""
        self.state.phase = STOPPING
        self._save()
        brokers = [name for name, _ in kafka.names(self.wanted.brokers)]
        infrastructure = ("gateway", "store", *brokers)
        running = [p for name, p in self.parts.items() if name not in infrastructure]
        await self._stop("gateway")
        await asyncio.gather(*(part.stop() for part in running))
        await self._stop("store")
        await asyncio.gather(*(self._stop(name) for name in brokers))
        self.state.phase = FAILED if error else STOPPED
        self.state.error = error
        self.state.doing = []
        self._save()

    async def _stop(self, name: str) -> None:
        if name in self.parts:
            await self.parts[name].stop()

    def _save(self) -> None:
        self.state.parts = {name: part.report() for name, part in self.parts.items()}
        self.state.save(self.folder)

"""A running stack as tests, the demo and the command line use it.

async with running_stack(Path(".tidu")) as stack:
    print(stack.gateway, stack.kafka, stack.store_uri("review"))
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local import kafka, store
from deploy.local.folder import Folder, read_json, write_json
from deploy.local.launch import (
    Options,
    Report,
    spawn,
    stop_process,
    stop_running,
    until_ready,
)
from deploy.local.ports import HOST
from deploy.local.services import NAMES
from deploy.local.state import READY, State, load
from deploy.local.trouble import StackError
from deploy.local.vault import Secrets, load_or_make

_TURN_LIMIT = 120.0
MOST_BROKERS = 3


@dataclass(frozen=True)
class Stack:
    """Addresses are fixed for the life of a stack; `state`, `pids` and `restarts` are read anew each time."""

    folder: Folder
    ports: Mapping[str, int]
    timings: Mapping[str, float]
    secrets: Secrets

    @property
    def data(self) -> Path:
        return self.folder.root

    @property
    def gateway(self) -> str:
        """The origin of everything, without a slash at its end; none without services."""
        if "gateway" not in self.ports:
            raise StackError("This stack runs without services and gateway.")
        return f"http://{HOST}:{self.ports['gateway']}"

    @property
    def kafka(self) -> str:
        """Bootstrap address: all brokers, past any wire."""
        brokers = (name for name, _ in kafka.names(MOST_BROKERS) if name in self.ports)
        return ",".join(f"{HOST}:{self.ports[name]}" for name in brokers)

    @property
    def mailbox(self) -> str:
        """Where SMS and e-mail of this stack are shown."""
        return f"{self.gateway}/mailbox"

    def service_url(self, service: str) -> str:
        """A service past the gateway: health, metrics."""
        return f"http://{HOST}:{self.ports[service]}"

    def store_uri(self, user: str = "", database: str = "") -> str:
        """For a service, `auditor` or `restorer`; without a name, the address alone."""
        secrets = self.secrets if user else None
        return store.uri(self.ports["store"], secrets, user, database)

    @property
    def admin_store_uri(self) -> str:
        return self.store_uri("admin")

    @property
    def state(self) -> State:
        found = load(self.folder)
        if found is None:
            raise StackError(f"The state of {self.folder.root} is gone.")
        return found

    @property
    def pids(self) -> dict[str, int]:
        """Process id by part, and of the `supervisor`; a part that is down is not there."""
        state = self.state
        parts = {name: part["pid"] for name, part in state.parts.items() if part["pid"]}
        return {"supervisor": state.pid, **parts}

    @property
    def restarts(self) -> dict[str, int]:
        return {name: part["restarts"] for name, part in self.state.parts.items()}

    async def hold(self, part: str) -> None:
        """Stop one part and keep it down until `release`: how tests take Kafka or the store away."""
        await self._turn(self._held() | {part}, part, "held")

    async def release(self, part: str) -> None:
        """Start a held part again and wait until it is ready."""
        await self._turn(self._held() - {part}, part, "ready")

    async def until(self, part: str, status: str = "ready") -> None:
        """Wait until a part has this status."""
        async with asyncio.timeout(_TURN_LIMIT):
            async for state in self._states():
                if state.parts[part]["status"] == status:
                    return

    async def until_stopped(self) -> None:
        """Wait until the supervisor has ended, whoever stopped it."""
        async for state in self._states():
            if not state.alive:
                return

    async def _states(self) -> AsyncIterator[State]:
        while True:
            yield self.state
            await asyncio.sleep(0.1)

    def _held(self) -> set[str]:
        return set((read_json(self.folder.held) or {}).get("parts", []))

    async def _turn(self, held: set[str], part: str, status: str) -> None:
        write_json(self.folder.held, {"parts": sorted(held)})
        os.kill(self.state.pid, signal.SIGHUP)
        await self.until(part, status)


@asynccontextmanager
async def running_stack(
    data: Path,
    *,
    services: Sequence[str] | None = None,
    keep: bool = False,
    ports: Mapping[str, int] | None = None,
    shards: int = 6,
    profile: str = "local",
    points: bool = False,
    report: Report | None = None,
    brokers: int = 1,
    wires: Mapping[str, int] | None = None,
    change_streams: bool = False,
) -> AsyncIterator[Stack]:
    """A stack on `data`, ready; one that runs there already is used and left as it is.

    `services=()` gives Kafka and store alone. With `keep` it goes on running afterwards (if it came up);
    without, it stops at the end, also when this process is killed. `report` sees every state while starting.
    With `points`, a service dies at the crash point that `<data>/points/<service>.json` names (libs/events/points.py),
    and its clock is off by the milliseconds in `<data>/points/<service>.clock`.
    `brokers` is 1 or 3 (replication 3, two in sync). `wires` are ports of proxies by which services reach `kafka` and
    `store`; Kafka's must lead to the port `kafka-near`, the store's to `store`. Here nobody listens to the store unless
    `change_streams` says so.
    """
    folder = Folder(data)
    folder.prepare()
    if (state := load(folder)) is not None and state.alive and state.phase == READY:
        yield _stack(folder, state)
        return
    wanted = NAMES if services is None else services
    options = Options(wanted, ports or {}, shards, profile, not keep, points, brokers, wires or {}, change_streams)
    process = spawn(folder, options)
    came_up = False
    try:
        state = await until_ready(folder, process, report)
        came_up = True
        yield _stack(folder, state)
    finally:
        if not (keep and came_up):
            await stop_process(folder, process)


def load_running(data: Path) -> Stack:
    """The stack that runs on this folder; trouble when there is none."""
    folder = Folder(data)
    state = load(folder)
    if state is None or not state.alive or state.phase != READY:
        raise StackError(f"No stack is running on {folder.root}.", f"start one with: tidu up --data {data}")
    return _stack(folder, state)


async def stop_stack(data: Path) -> bool:
    """Stop whatever runs on this folder; False when nothing did."""
    return await stop_running(Folder(data))


def _stack(folder: Folder, state: State) -> Stack:
    return Stack(folder, dict(state.ports), dict(state.timings), load_or_make(folder))

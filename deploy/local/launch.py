"""Starts the supervisor's process, waits until the stack is ready, stops it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.local.folder import Folder
from deploy.local.logs import tail
from deploy.local.run import ROOT, module
from deploy.local.services import NAMES
from deploy.local.state import READY, State, load
from deploy.local.trouble import StackError

Report = Callable[[State], None]
_STOP_LIMIT = 60.0


@dataclass(frozen=True)
class Options:
    """How a stack is run; `tied`: it stops when the process that started it ends; `points`: crash points can be armed."""

    services: Sequence[str] = NAMES
    ports: Mapping[str, int] = field(default_factory=dict)
    shards: int = 6
    profile: str = "local"
    tied: bool = False
    points: bool = False
    brokers: int = 1
    wires: Mapping[str, int] = field(default_factory=dict)
    change_streams: bool = False


def command(data: Path, options: Options) -> list[str]:
    """The command line of the supervisor's process."""
    words = module("deploy.local.daemon", "--data", str(data.expanduser().resolve()))
    words += ["--services", ",".join(options.services), "--shards", str(options.shards)]
    words += ["--profile", options.profile, *(["--tied"] if options.tied else [])]
    words += ["--points"] if options.points else []
    words += ["--change-streams"] if options.change_streams else []
    words += ["--brokers", str(options.brokers), *(f"--wire={name}={port}" for name, port in options.wires.items())]
    return [*words, *(f"--port={name}={port}" for name, port in options.ports.items())]


def spawn(folder: Folder, options: Options) -> subprocess.Popen[bytes]:
    """A supervisor in a session of its own; what it says itself goes to `supervisor.log`."""
    with (folder.logs / "supervisor.log").open("ab") as log:
        return subprocess.Popen(
            command(folder.root, options),
            cwd=ROOT,
            stdin=subprocess.PIPE if options.tied else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


async def until_ready(folder: Folder, process: subprocess.Popen[bytes], report: Report | None = None) -> State:
    """The state once all is ready; trouble when the supervisor ended instead."""
    while True:
        ended = process.poll() is not None
        state = load(folder)
        mine = state is not None and state.pid == process.pid
        if state is not None and mine:
            if report:
                report(state)
            if state.phase == READY:
                return state
        if ended:
            said = state.error if state is not None and mine else ""
            last = tail(folder.logs / "supervisor.log", 6)
            raise StackError(said or "\n".join(last) or "The supervisor ended without a word.")
        await asyncio.sleep(0.1)


async def stop_process(folder: Folder, process: subprocess.Popen[bytes]) -> None:
    """Ask the supervisor to stop and wait; the last resort takes its children with it."""
    if process.stdin:
        process.stdin.close()
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, _STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


async def stop_running(folder: Folder) -> bool:
    """Stop the stack of this folder, whoever started it; False when none was running."""
    state = load(folder)
    if state is None or not state.alive:
        return False
    os.kill(state.pid, signal.SIGTERM)
    until = asyncio.get_running_loop().time() + _STOP_LIMIT
    while state.alive:
        if asyncio.get_running_loop().time() > until:
            os.kill(state.pid, signal.SIGKILL)
        await asyncio.sleep(0.1)
    return True

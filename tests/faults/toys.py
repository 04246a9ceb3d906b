"""The kernel's small service under a fault: its log, its consumers as processes of their own, and what must hold."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from deploy.local.stack import running_stack
from libs.events.batch import Decided
from libs.events.envelope import Commit
from libs.events.errors import Transient
from tests.backends import SHARDS, Backends
from tests.faults.harness import NotProven, Trial
from tests.faults.toycheck import findings, unfinished
from tests.integration.lab import SERVICE, Log, log_of, posted

GROUP_COMMIT = 64
MOST_AGAIN = 100
"""More answers than this to come again later are not races lost."""


@dataclass
class Toy:
    """A deployment of its own (a prefix) on the shared backends; `acknowledged`: command id → its commit."""

    trial: Trial
    log: Log
    acknowledged: dict[str, Commit] = field(default_factory=dict)
    again: int = 0

    @property
    def backends(self) -> Backends:
        return self.log.backends

    async def post(self, id: str | int, **more: Any) -> Decided:
        """A command, noted when it is acknowledged; asked again when it was told to, as any client does."""
        while True:
            try:
                decided = await self.log.handler.handle(posted(id, **more))
                break
            except Transient:
                self.again += 1
                if self.again > MOST_AGAIN:
                    raise
                await asyncio.sleep(self.trial.random.uniform(0, 0.2))
        if decided.commit is not None:
            self.acknowledged[decided.commit.id] = decided.commit
        return decided

    async def fill(self, count: int, name: str = "m", keys: int = 12, events: int = 2, echo_every: int = 4) -> None:
        """Commands to several shards; every so manieth asks for an echo."""
        for first in range(0, count, GROUP_COMMIT):
            numbers = range(first, min(first + GROUP_COMMIT, count))
            posts = (
                self.post(f"{name}{n}", key=f"k{n % keys}", name=name, title="t" if n % echo_every else "echo",
                          count=1 + n % events)
                for n in numbers
            )  # fmt: skip
            await asyncio.gather(*posts)

    async def level(self, seconds: float = 60.0, **expected: Any) -> None:
        """Until everything that is asked for has happened: relayed, folded, answered. Raises NotProven."""

        async def done() -> bool:
            return not await unfinished(self.log, **expected)

        try:
            await self.trial.until(done, "the toy to be level", seconds, every=0.1)
        except NotProven:
            raise NotProven(f"not level: {await unfinished(self.log, **expected)}") from None

    async def check(self, **expected: Any) -> None:
        """The findings, for the table."""
        self.trial.findings += await findings(self.log, self.acknowledged, **expected)
        known = int(self.trial.figures.get("acknowledged", 0))
        self.trial.figures["acknowledged"] = known + len(self.acknowledged)

    @asynccontextmanager
    async def process(self, role: str, name: str, twin: bool = False) -> AsyncIterator[ToyProcess]:
        """The service as a process of its own, ready; a `twin` reads every shard whoever else does."""
        started = await ToyProcess.start(self, role, name, twin)
        try:
            await started.said(30)
            yield started
        finally:
            await started.end()


@dataclass
class ToyProcess:
    """`tests.faults.toy_process`, which answers what it is asked."""

    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, toy: Toy, role: str, name: str, twin: bool) -> ToyProcess:
        given = {
            "TIDU_KAFKA": toy.backends.kafka, "TIDU_STORE_URI": toy.backends.store_uri, "TIDU_PREFIX": toy.log.prefix,
            "TIDU_DEPLOYMENT": "test", "TIDU_SHARDS": str(SHARDS), "TIDU_PROFILE": "test", "TIDU_INSTANCE": name,
        }  # fmt: skip
        words = [sys.executable, "-m", "tests.faults.toy_process", role, *(["twin"] if twin else [])]
        pipe = asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*words, env={**os.environ, **given}, stdin=pipe, stdout=pipe))

    async def ask(self, *words: str, seconds: float = 30) -> Any:
        """`figures`, or `stop POINT`: stop yourself when you come to this crash point."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{' '.join(words)}\n".encode())
        return await self.said(seconds)

    async def said(self, seconds: float) -> Any:
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            line = await self.process.stdout.readline()
        if not line:
            raise NotProven("a toy's process ended without a word")
        return json.loads(line)

    @property
    def stopped(self) -> bool:
        return psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def _backends(folder: Path) -> AsyncIterator[Backends]:
    """Kafka and store alone, embedded: scenarios take the store away and put an old one in its place."""
    async with running_stack(folder, services=()) as stack:
        yield Backends("embedded", stack.kafka, stack.admin_store_uri, stack)


@asynccontextmanager
async def toy_of(trial: Trial) -> AsyncIterator[Toy]:
    """A fresh toy on backends that all toys of the run share."""
    backends = await trial.common.open("toys", partial(_backends, trial.folder.parent / "toys"))
    async with log_of(backends, await backends.fresh()) as log:
        yield Toy(trial, log)


def some(commits: Sequence[Commit], shard: int) -> list[Commit]:
    """Those of one shard."""
    return [commit for commit in commits if commit.shard == shard]


__all__ = ["SERVICE", "Toy", "ToyProcess", "some", "toy_of"]

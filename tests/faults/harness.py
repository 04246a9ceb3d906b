"""A trial: one scenario on a running stack, with the seeded load beside it and the checker at its end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from deploy.local import probes
from deploy.local.stack import Stack, running_stack
from libs.events.contracts.base import SERVICES
from tests.faults.checker import Expected, Finding, judge
from tests.faults.common import Common
from tests.faults.disk import Disk
from tests.faults.evidence import gather
from tests.faults.ledger import Ledger
from tests.faults.level import Heads, Levels
from tests.faults.proxy import Proxy
from tests.faults.workload import Workload

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05
LOOKS = 5
LEVEL_SECONDS = 0.1
"""Reading every checkpoint is itself work for the store."""


class NotProven(Exception):
    """The scenario could not do what it is for (a fault that never struck, a part that never came back)."""


class Skipped(Exception):
    """This machine does not allow what the scenario needs: shown as skipped, with the reason, never as held."""


@dataclass
class Site:
    """What the scenarios of one stack share: the load goes on from one to the next, the ledger is of all of it."""

    stack: Stack
    ledger: Ledger
    workload: Workload
    wires: dict[str, Proxy] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    expected: Expected = field(default_factory=Expected)
    """What the scenarios so far have left on purpose."""


@dataclass
class Trial:
    """What a scenario is given.

    - `stack`, `workload`, `ledger`; `random`, from the seed and the scenario's name; `long`; `folder`, its own
    - `await trial.kill(part)`: SIGKILL to a service, `gateway`, `store` or `kafka`; counted as injected
    - `await trial.until_ready(part)`: seconds from the kill to ready; the greatest is in the table
    - `trial.injected(what, n)`: count a fault of another kind
    - `await trial.until(condition, what)`: wait for a condition, or NotProven
    - `await trial.settle()`: the load pauses, all logs are relayed, all consumers are level
    - `trial.expected`: what the checker is to accept beside the ideal (foreign, parked; see `checker.Expected`)
    - `await trial.check(stack)`: the checker's findings, also of a stack that the scenario made itself
    - `trial.common`: what the scenarios of a run share beside the load's stack; `raise Skipped(reason)`
    """

    name: str
    seed: int
    long: bool
    folder: Path
    site: Site | None = None
    faults: Counter[str] = field(default_factory=Counter)
    ready_seconds: dict[str, list[float]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    expected: Expected = field(default_factory=Expected)
    notes: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    common: Common = field(default_factory=Common)
    skipped: str = ""

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed}/{self.name}")
        self._struck: dict[str, float] = {}
        if self.site is not None:
            self.expected = self.site.expected

    @property
    def stack(self) -> Stack:
        if self.site is None:
            raise NotProven("this scenario has no stack of the harness")
        return self.site.stack

    @property
    def workload(self) -> Workload:
        if self.site is None:
            raise NotProven("this scenario has no load of the harness")
        return self.site.workload

    @property
    def ledger(self) -> Ledger:
        return self.workload.ledger

    def say(self, words: str) -> None:
        """Progress, for whoever watches."""
        print(f"    {self.name}: {words}", flush=True)

    def note(self, words: str) -> None:
        """A sentence for the report, beside the table."""
        self.notes.append(words)
        self.say(words)

    def injected(self, what: str, n: int = 1) -> None:
        self.faults[what] += n

    async def kill(self, part: str) -> int:
        """SIGKILL; the process id that it had."""
        pid = await self.pid_of(part)
        os.kill(pid, signal.SIGKILL)
        self.struck(part)
        self.injected(f"SIGKILL {part}")
        return pid

    def struck(self, part: str) -> None:
        """A part dies now, by whatever hand: `until_ready` counts from here."""
        self._struck[part] = time.monotonic()

    async def pid_of(self, part: str) -> int:
        """A part's process; waits while it is being started again."""
        return int(await self.until(lambda: _soon(self.stack.pids.get(part)), f"{part} to have a process"))

    async def until_ready(self, part: str) -> float:
        """Seconds from the part's last kill until it answers as ready, and for the broker and the store also until
        every service says so and the load's events flow again."""
        await self.until(lambda: answers(self.stack, part), f"{part} to be ready again")
        if part == "store" or part.startswith("kafka"):
            for service in SERVICES:
                await self.until(lambda s=service: answers(self.stack, s), f"{service} to be ready after {part}")  # type: ignore[misc]
            await self.flowing()
        seconds = time.monotonic() - self._struck.get(part, time.monotonic())
        self.ready_seconds.setdefault(part, []).append(seconds)
        return seconds

    async def flowing(self) -> None:
        """Everything that is in the logs now has been relayed and consumed everywhere."""
        async with Levels(self.stack) as levels:
            heads = await self.until(levels.heads, "the logs to answer")
            try:
                what = "all consumers to pass what was in the logs"
                await self.until(lambda: levels.passed(heads), what, every=LEVEL_SECONDS)
            except NotProven as error:
                raise NotProven(f"{error}: {'; '.join((await levels.behind(heads))[:12])}") from error

    async def settle(self) -> None:
        """The load pauses between two commands; then every log is relayed and every consumer is at its head."""
        if self.site is not None:
            await self.workload.pause()
        await self.level(self.stack)

    async def level(self, stack: Stack) -> Heads:
        """Every service is ready, every log relayed, every consumer at its head; the heads."""
        for service in SERVICES:
            await self.until(lambda s=service: answers(stack, s), f"{service} to be ready")  # type: ignore[misc]
        async with Levels(stack) as levels:
            return Heads(await self.until(levels.level, "every consumer to be level", every=LEVEL_SECONDS))

    async def check(self, stack: Stack | None = None, ledger: Ledger | None = None) -> list[Finding]:
        """The checker's findings, kept for the table.

        Evidence is read part after part. What a service does by itself meanwhile (a date came due) makes them parts of
        different instants, which prove nothing of each other: then all of it is read again.
        """
        for _ in range(LOOKS):
            found = await self._checked(stack or self.stack, ledger or self.ledger)
            if found is not None:
                break
        else:
            found = [Finding("unproven", self.name, f"the logs went on each of {LOOKS} times that they were read")]
        self.findings += found
        return found

    async def _checked(self, stack: Stack, ledger: Ledger) -> list[Finding] | None:
        """What is found in evidence of one instant; None if it is not of one."""
        before = await self.level(stack)
        evidence = await gather(stack, ledger, self.expected)
        async with Levels(stack) as levels:
            after = await self.until(levels.heads, "the logs to answer")
        if before == evidence.heads() == after:
            return await asyncio.to_thread(judge, evidence)
        grown = [f"{service}/{n} after {before.get((service, n), 0)}" for service, n in after if (service, n)
                 not in before or after[service, n] != before[service, n]]  # fmt: skip
        self.note(f"the logs went on while they were read ({', '.join(grown)}): reading again")
        return None

    async def until(
        self,
        holds: Callable[[], Awaitable[Any]],
        what: str,
        seconds: float = PATIENCE_SECONDS,
        every: float = LOOK_SECONDS,
    ) -> Any:
        """What the condition says once it says something true. Raises NotProven."""
        until = time.monotonic() + seconds
        while not (found := await holds()):
            if time.monotonic() > until:
                raise NotProven(f"waited {seconds:.0f} s in vain for {what}")
            await asyncio.sleep(every)
        return found


async def _soon(value: Any) -> Any:
    return value


async def answers(stack: Stack, part: str) -> bool:
    """Whether a part is ready: a service by `/readyz`, the others in their own protocol."""
    port = stack.ports[part]
    if part.startswith("kafka"):
        return await probes.kafka(port)
    if part == "store":
        return await probes.store(port)
    return await probes.http(port, "/" if part == "gateway" else "/readyz") == 200


@asynccontextmanager
async def open_site(folder: Path, seed: int) -> AsyncIterator[Site]:
    """A stack whose crash points can be armed, with the load's world set up and the load not yet running."""
    async with running_stack(folder, points=True) as stack:
        ledger = Ledger()
        workload = Workload(stack, ledger, seed)
        try:
            await workload.prepare()
            yield Site(stack, ledger, workload)
        finally:
            await workload.close()

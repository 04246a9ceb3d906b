"""A part of the stack kept alive: started, waited for, restarted with backoff when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.child import Child
from deploy.local.logs import LogFile, tail
from deploy.local.trouble import StackError

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 10.0
# Ready for so long and dead then is no failing start: the next one need not wait longer.
_STEADY = 5.0


@dataclass(frozen=True)
class Plan:
    """How a part runs: `ready` is asked again and again; `attempts` is how often a start may fail; with `nice` above 0
    it yields the processor to the others."""

    name: str
    command: list[str]
    env: Mapping[str, str]
    cwd: Path
    ready: Callable[[], Awaitable[bool]]
    port: int = 0
    patience: float = 60
    grace: float = 10
    attempts: int = 1
    nice: int = 0


class Part:
    """Status is one of stopped, starting, ready, restarting, held."""

    def __init__(self, plan: Plan, logs: Path, changed: Callable[[], None]) -> None:
        self.plan = plan
        self.restarts = 0
        self.status = "stopped"
        self._log = LogFile(logs, plan.name)
        self._changed = changed
        self._child: Child | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start and wait until ready; trouble is told with the end of the log."""
        for attempt in range(1, self.plan.attempts + 1):
            self._become("starting")
            await self._spawn()
            if await self._until_ready():
                self._become("ready")
                self._watcher = asyncio.create_task(self._watch())
                return
            died = self._child is None or self._child.ended
            await self._end()
            if attempt < self.plan.attempts and died:
                await asyncio.sleep(attempt)
                continue
            raise self._trouble(died)

    async def stop(self, status: str = "stopped") -> None:
        """Stop for good: nothing is started again until `start`."""
        if self._watcher:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        await self._end()
        self._become(status)

    def report(self) -> dict[str, Any]:
        """What `tidu status` shows of this part."""
        pid = self._child.pid if self._child and not self._child.ended else None
        return {
            "pid": pid,
            "port": self.plan.port,
            "status": self.status,
            "restarts": self.restarts,
        }

    async def _watch(self) -> None:
        wait = _FIRST_WAIT
        clock = asyncio.get_running_loop().time
        while self._child:
            began = clock()
            code = await self._child.wait()
            if clock() - began > _STEADY:
                wait = _FIRST_WAIT
            self.restarts += 1
            self._become("restarting")
            self._log.write(f"died with code {code}; started again in {wait:.1f} s")
            await asyncio.sleep(wait)
            wait = min(wait * 2, _LONGEST_WAIT)
            await self._spawn()
            if await self._until_ready():
                self._become("ready")
            else:
                await self._child.stop(self.plan.grace)

    async def _spawn(self) -> None:
        plan = self.plan
        self._child = await Child.spawn(plan.command, plan.env, plan.cwd, self._log, plan.nice)
        self._changed()

    async def _until_ready(self) -> bool:
        until = asyncio.get_running_loop().time() + self.plan.patience
        while self._child and not self._child.ended:
            if await self.plan.ready():
                return True
            if asyncio.get_running_loop().time() > until:
                return False
            await asyncio.sleep(0.1)
        return False

    async def _end(self) -> None:
        if self._child:
            await self._child.stop(self.plan.grace)
            self._child = None

    def _become(self, status: str) -> None:
        self.status = status
        self._changed()

    def _trouble(self, died: bool) -> StackError:
        how = "ended before it was ready" if died else f"is not ready after {self.plan.patience:.0f} s"
        last = "\n".join(f"    {line}" for line in tail(self._log.path, 12))
        return StackError(
            f"{self.plan.name} {how}. The end of its log:\n{last}",
            f"the whole log is {self._log.path}",
        )

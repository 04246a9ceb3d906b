"""One process of the stack: started in a session of its own, logged, stopped with all it started."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.local.logs import LogFile

_GUARD = Path(__file__).with_name("guard.py")


class Child:
    """A running process; `pid` is also the id of its group."""

    def __init__(self, process: asyncio.subprocess.Process, log: LogFile) -> None:
        self.pid = process.pid
        self._process = process
        self._log = log
        stream = process.stdout
        assert stream is not None
        self._pump = asyncio.create_task(log.pump(stream))

    @classmethod
    async def spawn(
        cls, command: Sequence[str], env: Mapping[str, str], cwd: Path, log: LogFile, nice: int = 0
    ) -> Child:
        """Start `command` under the guard."""
        guarded = [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), str(nice), *command]
        process = await asyncio.create_subprocess_exec(
            *guarded,
            env=dict(env),
            cwd=cwd,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        log.write(f"started as process {process.pid}")
        return cls(process, log)

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    async def wait(self) -> int:
        """The exit code, once the process ended and its group was cleared of what it left."""
        code = await self._process.wait()
        self._signal(signal.SIGKILL)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._pump, 2)
        return code

    async def stop(self, grace: float) -> int:
        """SIGTERM to the group, `grace` seconds to obey, then SIGKILL."""
        if not self.ended:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self._process.wait(), grace)
            except TimeoutError:
                self._log.write(f"did not stop within {grace:.0f} s: killed")
        code = await self._killed()
        self._log.write(f"ended with code {code}")
        return code

    async def _killed(self) -> int:
        self._signal(signal.SIGKILL)
        return await self.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

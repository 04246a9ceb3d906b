"""Short programs that the start needs: their whole output and exit code, and never an orphan."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_GUARD = Path(__file__).with_name("guard.py")


def module(name: str, *arguments: str) -> list[str]:
    """The command line of a Python module of this distribution."""
    return [sys.executable, "-m", name, *arguments]


async def output_of(command: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
    """Run to the end; if the caller is cancelled, the program ends too."""
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), "0", *command],
        env=dict(env),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode(errors="replace")

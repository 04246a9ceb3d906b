"""The command line as an operator runs it: its words and its exit code."""

import asyncio
import json
import sys
import traceback
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from deploy.cli.main import app
from deploy.local.run import ROOT

_ONE = asyncio.Lock()
"""A command in this process takes its standard output for itself."""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def tidu(data: Path, *words: str) -> Ran:
    """`tidu WORDS --data DATA`, called in this process: one of its own spends most of its time on imports."""
    async with _ONE:
        done = await asyncio.to_thread(CliRunner().invoke, app, [*words, "--data", str(data)])
    trouble = (
        "" if isinstance(done.exception, SystemExit | None) else "".join(traceback.format_exception(done.exception))
    )
    return Ran(done.exit_code, done.stdout, done.stderr + trouble)


async def tidu_process(data: Path, *words: str) -> Ran:
    """The same as a process of its own."""
    command = [sys.executable, "-m", "deploy.cli.main", *words, "--data", str(data)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())

"""The command line as an operator runs it: a process of its own, its words and its exit code."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.run import ROOT


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def tidu(data: Path, *words: str) -> Ran:
    """`tidu WORDS --data DATA`."""
    command = [sys.executable, "-m", "deploy.cli.main", *words, "--data", str(data)]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=PIPE)
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())

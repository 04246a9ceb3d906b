"""A README run as its reader would: every ```bash block in order, in one shell, each curl's status looked at."""

import asyncio
import os
import re
import shutil
from asyncio.subprocess import PIPE, STDOUT
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

BLOCK = re.compile(r"^```(?:bash|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"#\s*(\d{3})\b")
CURL = """#!/bin/bash
head=$(mktemp)
{curl} --retry 3 "$@" -D "$head"
code=$?
echo "$(sed -n 's,^HTTP/[0-9.]* \\([0-9]*\\).*,\\1,p' "$head" | tail -1)" >> "$STATUSES"
rm -f "$head"
exit $code
"""


@dataclass(frozen=True)
class Ran:
    """One command of a README: the statuses of its curls, and the one that the README names, if it names one."""

    text: str
    statuses: list[int]

    @property
    def as_promised(self) -> bool:
        named = NAMED.search(self.text)
        if named is None:
            return all(200 <= status < 300 for status in self.statuses)
        return self.statuses[-1:] == [int(named[1])]


def commands_of(readme: Path) -> list[str]:
    """Whole commands, as the shell sees them."""
    found: list[str] = []
    for block in BLOCK.findall(readme.read_text(encoding="utf-8")):
        command = ""
        for line in block.splitlines(keepends=True):
            command += line
            if not command.rstrip("\n").endswith("\\") and is_whole(command):
                found.append(command)
                command = ""
        assert not command, f"{readme}: not a whole command: {command}"
    return found


def is_whole(text: str) -> bool:
    checked = run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
    return checked.returncode == 0 and "here-document" not in checked.stderr


async def run_readme(readme: Path, variables: dict[str, str], folder: Path) -> list[Ran]:
    """In `folder`, with nothing but these variables. The shell goes on after a failure, as a reader's would; what is answered
    503 is sent again after the time that the answer names, as it asks."""
    commands, statuses = commands_of(readme), folder / "statuses"
    tools = folder / "tools"
    tools.mkdir()
    (tools / "curl").write_text(CURL.format(curl=shutil.which("curl")))
    (tools / "curl").chmod(0o755)
    script = "".join(f"echo '@{n}' >> \"$STATUSES\"\n{text}\n" for n, text in enumerate(commands))
    env = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8", "STATUSES": str(statuses)}
    shell = await asyncio.create_subprocess_exec(
        "bash", "-s", stdin=PIPE, stdout=PIPE, stderr=STDOUT, cwd=folder, env=env | variables
    )
    output, _ = await asyncio.wait_for(shell.communicate(script.encode()), 120)
    (folder / "output").write_bytes(output)
    found: list[list[int]] = []
    for line in statuses.read_text().splitlines():
        if line.startswith("@"):
            found.append([])
        else:
            found[-1].append(int(line or 0))
    assert len(found) == len(commands), output.decode()
    return [Ran(*pair) for pair in zip(commands, found, strict=True)]

"""A stream library's script run by `uv` in an environment of its own; what it folded is checked like ours."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

from bench.folds import check_sum
from bench.frame import Absent, check_count
from bench.logs import Log
from bench.models import case_status, hashed
from libs.events.flow.parity import Sum

SCRIPTS = {"quixstreams": "quix.py", "faust-streaming": "faust_app.py", "bytewax": "bytewax_flow.py"}
HOME = Path(__file__).parent
LIMIT = 180.0


async def fold(name: str, bootstrap: str, topic: str, log: Log, wanted: Sum) -> float:
    """Events/s from the first event to the last, in a process of its own. Raises Absent, Lost."""
    with tempfile.TemporaryDirectory(prefix="tidu-bench-peer-") as folder:
        result = Path(folder) / "result.json"
        script = str(HOME / "streams" / SCRIPTS[name])
        words = await _run(name, "run", "--quiet", "--script", script, bootstrap, topic, str(log.events), str(result))
        if not result.exists():
            raise Absent(f"{name} did not finish: {words}")
        told = json.loads(result.read_text(encoding="utf-8"))
    check_count(log.events, told["events"], f"events folded by {name}")
    check_sum(wanted, hashed(case_status, told["documents"]))
    return log.events / float(told["seconds"])


async def install(name: str) -> None:
    """Bring a peer's environment, so that it is in nobody's time. Raises Absent."""
    words = await _run(name, "sync", "--quiet", "--script", str(HOME / "streams" / SCRIPTS[name]))
    if words:
        raise Absent(f"{name} does not install: {words}")


async def _run(name: str, *args: str) -> str:
    """The last line of what uv said, when it ended badly."""
    uv = shutil.which("uv") or str(HOME.parent / ".uv" / "bin" / "uv")
    process = await asyncio.create_subprocess_exec(
        uv, *args, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(LIMIT):
            said, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Absent(f"{name} was not done after {LIMIT:.0f} s") from None
    lines = said.decode(errors="replace").strip().splitlines()
    return "" if process.returncode == 0 else (lines or ["it ended without a word"])[-1][:200]

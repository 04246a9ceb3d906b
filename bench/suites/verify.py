"""P11: `tidu verify --export` on an exported log, one core, against `sha256sum` over the very same files.

Both read files that have just been written, so from memory; ours in this process without its progress bar. Its verifier
needs the standard library alone and looks at every hash, chain, header, commit, version, shard and clock. Before the
rounds a file with a changed byte must be found, or nothing counts.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from bench.filling import Made
from bench.frame import Given, Lost, alternate, bench, check_count
from bench.logs import SERVICE, Log
from libs.events.audit.export import write_export
from libs.events.audit.offline import verify_export
from libs.events.store.ports import Meta


class _Exported(Made):
    async def meta(self) -> Meta:
        return Meta("bench", len(self._log), 1)


@bench("verify", ids=("P11",), words="an exported log verified offline against sha256sum")
async def run(given: Given) -> list[Figure]:
    log = Log(given.size("events", 120_000, 6_000) // 60, seed=given.seed)
    with tempfile.TemporaryDirectory(prefix="tidu-bench-export-") as folder:
        home = Path(folder) / SERVICE
        check_count(log.events, await write_export(Path(folder), SERVICE, _Exported(log), "now"), "events exported")  # type: ignore[arg-type]
        paths = [home / f"{shard}.log" for shard in range(log.shards)]
        given.sizes["bytes"] = sum(path.stat().st_size for path in paths)
        _must_find_a_changed_byte(home, paths[-1])
        cpu: list[float] = []

        async def ours() -> float:
            began, used = time.perf_counter(), time.process_time()
            walked = verify_export(home)
            seconds = time.perf_counter() - began
            cpu.append((time.process_time() - used) / log.events * 1e6)
            check_count(0, len(walked.faults), f"faults ({walked.faults[:1]})")
            check_count(log.events, sum(walked.positions.values()), "events verified")
            return log.events / seconds

        async def peer() -> float:
            began = time.perf_counter()
            process = await asyncio.create_subprocess_exec(
                "sha256sum", *map(str, paths), stdout=asyncio.subprocess.DEVNULL
            )
            check_count(0, await process.wait(), "as sha256sum's exit code")
            return log.events / (time.perf_counter() - began)

        pairs = await alternate(given, ours, peer)
    return [
        Figure(
            "P11", "offline verification of an exported log, one core", pairs.ours, "sha256sum", pairs.peer, pairs.ratio,
            "≥ 100,000", pairs.ours.median >= 100_000, {"CPU µs per event": cpu}, "events/s",
        )
    ]  # fmt: skip


def _must_find_a_changed_byte(home: Path, path: Path) -> None:
    good = path.read_bytes()
    middle = len(good) // 2
    path.write_bytes(good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :])
    if not verify_export(home).faults:
        raise Lost("a changed byte was not found")
    path.write_bytes(good)

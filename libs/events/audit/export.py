"""An exported log: the very bytes that are hashed, so that it is verified without store, topic or this platform.

A folder per service. `<shard>.log` holds one entry per event: the line `<hash> <length>`, then `length` bytes whose SHA-256
is `hash` (architecture §3.7: twenty `name=value` lines, an empty line, the body), then a line feed. `export.json` says what
the files hold. `libs/events/audit/offline.py` verifies it with the standard library alone.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from libs.events.envelope import GENESIS, Commit, event_headers, hashed_text
from libs.events.store.ports import CommitStore

FORMAT = "tidu-export-1"
PAGE = 500


async def write_export(
    folder: Path, service: str, store: CommitStore, made_at: str, progress: Callable[[int], None] = lambda _: None
) -> int:
    """Every shard of a service into `<folder>/<service>/`; how many events. Each file is written aside and renamed when
    whole, `export.json` last. Raises Unavailable, OSError."""
    meta, home = await store.meta(), folder / service
    home.mkdir(parents=True, exist_ok=True)
    (home / "export.json").unlink(missing_ok=True)
    heads: dict[str, tuple[int, str]] = {}
    for shard in range(meta.shards):
        heads[str(shard)] = await _write_shard(home / f"{shard}.log", store, shard, progress)
    _write(home / "export.json", [_content(service, msgspec.to_builtins(meta), made_at, heads)])
    return sum(position for position, _ in heads.values())


def _content(service: str, meta: dict[str, Any], made_at: str, heads: dict[str, tuple[int, str]]) -> bytes:
    content = {"format": FORMAT, "service": service, **meta, "made_at": made_at, "heads": heads}
    return json.dumps(content, indent=1).encode() + b"\n"


async def _write_shard(path: Path, store: CommitStore, shard: int, progress: Callable[[int], None]) -> tuple[int, str]:
    """The last position and hash."""
    draft = _draft(path)
    position, hash_ = 0, GENESIS
    try:
        with draft.open("wb") as file:
            while page := await store.read_shard(shard, position, PAGE):
                for commit in page:
                    file.writelines(entries(commit))
                progress(page[-1].last_position - position)
                position, hash_ = page[-1].last_position, page[-1].hash
            _keep(file, draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return position, hash_


def entries(commit: Commit) -> Iterator[bytes]:
    """A commit's events as they stand in a file."""
    previous = commit.previous_hash
    for n, event in enumerate(commit.events):
        text = hashed_text(event_headers(commit, n, previous), event.body.encode())
        yield b"%b %d\n%b\n" % (event.hash.encode(), len(text), text)
        previous = event.hash


def _write(path: Path, parts: list[bytes]) -> None:
    draft = _draft(path)
    try:
        with draft.open("wb") as file:
            file.writelines(parts)
            _keep(file, draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}")


def _keep(file: Any, draft: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    os.replace(draft, path)

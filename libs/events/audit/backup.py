"""A backup of one service: its log, and what it keeps beside it; one file that proves itself.

Gzipped JSON lines: a head, every commit by shard and position, every document, and an end with the counts and the SHA-256
of everything before. Read models are not in it: they are folded again. Personal keys are not in it: they are nobody's
but the key database's.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from libs.events.audit.restore import BATCH, compare, insert
from libs.events.envelope import GENESIS, Commit, commit_fault
from libs.events.points import reach
from libs.events.store.ports import CommitStore

FORMAT = "tidu-backup-1"
PAGE = 500


class BadBackup(Exception):
    """The file is no backup of this service, or not the one that was written."""


class Beside(Protocol):
    """A service's documents beside its log (libs.events.store.dump)."""

    def documents(self) -> AsyncIterator[tuple[str, str]]: ...

    async def put(self, documents: list[tuple[str, str]]) -> int: ...


class Content(msgspec.Struct, frozen=True):
    """What a file holds; `heads` is by shard."""

    service: str
    deployment: str
    shards: int
    generation: int
    made_at: str
    commits: int
    documents: int
    heads: dict[int, int]


async def write_backup(path: Path, service: str, store: CommitStore, beside: Beside, made_at: str) -> Content:
    """Written aside and renamed when whole, readable by its owner alone. Raises Unavailable, OSError."""
    meta = await store.meta()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    sha, counts, heads = hashlib.sha256(), [0, 0], dict[int, int]()
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:

            def line(content: dict[str, Any]) -> None:
                text = json.dumps(content, ensure_ascii=False).encode() + b"\n"
                sha.update(text)
                file.write(text)

            line({"format": FORMAT, "service": service, **msgspec.to_builtins(meta), "made_at": made_at})
            # Documents first: a draft's event that comes in between is then in the log, never the other way round.
            async for collection, document in beside.documents():
                line({"collection": collection, "document": document})
                counts[1] += 1
            for shard in range(meta.shards):
                heads[shard] = 0
                while page := await store.read_shard(shard, heads[shard], PAGE):
                    for commit in page:
                        line({"commit": msgspec.to_builtins(commit)})
                    heads[shard], counts[0] = page[-1].last_position, counts[0] + len(page)
            end = {"commits": counts[0], "documents": counts[1], "heads": heads, "sha256": sha.hexdigest()}
            file.write(json.dumps({"end": end}).encode() + b"\n")
            file.close()
            raw.flush()
            os.fsync(raw.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    reach("backup.written")
    return Content(service, meta.deployment, meta.shards, meta.generation, made_at, counts[0], counts[1], heads)


def check_backup(path: Path, service: str) -> Content:
    """Reads all of it: every hash and number is computed anew. Raises BadBackup."""
    head: dict[str, Any] = {}
    counts = {"commits": 0, "documents": 0}
    at: dict[int, tuple[int, str]] = {}
    for content in _lines(path):
        if not head:
            head = content
            if head.get("format") != FORMAT:
                raise BadBackup(f"{path} is no backup of this kind ({FORMAT})")
            if head["service"] != service:
                raise BadBackup(f"{path} is a backup of {head['service']}, not of {service}")
        elif "commit" in content:
            commit = _commit(content)
            position, hash_ = at.get(commit.shard, (0, GENESIS))
            if commit.position != position + 1 or commit.previous_hash != hash_ or commit_fault(commit) is not None:
                raise BadBackup(f"{path}: shard {commit.shard}, position {commit.position} does not verify")
            at[commit.shard] = (commit.last_position, commit.hash)
            counts["commits"] += 1
        elif "document" in content:
            counts["documents"] += 1
        elif "end" in content:
            end = content["end"]
            heads = {int(shard): position for shard, position in end["heads"].items() if position}
            if counts != {name: end[name] for name in counts} or heads != {s: p for s, (p, _) in at.items()}:
                raise BadBackup(f"{path}: its end does not say what it holds; take another copy")
    return Content(
        service, head["deployment"], head["shards"], head["generation"], head["made_at"], counts["commits"],
        counts["documents"], {shard: position for shard, (position, _) in at.items()},
    )  # fmt: skip


async def restore_backup(path: Path, service: str, store: CommitStore, beside: Beside) -> tuple[int, int]:
    """(commits, documents) that were missing and are there now; nothing is overwritten. The file is checked first.

    Raises BadBackup, NotRestorable, Unavailable.
    """
    content, meta = check_backup(path, service), await store.meta()
    if (content.deployment, content.shards) != (meta.deployment, meta.shards):
        raise BadBackup(
            f"{path} is of deployment {content.deployment} with {content.shards} shards, the store of "
            f"{meta.deployment} with {meta.shards}"
        )
    heads = {shard: (await store.head(shard)).position for shard in range(meta.shards)}
    commits, documents, done = list[Commit](), list[tuple[str, str]](), [0, 0]
    for line in _lines(path):
        if "commit" in line:
            commit = _commit(line)
            if commit.position <= heads[commit.shard]:
                await compare(store, commit)
            else:
                commits.append(commit)
        elif "document" in line:
            documents.append((line["collection"], line["document"]))
        if len(commits) >= BATCH or len(documents) >= BATCH:
            done[0], done[1] = done[0] + await insert(store, commits), done[1] + await beside.put(documents)
            commits, documents = [], []
    return done[0] + await insert(store, commits), done[1] + await beside.put(documents)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Every line; at the end the file must say its own SHA-256. Raises BadBackup."""
    sha, ended = hashlib.sha256(), False
    try:
        with gzip.open(path, "rb") as file:
            for text in file:
                content: dict[str, Any] = json.loads(text)
                if "end" in content:
                    ended = True
                    if content["end"]["sha256"] != sha.hexdigest():
                        raise BadBackup(f"{path} is damaged: its content is not what was written; take another copy")
                sha.update(text)
                yield content
    except FileNotFoundError as error:
        raise BadBackup(f"there is no file {path}") from error
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise BadBackup(f"{path} is damaged ({error}); take another copy") from error
    if not ended:
        raise BadBackup(f"{path} ends too early; take another copy")


def _commit(content: dict[str, Any]) -> Commit:
    try:
        return msgspec.convert(content["commit"], Commit)
    except msgspec.ValidationError as error:
        raise BadBackup(f"a commit of the backup cannot be read: {error}") from error

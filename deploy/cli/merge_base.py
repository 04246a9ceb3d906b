"""What the published language was where this work began: read from git, without touching the working tree."""

import io
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple

import msgspec

from libs.events.contracts import schemas

ROOT = Path(__file__).parents[2]
BRANCHES = ("origin/main", "main")


class NoBase(Exception):
    """There is no history to compare with; the message says why."""


class Published(NamedTuple):
    """Schemas and the bytes of samples by wire type, and where they were read."""

    where: str
    schemas: dict[str, dict[str, object]]
    samples: dict[str, bytes]


def published(branch: str = "", root: Path = ROOT) -> Published:
    """At the merge base with `branch` (else of the main branch; on it, at the commit before). Raises NoBase."""
    commit, why = _base(root, branch)
    files = _files(root, commit)
    return Published(
        f"{commit[:12]} ({why})",
        {name: msgspec.json.decode(content) for name, content in files["schemas"].items()},
        files["samples"],
    )


def committed() -> Published:
    """What lies in the folder: all there is to compare with where there is no git."""
    found = {
        kind: {f"{path.parent.name}.{path.stem}": path.read_bytes() for path in sorted(folder.glob("*/*.json"))}
        for kind, folder in (("schemas", schemas.SCHEMAS), ("samples", schemas.SAMPLES))
    }
    return Published(
        "the committed schemas",
        {name: msgspec.json.decode(content) for name, content in found["schemas"].items()},
        found["samples"],
    )


def _base(root: Path, branch: str) -> tuple[str, str]:
    head = _git(root, "rev-parse", "HEAD").decode().strip()
    for name in [branch] if branch else BRANCHES:
        try:
            base = _git(root, "merge-base", "HEAD", name).decode().strip()
        except NoBase:
            if branch:
                raise
            continue
        if base != head:
            return base, f"merge base with {name}"
    try:
        return _git(root, "rev-parse", "HEAD~1").decode().strip(), "the commit before this one"
    except NoBase:
        return head, "this commit, which has no other before it"


def _files(root: Path, commit: str) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {"schemas": {}, "samples": {}}
    folder = schemas.HERE.relative_to(ROOT).as_posix()
    packed = _git(root, "archive", "--format=tar", commit, folder)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive.getmembers():
            path = Path(member.name)
            content = archive.extractfile(member) if path.suffix == ".json" else None
            if content is not None and path.parts[-3] in found:
                found[path.parts[-3]][f"{path.parent.name}.{path.stem}"] = content.read()
    return found


def _git(root: Path, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False, timeout=30)
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise NoBase(f"git cannot be asked: {error}") from error
    if done.returncode:
        raise NoBase(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip() or 'failed'}")
    return done.stdout

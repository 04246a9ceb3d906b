"""The data folder of one stack: where everything lives, and the lock that keeps a second stack out."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.local.trouble import StackError

DEFAULT = Path(".tidu")


class Folder:
    """Paths under one data folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()
        self.logs = self.root / "logs"
        self.kafka = self.root / "kafka"
        self.store = self.root / "store"
        self.gateway = self.root / "gateway"
        self.heads = self.root / "heads"
        self.secrets = self.root / "secrets.json"
        self.state = self.root / "stack.json"
        self.held = self.root / "held.json"
        self.points = self.root / "points"
        self.lock = self.root / "lock"

    def prepare(self) -> None:
        """Make the folders; a path that Kafka's own configuration cannot express is refused."""
        if "," in str(self.root) or "\n" in str(self.root):
            raise StackError(f"Kafka cannot use a folder with a comma in its name: {self.root}")
        try:
            for path in (self.root, self.logs, self.kafka, self.store, self.gateway):
                path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StackError(
                f"The data folder {self.root} cannot be made: {error.strerror}",
                "choose another with --data DIR",
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; the lock goes away with the process, whatever ends it."""
        handle = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(handle, 20).decode().strip() or "?"
            os.close(handle)
            raise StackError(
                f"The data folder {self.root} is in use by another stack (process {holder}).",
                f"stop it with: tidu down --data {self.root}, or choose another with --data DIR",
            ) from error
        try:
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
            yield
        finally:
            os.close(handle)


def read_json(path: Path) -> dict[str, Any] | None:
    """The file's object; None when there is no file; an unreadable one is trouble."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _damaged(path, error) from error
    if not isinstance(found, dict):
        raise _damaged(path, TypeError("no object"))
    return found


def _damaged(path: Path, error: Exception) -> StackError:
    return StackError(
        f"The data folder is damaged: {path} cannot be read ({error}).",
        "restore the file from a copy, or move the folder away and start afresh",
    )


def write_json(path: Path, content: Mapping[str, Any], mode: int = 0o644) -> None:
    """Replace the file whole, so that a reader never sees half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
    os.replace(draft, path)

"""One log file per process; every line carries the time and the name, so files can be read merged."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

_LARGEST = 20 * 1024 * 1024


class LogFile:
    """Appends prefixed lines; at 20 MiB the file becomes `.1` and a new one begins."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / f"{name}.log"
        self._name = name
        self._file: TextIO | None = None

    def write(self, line: str) -> None:
        """One line, stamped in UTC."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        file = self._open()
        file.write(f"{stamp}Z {self._name:<13} | {line}\n")
        file.flush()

    def _open(self) -> TextIO:
        if self._file and self._file.tell() > _LARGEST:
            self._file.close()
            self._file = None
            self.path.replace(self.path.with_suffix(".log.1"))
        if self._file is None:
            self._file = self.path.open("a", encoding="utf-8")
        return self._file

    async def pump(self, stream: asyncio.StreamReader) -> None:
        """Copy until the stream ends; a line of any length passes."""
        rest = b""
        while chunk := await stream.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self.write(line.decode(errors="replace").rstrip("\r"))
        if rest:
            self.write(rest.decode(errors="replace"))


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log, without reading all of it."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - lines * 2000))
            return file.read().decode(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        return []

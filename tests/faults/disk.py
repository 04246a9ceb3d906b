"""A disk that can be full: a small tmpfs where this user may mount, else a limit on how long files may grow."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

ROOM = 1024 * 1024 * 1024
LEFT = 64 * 1024


class Disk:
    """`fill` leaves `LEFT` bytes to a part's data folder, `free` gives the room back; `how` is what was used."""

    def __init__(self, place: Path) -> None:
        self.place, self.mounted = place, False

    @property
    def how(self) -> str:
        return "a full tmpfs" if self.mounted else "RLIMIT_FSIZE"

    def mount(self) -> bool:
        """Whether this user may."""
        self.place.mkdir(parents=True, exist_ok=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tidu-trial", str(self.place)]
        self.mounted = shutil.which("mount") is not None and _run(words)
        return self.mounted

    def unmount(self) -> None:
        if self.mounted and not _run(["umount", str(self.place)]):
            _run(["umount", "-l", str(self.place)])

    def fill(self, pid: int) -> None:
        """Full from now on, for the part with this process id."""
        if self.mounted:
            used = shutil.disk_usage(self.place).used
            if not _run(["mount", "-o", f"remount,size={used + LEFT}", str(self.place)]):
                raise OSError(f"{self.place} cannot be made full")
            return
        longest = max((p.stat().st_size for p in self.place.rglob("*") if p.is_file()), default=0)
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (longest + LEFT, resource.RLIM_INFINITY))

    def free(self, pid: int | None) -> None:
        """Room again; a process started since has no limit anyway."""
        if self.mounted:
            _run(["mount", "-o", f"remount,size={ROOM}", str(self.place)])
        elif pid is not None:
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


def _run(words: list[str]) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@asynccontextmanager
async def disks(*places: Path) -> AsyncIterator[list[Disk]]:
    """One for each folder, mounted if possible; unmounted with the block."""
    found = [Disk(place) for place in places]
    try:
        for disk in found:
            disk.mount()
        yield found
    finally:
        for disk in found:
            disk.unmount()

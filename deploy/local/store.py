"""The embedded MongoDB-compatible store: a process of its own, synced on commit, users enforced."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import quote

from deploy.local import probes
from deploy.local.folder import Folder
from deploy.local.part import Part, Plan
from deploy.local.ports import HOST
from deploy.local.run import module, output_of
from deploy.local.tools import tool
from deploy.local.trouble import StackError
from deploy.local.vault import STORE_USERS, Secrets

_OPTIONS = "directConnection=true&retryWrites=false&serverMonitoringMode=poll"
_MAIN = Path(__file__).with_name("store_main.py")


def uri(port: int, secrets: Secrets | None = None, user: str = "", database: str = "") -> str:
    """The address, for one user or (without secrets) for nobody in particular."""
    if secrets is None:
        return f"mongodb://{HOST}:{port}/{database}?{_OPTIONS}"
    name = f"{user}:{quote(secrets.passwords[user], safe='')}"
    return f"mongodb://{name}@{HOST}:{port}/{database}?{_OPTIONS}&authSource=admin"


def plan(folder: Folder, port: int, *, auth: bool = True, change_streams: bool = False) -> Plan:
    """How the store runs; ready when it answers ping. Without change streams it keeps no oplog, and writes cost less."""
    command = [sys.executable, "-P", str(_MAIN), str(tool("secantusd-py", "secantusdb"))]
    command += ["--host", HOST, "--port", str(port)]
    command += ["--storage-path", str(folder.store / "data"), "--cache-size", "256M"]
    command += [
        "--sync-on-commit",
        "--log-level",
        "WARNING",
        *(["--auth"] if auth else []),
        *([] if change_streams else ["--standalone"]),
    ]
    return Plan(
        name="store",
        command=command,
        env=dict(os.environ),
        cwd=folder.store,
        ready=lambda: probes.store(port),
        port=port,
        grace=20,
    )


def has_admin(folder: Folder) -> bool:
    """Whether the first user was made, so that the store may enforce users."""
    return _mark(folder).exists()


async def make_admin(folder: Folder, port: int, secrets: Secrets, part: Part) -> None:
    """Once per data folder: the store runs without users just long enough to get its first."""
    await part.start()
    await _provision(uri(port), secrets, "local", 0, "--first")
    await part.stop()
    _mark(folder).touch()


async def provision(port: int, secrets: Secrets, deployment: str, shards: int) -> None:
    """Databases, indexes, roles and users, as the production deployment makes them."""
    await _provision(uri(port, secrets, "admin"), secrets, deployment, shards)


async def _provision(admin: str, secrets: Secrets, deployment: str, shards: int, *more: str) -> None:
    env = {
        **os.environ,
        "TIDU_ADMIN_STORE_URI": admin,
        "TIDU_DEPLOYMENT": deployment,
        "TIDU_SHARDS": str(shards),
        **{f"TIDU_PASSWORD_{user.upper()}": secrets.passwords[user] for user in STORE_USERS},
    }
    code, text = await output_of(module("libs.events.store.provision_main", *more), env)
    if code != 0:
        raise StackError(
            f"The store could not be provisioned: {text.strip()[-2000:]}",
            "if secrets.json or the store was replaced, put back the one that belongs to the other",
        )


def _mark(folder: Folder) -> Path:
    return folder.store / "admin-made"

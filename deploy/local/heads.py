"""The signer of heads as a part of the stack: an auditor's rights, a key of its own, a folder outside the services."""

from __future__ import annotations

import os

from deploy.local import store
from deploy.local.folder import Folder
from deploy.local.part import Plan
from deploy.local.run import ROOT, module
from deploy.local.vault import Secrets


def plan(folder: Folder, store_port: int, deployment: str, profile: str, secrets: Secrets) -> Plan:
    """Nobody waits for it: it is ready once it has begun."""

    async def ready() -> bool:
        return any(folder.heads.glob("key-*.pem"))

    env = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",
        "TIDU_PROFILE": profile,
        "TIDU_DEPLOYMENT": deployment,
        "TIDU_STORE_URI": store.uri(store_port, secrets, "auditor"),
        "TIDU_HEADS_KEY": secrets.heads_key,
        "TIDU_HEADS_FOLDER": str(folder.heads),
    }
    return Plan(
        name="heads",
        command=module("libs.events.audit.heads_main"),
        env=env,
        cwd=ROOT,
        ready=ready,
        attempts=3,
        nice=10,
    )

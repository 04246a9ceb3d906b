"""The five services as processes: which of them exist, and the environment each is given."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local import probes, store
from deploy.local.mailbox import plan as mailbox
from deploy.local.part import Plan
from deploy.local.ports import HOST
from deploy.local.run import ROOT, module
from deploy.local.vault import Secrets

NAMES = ("identity", "applications", "assessment", "review", "notifications")
NICE = {"assessment": 3, "notifications": 5}
"""One event wakes all five. Whom somebody waits for comes first; a score or a message may be milliseconds later."""


@dataclass(frozen=True)
class Surroundings:
    """What all services of one stack have in common."""

    profile: str
    deployment: str
    shards: int
    kafka: Sequence[int]
    store_port: int
    origin: str
    secrets: Secrets
    mailbox: tuple[int, int] = (0, 0)
    """Ports of the local mailbox: HTTP (SMS gateway), SMTP."""
    points: Path | None = None
    """Where plans of crash points are looked for, one file per service; never in production."""


def present(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those that can be run, and those of which this tree has no code yet."""
    runnable = [n for n in names if (ROOT / "services" / n / "__main__.py").exists()]
    return runnable, [n for n in names if n not in runnable]


def contract(name: str, port: int, around: Surroundings) -> dict[str, str]:
    """What the services' settings read; docker-compose.yml gives the same names."""
    secrets = around.secrets
    given = {
        "TIDU_PROFILE": around.profile,
        "TIDU_DEPLOYMENT": around.deployment,
        "TIDU_KAFKA": ",".join(f"{HOST}:{port}" for port in around.kafka),
        "TIDU_STORE_URI": store.uri(around.store_port, secrets, name),
        "TIDU_KEYS_URI": store.uri(around.store_port, secrets, name, "tidu_keys"),
        "TIDU_INSTANCE": name,
        "TIDU_HTTP_HOST": HOST,
        "TIDU_HTTP_PORT": str(port),
        "TIDU_SHARDS": str(around.shards),
        "TIDU_MASTER_KEY": secrets.master_key,
        "TIDU_PEPPER": secrets.pepper,
        "TIDU_FINGERPRINT_SECRET": secrets.fingerprint_secret,
        "TIDU_ORIGIN": around.origin,
    }
    if around.points is not None:
        given["TIDU_POINTS"] = str(around.points / f"{name}.json")
        given["TIDU_WALL_STEP"] = str(around.points / f"{name}.clock")
    if name == "identity":
        given["TIDU_SYSTEM_ADMIN_LOGIN"] = secrets.system_admin_login
        given["TIDU_SYSTEM_ADMIN_PASSWORD"] = secrets.system_admin_password
        given |= mailbox.settings(*around.mailbox, secrets.sms_secret)
        # Outside sign-in is whoever's who starts the stack: nothing stands in for a provider unless they say so.
        given["TIDU_OIDC_PROVIDERS"] = os.environ.get("TIDU_OIDC_PROVIDERS", "")
    return given


def environment(name: str, port: int, around: Surroundings) -> dict[str, str]:
    """The caller's environment with the contract on top of it."""
    # Two malloc arenas instead of eight per core: tens of MiB less per process.
    frugal = {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}
    return {**os.environ, **frugal, **contract(name, port, around)}


def plan(name: str, port: int, around: Surroundings) -> Plan:
    """How a service runs; ready when it says so itself."""

    async def ready() -> bool:
        return await probes.http(port, "/readyz") == 200

    return Plan(
        name=name,
        command=module(f"services.{name}", "all"),
        env=environment(name, port, around),
        cwd=ROOT,
        ready=ready,
        port=port,
        patience=90,
        grace=15,
        attempts=3,
        nice=NICE.get(name, 0),
    )

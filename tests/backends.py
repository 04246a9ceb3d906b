"""A real Kafka and a real store for tests, wherever they can be had."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from secrets import token_hex

from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.stack import Stack, running_stack
from libs.events.contracts.base import SERVICES
from libs.events.flow.topics import ensure, load
from libs.events.store import provision

KAFKA, STORE = "TIDU_TEST_KAFKA", "TIDU_TEST_STORE_URI"
IMAGES = ("apache/kafka:4.3.0", "mongo:8.0")
SHARDS = 4


@dataclass(frozen=True)
class Backends:
    """`store_uri` is an administrator's; `stack` is there when the embedded stack runs."""

    kind: str
    kafka: str
    store_uri: str
    stack: Stack | None = None

    async def fresh(self, shards: int = SHARDS) -> str:
        """A new prefix with its topics, databases and indexes: one test's own deployment."""
        prefix = f"t{token_hex(4)}"
        await asyncio.to_thread(self._databases, prefix, shards)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            await ensure(admin, [_renamed(topic, prefix) for topic in load(shards=shards)])
        finally:
            await admin.close()
        return prefix

    def _databases(self, prefix: str, shards: int) -> None:
        client = provision.connect(self.store_uri)
        try:
            for service in SERVICES:
                provision._log(client, f"{prefix}{service}", provision.Deployment("test", shards))
        finally:
            client.close()


def _renamed(topic: object, prefix: str) -> object:
    from dataclasses import replace

    return replace(topic, name=f"{prefix}{topic.name}")  # type: ignore[attr-defined,type-var]


@cache
def available() -> str:
    if os.environ.get(KAFKA) and os.environ.get(STORE):
        return "addresses from the environment"
    return "Docker (testcontainers)" if _docker_has_images() else "embedded (Kafka from jars, SecantusDB)"


def _docker_has_images() -> bool:
    """An engine that answers and has the images: a running engine without a registry would hang."""
    if shutil.which("docker") is None:
        return False
    try:
        done = subprocess.run(["docker", "image", "inspect", *IMAGES], capture_output=True, timeout=10, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


@asynccontextmanager
async def open_backends(folder: Path) -> AsyncIterator[Backends]:
    kind = available()
    if kind.startswith("addresses"):
        yield Backends(kind, os.environ[KAFKA], os.environ[STORE])
    elif kind.startswith("Docker"):
        from tests.containers import running_containers

        with running_containers(*IMAGES) as (kafka, store):
            yield Backends(kind, kafka, store)
    else:
        async with running_stack(folder, services=(), change_streams=True) as stack:
            yield Backends(kind, stack.kafka, stack.admin_store_uri, stack)

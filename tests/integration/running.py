"""A service's runtime in this process, on the test backends, without HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from libs.events.contracts.actors import Actor
from libs.events.decider import Command
from libs.events.ids import make_id
from libs.events.runtime import Role, Runtime
from libs.events.service import Service
from libs.events.settings import KernelSettings
from tests.backends import SHARDS, Backends
from tests.toy import Post

PATIENCE = 30.0


def settings(backends: Backends, prefix: str, **more: Any) -> KernelSettings:
    return KernelSettings(
        kafka=backends.kafka, store_uri=backends.store_uri, prefix=prefix, deployment="test", shards=SHARDS,
        profile="test", **more,
    )  # fmt: skip


async def eventually(holds: Callable[[], Awaitable[Any]], what: str = "") -> Any:
    """Wait for a condition; what it last said is in the error."""
    until = time.monotonic() + PATIENCE
    while True:
        found = await holds()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited {PATIENCE:.0f} s in vain {what}")
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(
    backends: Backends, prefix: str, service: Service, role: Role = "all", **more: Any
) -> AsyncIterator[Runtime]:
    runtime = Runtime(service, settings(backends, prefix, **more), role)
    runtime.start()

    async def ready() -> bool:
        return not runtime.ready()

    try:
        await eventually(ready, f"for {service.name} to be ready: {runtime.ready()}")
        yield runtime
    finally:
        await runtime.stop()


def head(runtime: Runtime, key: str) -> dict[str, Any]:
    return {"id": make_id("test", key), "received_at": runtime.business.now(), "actor": Actor("service", "test")}


def post(runtime: Runtime, n: int, *, key: str = "a1", name: str = "m", **more: Any) -> Command:
    return Post(**head(runtime, f"{key}-{name}-{n}"), key=key, name=name, **more)

"""The bare API as a process of its own, as a service is one."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.client import Client

READY_WITHIN = 30.0


@asynccontextmanager
async def bare_api() -> AsyncIterator[Client]:
    """A client of it, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.peers.bare_api", str(port), env=environment
    )
    client = Client(f"http://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(READY_WITHIN):
            while not await _answers(client):
                await asyncio.sleep(0.05)
        yield client
    finally:
        await client.close()
        process.terminate()
        await process.wait()


async def _answers(client: Client) -> bool:
    try:
        return (await client.ask("GET", "/openapi.json")).good
    except OSError:
        return False

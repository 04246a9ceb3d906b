"""The five logs of a running stack, opened with least privilege."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.local.stack import Stack
from libs.events.contracts.base import SERVICES
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState


@asynccontextmanager
async def open_logs(stack: Stack, user: str = "auditor") -> AsyncIterator[dict[str, MongoCommits]]:
    """Each service's commits, as `auditor` (who reads logs and nothing else) or `restorer`."""
    client = connect(stack.store_uri(user))
    try:
        yield {service: MongoCommits(client, service) for service in SERVICES}
    finally:
        client.close()


@asynccontextmanager
async def open_state(stack: Stack, service: str) -> AsyncIterator[MongoState]:
    """A service's read models, checkpoints and parking lot, as its own user."""
    async with state_at(stack.store_uri(service), service) as state:
        yield state


@asynccontextmanager
async def state_at(uri: str, service: str, prefix: str = "") -> AsyncIterator[MongoState]:
    client = connect(uri)
    try:
        yield MongoState(client, service, prefix)
    finally:
        client.close()

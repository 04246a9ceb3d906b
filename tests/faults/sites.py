"""The kinds of stack that scenarios run on, each with the load's world set up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

from deploy.local.ports import choose
from deploy.local.stack import Stack, running_stack
from tests.faults.disk import disks
from tests.faults.harness import Site, open_site
from tests.faults.ledger import Ledger
from tests.faults.proxy import Proxy
from tests.faults.workload import Workload


@asynccontextmanager
async def with_load(stack: Stack, seed: int) -> AsyncIterator[Site]:
    """A site on a stack that runs."""
    ledger = Ledger()
    workload = Workload(stack, ledger, seed)
    try:
        await workload.prepare()
        yield Site(stack, ledger, workload)
    finally:
        await workload.close()


@asynccontextmanager
async def open_cluster(folder: Path, seed: int) -> AsyncIterator[Site]:
    """Three brokers, replication 3, two in sync."""
    async with running_stack(folder, brokers=3) as stack, with_load(stack, seed) as site:
        yield site


@asynccontextmanager
async def open_hindered(folder: Path, seed: int) -> AsyncIterator[Site]:
    """Services reach Kafka and the store by proxies, `site.wires`; both have a disk that can be full, `site.disks`."""
    ports = choose(("kafka-wire", "kafka-near", "store-wire", "store"), {}, {})
    asked = {name: ports[name] for name in ("kafka-near", "store")}
    async with AsyncExitStack() as life:
        kafka, store = await life.enter_async_context(disks(folder / "kafka" / "data", folder / "store" / "data"))
        near = await life.enter_async_context(Proxy(ports["kafka-wire"], ports["kafka-near"]))
        far = await life.enter_async_context(Proxy(ports["store-wire"], ports["store"]))
        wires = {"kafka": near.port, "store": far.port}
        stack = await life.enter_async_context(running_stack(folder, points=True, ports=asked, wires=wires))
        site = await life.enter_async_context(with_load(stack, seed))
        site.wires, site.disks = {"kafka": near, "store": far}, {"kafka": kafka, "store": store}
        yield site


KINDS: dict[str, Callable[[Path, int], AbstractAsyncContextManager[Site]]] = {
    "usual": open_site,
    "cluster": open_cluster,
    "hindered": open_hindered,
}


def open_site_of(kind: str, folder: Path, seed: int) -> AbstractAsyncContextManager[Site]:
    return KINDS[kind](folder, seed)

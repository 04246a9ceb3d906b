"""The kinds of stack that scenarios run on, each with the load's world set up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from deploy.local.ports import choose
from deploy.local.stack import Stack, running_stack
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
async def open_wired(folder: Path, seed: int) -> AsyncIterator[Site]:
    """Services reach Kafka and the store by proxies, `site.wires`."""
    ports = choose(("kafka-wire", "kafka-near", "store-wire", "store"), {}, {})
    async with (
        Proxy(ports["kafka-wire"], ports["kafka-near"]) as kafka,
        Proxy(ports["store-wire"], ports["store"]) as store,
    ):
        wires = {"kafka": kafka.port, "store": store.port}
        asked = {name: ports[name] for name in ("kafka-near", "store")}
        async with running_stack(folder, points=True, ports=asked, wires=wires) as stack:
            async with with_load(stack, seed) as site:
                site.wires = {"kafka": kafka, "store": store}
                yield site


KINDS: dict[str, Callable[[Path, int], AbstractAsyncContextManager[Site]]] = {
    "usual": open_site,
    "cluster": open_cluster,
    "wired": open_wired,
}


def open_site_of(kind: str, folder: Path, seed: int) -> AbstractAsyncContextManager[Site]:
    return KINDS[kind](folder, seed)

"""`tidu rebuild SERVICE PROJECTION`: forget a read model and its checkpoints; the running service folds it anew."""

import asyncio
import time
from importlib import import_module
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.logs_access import open_logs, open_state
from deploy.cli.options import DATA, Data, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.flow.parking import REQUESTS
from libs.events.flow.projections import Projection
from libs.events.store.mongo import MongoState

PATIENCE_SECONDS = 600.0


def rebuild(
    service: Annotated[str, typer.Argument(help="The service.")],
    name: Annotated[str, typer.Argument(help="The read model's name.")],
    data: Data = DATA,
) -> None:
    """Rebuild a read model from zero, from the topics. 重建"""
    found = [p for p in import_module(f"services.{service}.app").service.projections if p.name == name]
    if not found:
        raise typer.BadParameter(f"{service} has no read model {name}")
    with trouble_in_words():
        documents, seconds = asyncio.run(_rebuild(load_running(data), service, found[0]))
    print(f"{name}: {documents} documents in {seconds:.1f} s")


async def _rebuild(stack: Stack, service: str, projection: Projection) -> tuple[int, float]:
    async with open_logs(stack) as logs, open_state(stack, service) as state:
        began, consumer = time.monotonic(), projection.consumer(service)
        await state.forget(projection.collection, consumer)
        for source in projection.sources:
            topic = f"{source}.events"
            request = {"_id": f"reload|{consumer}|{topic}", "kind": "reload", "topic": topic}
            await state.documents(REQUESTS).replace(request, upsert=True)
        with Console(stderr=True).status(f"重建 {projection.name}"):
            for source in projection.sources:
                shards = (await logs[source].meta()).shards
                heads = {s: (await logs[source].head(s)).position for s in range(shards)}
                await _until_level(state, consumer, f"{source}.events", heads)
        return await state.documents(projection.collection).count({}), time.monotonic() - began


async def _until_level(state: MongoState, consumer: str, topic: str, heads: dict[int, int]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        at = await state.checkpoints(consumer, topic)
        if all(head == 0 or (s in at and at[s].position >= head) for s, head in heads.items()):
            return
        await asyncio.sleep(0.2)
    typer.secho(f"{consumer} did not get level with {topic}; see tidu logs", fg="red", err=True)
    raise typer.Exit(1)

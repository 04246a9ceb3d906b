"""`tidu restore SERVICE`: what its store lacks is brought back from a backup, from its topic, or from both."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.heads import signed_heads
from deploy.cli.options import DATA, Data, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.audit.backup import BadBackup, restore_backup
from libs.events.audit.restore import NotRestorable, remember_places
from libs.events.audit.restore import restore as restore_log
from libs.events.audit.verify import verify_service
from libs.events.flow.places import Places
from libs.events.store.dump import Dump
from libs.events.store.mongo import MongoCommits, connect
from libs.events.store.mongo_state import MongoState


def restore(
    service: Annotated[str, typer.Argument(help="The service whose store is behind its topic, or empty.")],
    data: Data = DATA,
    file: Annotated[Path | None, typer.Option("--from", help="A backup of it, taken before the topic.")] = None,
) -> None:
    """Restore a service's store, then prove it equal to its topic and to the signed heads. 恢复"""
    with trouble_in_words():
        try:
            commits, documents, faults = asyncio.run(_restore(load_running(data), service, file))
        except (NotRestorable, BadBackup) as error:
            typer.secho(f"not restored: {error}; nothing was overwritten", fg="red", err=True)
            raise typer.Exit(1) from None
    print(f"{commits} commits restored" + (f", {documents} documents" if file else "") + f", {faults} faults")
    if faults:
        raise typer.Exit(1)


async def _restore(stack: Stack, service: str, file: Path | None) -> tuple[int, int, int]:
    console = Console(stderr=True)
    client = connect(stack.store_uri("restorer"))
    try:
        store, topic = MongoCommits(client, service), f"{service}.events"
        shards, commits, documents = (await store.meta()).shards, 0, 0
        signed = signed_heads(stack).expected.get(service, {})
        with console.status(f"恢复 {service}"):
            if file is not None:
                commits, documents = await restore_backup(file, service, store, Dump(client, service))
            commits += await restore_log(store, stack.kafka, topic, shards)
            report = await verify_service(service, store, stack.kafka, topic, "both", signed=signed)
            if not report.faults:
                await remember_places(Places(topic, MongoState(client, service).documents("relay")), report)
    finally:
        client.close()
    for fault in report.faults:
        console.print(f"[red]shard {fault.shard} position {fault.position}: {fault.what}[/]")
    return commits, documents, len(report.faults)

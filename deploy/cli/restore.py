"""`tidu restore SERVICE`: what its store lacks is brought back from its topic, with the same numbers and bytes."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.logs_access import open_logs
from deploy.cli.options import DATA, Data, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.audit.restore import NotRestorable
from libs.events.audit.restore import restore as restore_log
from libs.events.audit.verify import verify_service


def restore(
    service: Annotated[str, typer.Argument(help="The service whose store is behind its topic.")], data: Data = DATA
) -> None:
    """Restore a service's store from its topic, then prove them equal. 恢复"""
    with trouble_in_words():
        try:
            inserted, faults = asyncio.run(_restore(load_running(data), service))
        except NotRestorable as error:
            typer.secho(f"not restored: {error}; nothing was overwritten", fg="red", err=True)
            raise typer.Exit(1) from None
    print(f"{inserted} commits restored, {faults} faults")
    if faults:
        raise typer.Exit(1)


async def _restore(stack: Stack, service: str) -> tuple[int, int]:
    console = Console(stderr=True)
    async with open_logs(stack, "restorer") as logs:
        store, topic = logs[service], f"{service}.events"
        shards = (await store.meta()).shards
        with console.status(f"恢复 {service}"):
            inserted = await restore_log(store, stack.kafka, topic, shards)
            report = await verify_service(service, store, stack.kafka, topic, "both")
    for fault in report.faults:
        console.print(f"[red]shard {fault.shard} position {fault.position}: {fault.what}[/]")
    return inserted, len(report.faults)

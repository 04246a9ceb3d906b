"""`tidu export FOLDER`: logs as plain files that anybody verifies without this platform: `tidu verify --export FOLDER`."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.cli.logs_access import open_logs
from deploy.cli.options import DATA, Data, chosen_services, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.audit.export import write_export
from libs.events.contracts.times import time_text


def export(
    folder: Annotated[Path, typer.Argument(help="Where to; a folder per service is made in it.")],
    service: Annotated[str, typer.Option(help="One service; all if left out.")] = "",
    data: Data = DATA,
) -> None:
    """Export logs into plain files that prove themselves. 导出"""
    services = chosen_services(service)
    with trouble_in_words():
        try:
            events = asyncio.run(_export(load_running(data), services, folder))
        except OSError as error:
            typer.secho(f"{folder} cannot be written: {error.strerror}", fg="red", err=True)
            raise typer.Exit(1) from None
    print(f"{events} events of {len(services)} services in {folder}; check them with: tidu verify --export {folder}")


async def _export(stack: Stack, services: list[str], folder: Path) -> int:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    events = 0
    with Progress(*columns, console=Console(stderr=True)) as progress:
        async with open_logs(stack) as logs:
            for name in services:
                store = logs[name]
                total = sum([(await store.head(s)).position for s in range((await store.meta()).shards)])
                task = progress.add_task(f"导出 {name}", total=total)
                now = time_text(datetime.now(UTC))
                events += await write_export(folder, name, store, now, partial(progress.advance, task))
    return events

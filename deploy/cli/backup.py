"""`tidu backup SERVICE FILE`: a service's log and what it keeps beside it, in one file that proves itself."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.options import DATA, Data, known_service, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.audit.backup import Content, write_backup
from libs.events.contracts.times import time_text
from libs.events.store.dump import Dump
from libs.events.store.mongo import MongoCommits, connect


def backup(
    service: Annotated[str, typer.Argument(help="The service.")],
    file: Annotated[Path, typer.Argument(help="Where to; replaced when whole.")],
    data: Data = DATA,
) -> None:
    """Back up a service: `tidu restore SERVICE --from FILE` brings it back. 备份"""
    known_service(service)
    with trouble_in_words():
        try:
            made = asyncio.run(_backup(load_running(data), service, file))
        except OSError as error:
            typer.secho(f"{file} cannot be written: {error.strerror}", fg="red", err=True)
            raise typer.Exit(1) from None
    print(f"{made.commits} commits and {made.documents} documents in {file}")


async def _backup(stack: Stack, service: str, file: Path) -> Content:
    client = connect(stack.store_uri(service))
    try:
        now = time_text(datetime.now(UTC))
        return await write_backup(file, service, MongoCommits(client, service), Dump(client, service), now)
    finally:
        client.close()

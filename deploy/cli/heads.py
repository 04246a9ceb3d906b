"""`tidu heads sign | list | check`: the heads of all logs, signed each minute and now, kept outside the services."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.logs_access import open_logs
from deploy.cli.options import DATA, Data, Format, trouble_in_words
from deploy.local.folder import Folder
from deploy.local.stack import Stack, load_running
from deploy.local.vault import load_or_make
from libs.events.audit.heads import Checked, Head, Keys, Signer, key_id, private_key, read_key
from libs.events.audit.heads import check as check_lines
from libs.events.contracts.times import time_text

app = typer.Typer(add_completion=False, help="The signed heads of all logs. 签名头", no_args_is_help=True)
Key = Annotated[Path | None, typer.Option("--key", help="A public key kept elsewhere; else the stack's own.")]


@app.command()
def sign(data: Data = DATA) -> None:
    """Sign the heads of all shards now. 立即签名"""
    with trouble_in_words():
        head, alarms = asyncio.run(_sign(load_running(data)))
    for alarm in alarms:
        typer.secho(f"not signed again: {alarm}", fg="red", err=True)
    print(f"line {head.number}, {sum(map(len, head.heads.values()))} shards had moved")
    if alarms:
        raise typer.Exit(1)


async def _sign(stack: Stack) -> tuple[Head, list[str]]:
    async with open_logs(stack) as logs:
        deployment = (await logs["identity"].meta()).deployment
        signer = Signer(stack.folder.heads, private_key(stack.secrets.heads_key), deployment)
        return await signer.sign(logs, time_text(datetime.now(UTC)))


@app.command("list")
def list_(data: Data = DATA, format: Format = Format.text, lines: int = 20) -> None:
    """The newest lines. 列出"""
    with trouble_in_words():
        found = _checked(Folder(data)).lines[-lines:]
    if format is Format.json:
        print(json.dumps([{"line": h.number, "at": h.at, "key": h.key, "heads": h.heads} for h in found]))
        return
    table = Table("line", "signed at", "key", "shards that moved")
    for head in found:
        moved = "; ".join(f"{name} {len(shards)}" for name, shards in head.heads.items())
        table.add_row(str(head.number), head.at, head.key, moved or "none")
    Console().print(table)


@app.command()
def check(data: Data = DATA, key: Key = None) -> None:
    """Exit 0 only if every line is signed, follows the one before it, and none is missing. 检查"""
    with trouble_in_words():
        try:
            found = _checked(Folder(data), key)
        except (ValueError, OSError) as error:
            raise typer.BadParameter(f"{key}: {error}") from error
    for line, words in found.faults:
        typer.secho(f"line {line}: {words}", fg="red", err=True)
    last = found.lines[-1].at if found.lines else "never"
    print(f"{len(found.lines)} lines, the last signed {last}, {len(found.faults)} faults")
    if found.faults or not found.lines:
        raise typer.Exit(1)


def signed_heads(stack: Stack) -> Checked:
    return _checked(stack.folder)


def _checked(folder: Folder, key: Path | None = None) -> Checked:
    public = read_key(key) if key else private_key(load_or_make(folder).heads_key).public_key()
    keys: Keys = {key_id(public): public}
    return check_lines(folder.heads, keys)

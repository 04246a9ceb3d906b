"""`tidu up | down | status | logs`: the stack on this machine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.options import DATA, Data, Format, trouble_in_words
from deploy.cli.progress import Starting
from deploy.local import tailing
from deploy.local.folder import Folder
from deploy.local.memory import by_part
from deploy.local.services import NAMES
from deploy.local.stack import Stack, load_running, running_stack, stop_stack

Port = Annotated[int, typer.Option(min=0, max=65535, help="0: the last run's, or a free one.")]


def up(
    data: Data = DATA,
    port: Port = 0,
    kafka_port: Port = 0,
    store_port: Port = 0,
    services: Annotated[str, typer.Option(help="Names with commas between.")] = ",".join(NAMES),
    foreground: Annotated[bool, typer.Option(help="Stay; Ctrl-C stops the stack.")] = False,
    format: Format = Format.text,
) -> None:
    """Start the stack and wait until it is ready. 启动"""
    asked = {"gateway": port, "kafka": kafka_port, "store": store_port}
    ports = {name: number for name, number in asked.items() if number}
    chosen = [name for name in services.split(",") if name]
    with trouble_in_words():
        try:
            asyncio.run(_up(data, chosen, ports, foreground, format))
        except KeyboardInterrupt:
            typer.echo("stopped")


async def _up(data: Path, services: list[str], ports: dict[str, int], foreground: bool, format: Format) -> None:
    with Starting() as starting:
        running = running_stack(data, services=services, keep=not foreground, ports=ports, report=starting)
        async with running as stack:
            starting.__exit__()
            for name in stack.state.left_out:
                typer.secho(f"{name} is left out: its code is not there yet", fg="yellow", err=True)
            _show(stack, format)
            if foreground:
                typer.echo("Ctrl-C stops the stack", err=True)
                await stack.until_stopped()


def down(data: Data = DATA) -> None:
    """Stop the stack; its data stays. 停止"""
    with trouble_in_words():
        stopped = asyncio.run(stop_stack(data))
    typer.echo("stopped" if stopped else f"nothing was running on {data}")


def status(data: Data = DATA, format: Format = Format.text) -> None:
    """Addresses, processes, memory, seconds to ready. 状态"""
    with trouble_in_words():
        _show(load_running(data), format)


def logs(
    name: Annotated[str, typer.Argument(help="kafka, store, gateway, a service; all if left out")] = "",
    data: Data = DATA,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many to begin with.")] = 50,
) -> None:
    """Show or follow the logs of one process or of all. 日志"""
    with trouble_in_words():
        files = tailing.files(Folder(data), name)
        for line in tailing.merged(files, lines):
            typer.echo(line)
        if follow:
            try:
                for line in tailing.following(files):
                    typer.echo(line)
            except KeyboardInterrupt:
                return


def _show(stack: Stack, format: Format) -> None:
    summary = _summary(stack)
    if format is Format.json:
        typer.echo(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        _print(summary)


def _summary(stack: Stack) -> dict[str, Any]:
    memory = by_part(stack)
    state = stack.state
    return {
        "gateway": stack.gateway if "gateway" in stack.ports else None,
        "mailbox": stack.mailbox if "mailbox" in stack.ports else None,
        "kafka": stack.kafka,
        "store": stack.store_uri(),
        "data": str(stack.data),
        "secrets": str(stack.folder.secrets),
        "shards": state.shards,
        "seconds_to_ready": state.timings["ready"],
        "seconds_for_downloads": state.timings["download"],
        "memory_mib": round(sum(memory.values()) / 2**20),
        "timings": state.timings,
        "processes": {
            name: {**part, "memory_mib": round(memory.get(name, 0) / 2**20)}
            for name, part in {"supervisor": {"pid": state.pid}, **state.parts}.items()
        },
    }


def _print(summary: dict[str, Any]) -> None:
    console = Console()
    for words, key in (
        ("网关 gateway", "gateway"),
        ("信箱 mailbox", "mailbox"),
        ("Kafka", "kafka"),
        ("存储 store", "store"),
        ("数据 data", "data"),
    ):
        console.print(f"{words:<12}  {summary[key] or '-'}", soft_wrap=True, highlight=False)
    table = Table("process", "pid", "port", "status", "restarts", "MiB (PSS)")
    for name, part in summary["processes"].items():
        cells = (part.get(key, "") for key in ("pid", "port", "status", "restarts", "memory_mib"))
        table.add_row(name, *(str(cell) for cell in cells))
    console.print(table)
    console.print(
        f"ready in {summary['seconds_to_ready']} s (downloads apart: "
        f"{summary['seconds_for_downloads']} s), memory {summary['memory_mib']} MiB",
        highlight=False,
    )

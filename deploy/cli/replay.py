"""`tidu replay case ID`: one timeline from five logs, merged by the hybrid clock, with the state after each step."""

import asyncio
import json
import re
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.logs_access import open_logs
from deploy.cli.options import DATA, Data, Format, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.audit.replay import Entry, NoSuchCase, replay_case
from libs.events.contracts.base import SERVICES, contract_of
from libs.events.contracts.times import CHINA, time_text
from libs.events.decider import Decider

_IDS = frozenset({"account", "box", "enterprise", "list", "message", "application", "since", "holder", "filing"})
_TELLING = ("status", "stage", "round", "level", "verdict", "title", "ends", "document")

app = typer.Typer(add_completion=False, help="Replay from the logs of all services. 回放")


@app.callback()
def _replay() -> None:
    """Replay from the logs of all services. 回放"""


@app.command()
def case(
    application: Annotated[str, typer.Argument(help="The application's id (32 hex digits).")],
    as_of: Annotated[str, typer.Option(help="Only what was recorded until then, e.g. 2026-11-21T09:00:00Z.")] = "",
    data: Data = DATA,
    format: Format = Format.text,
) -> None:
    """Rebuild a case as of any instant. 回放一件申报"""
    until = _instant(as_of) if as_of else None
    with trouble_in_words():
        try:
            entries = asyncio.run(replay_stack(load_running(data), application, until))
        except NoSuchCase:
            typer.secho(f"no log mentions the application {application}", fg="red", err=True)
            raise typer.Exit(1) from None
    if format is Format.json:
        print(json.dumps(msgspec.to_builtins(entries), ensure_ascii=False))
    else:
        show(entries)


def _instant(text: str) -> str:
    try:
        return time_text(msgspec.convert(text, datetime))
    except msgspec.ValidationError as error:
        raise typer.BadParameter("a time with its zone, like 2026-11-21T09:00:00Z") from error


async def replay_stack(stack: Stack, application: str, as_of: str | None = None) -> list[Entry]:
    async with open_logs(stack) as logs:
        return await replay_case(application, logs, all_deciders(), as_of)


def all_deciders() -> dict[str, Sequence[Decider[Any]]]:
    """Every service's aggregates: a replay folds with the same pure functions that decided."""
    return {name: import_module(f"services.{name}.app").service.aggregates for name in SERVICES}


def show(entries: Sequence[Entry], console: Console | None = None) -> None:
    console = wide(console or Console())
    table = Table(box=None, pad_edge=False, header_style="bold")
    widths = (("#", 3), ("业务时间", 16), ("服务", 13), ("事件", 30), ("经办", 20))
    for column, width in widths:
        table.add_column(column, no_wrap=True, width=width)
    table.add_column("此后状态", no_wrap=True, max_width=max(20, console.width - 100))
    for n, entry in enumerate(entries, start=1):
        table.add_row(
            str(n), _china(entry.received_at), entry.service, _event(entry.event),
            _actor(entry.actor), _changes(entry.changed),
        )  # fmt: skip
    console.print(table)
    console.print(f"{len(entries)} events from {len({e.service for e in entries})} logs, ordered by the hybrid clock")


def wide(console: Console) -> Console:
    """Where nothing says how wide a line may be (a file, a pipe), wide enough for the tables."""
    return console if console.is_terminal else Console(file=console.file, width=150)


def _event(wire_type: str) -> str:
    """The event's name, and the field's own term where its contract begins with one."""
    service, name, _ = wire_type.split(".")
    contract = contract_of(service, name)
    term = re.match(r"[\u4e00-\u9fff]+", (contract.type.__doc__ or "") if contract else "")
    return f"{name} {term.group()}" if term else name


def _china(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _actor(text: str) -> str:
    kind, _, rest = text.partition(":")
    role = next((part.removeprefix("role=") for part in rest.split(";") if part.startswith("role=")), "")
    return role or f"{kind}:{rest[:8]}"


def _changes(changed: dict[str, Any]) -> str:
    """The fields that say where things stand come first; what is long is in `--format json`."""
    short = {
        name: value
        for name, value in changed.items()
        if isinstance(value, str | int | bool) and value != "" and name not in _IDS
    }
    named = sorted(short, key=lambda name: (name not in _TELLING, name))
    return ", ".join(f"{name}={str(short[name])[:24]}" for name in named[:3])

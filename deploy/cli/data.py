"""`tidu data check`: the reference data as shipped, its editions and sources, and every fault with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

import services
from deploy.cli.options import Format
from deploy.refdata import Report
from deploy.refdata import check as check_all
from services.applications.policy_text import industries_of, kinds_of, list_faults

SERVICES = Path(next(iter(services.__path__)))
WIDEST = 150

app = typer.Typer(add_completion=False, help="Check the reference data. 参考数据", no_args_is_help=True)
Root = Annotated[Path, typer.Option("--services", metavar="DIR", help="Another tree of services.")]
List = Annotated[
    Path | None, typer.Option("--list", metavar="FILE", help="Only this list of an operator (its YAML head).")
]


@app.callback()
def _root() -> None:
    """Check the reference data. 参考数据"""


@app.command()
def check(services: Root = SERVICES, list: List = None, format: Format = Format.text) -> None:
    """Counts and cross references of all reference data; exit 1 with file and line of every fault. 检查"""
    if list is not None:
        policy = services / "applications/policy"
        faults = (
            list_faults(list, kinds_of(policy), industries_of(policy))
            if list.is_file()
            else [f"{list}:1: no such file"]
        )
        _end(faults, f"{list.name}: {len(faults)} faults")
    report = check_all(services)
    if format is Format.json:
        print(json.dumps(msgspec.to_builtins(report) | {"summary": report.summary}, ensure_ascii=False))
    else:
        _show(report)
    _end(report.faults, report.summary if format is Format.text else "")


def _show(report: Report) -> None:
    table = Table("table", "edition", "in force from", "count", "mark")
    table.add_column("source", overflow="fold")
    for line in report.lines:
        table.add_row(line.kind, line.id, line.edition, line.count, line.mark, line.source)
    console = Console()
    Console(width=max(console.width, WIDEST)).print(table)


def _end(faults: tuple[str, ...] | list[str], summary: str) -> None:
    for fault in faults:
        typer.secho(fault, fg="red", err=True)
    if summary:
        print(summary)
    raise typer.Exit(1 if faults else 0)

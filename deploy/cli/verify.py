"""`tidu verify`: exit 0 only if every shard is dense, chained, unchanged, and the same in store and topic."""

import asyncio
import json
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.cli.heads import signed_heads
from deploy.cli.logs_access import open_logs
from deploy.cli.options import DATA, Data, Format, chosen_services, trouble_in_words
from deploy.local.stack import Stack, load_running
from deploy.local.trouble import StackError
from libs.events.audit.offline import services_in, verify_export
from libs.events.audit.verify import Fault, Report, ShardReport, verify_service


class Side(StrEnum):
    """What is walked."""

    store = "store"
    topic = "topic"
    both = "both"


def verify(
    service: Annotated[str, typer.Option(help="One service; all if left out.")] = "",
    against: Annotated[Side, typer.Option(help="Walk the store, the topic, or both and compare.")] = Side.both,
    export: Annotated[Path | None, typer.Option(help="Verify a folder of `tidu export` instead; no stack.")] = None,
    data: Data = DATA,
    format: Format = Format.text,
) -> None:
    """Verify the hash chain of every shard in store and topic, or of an exported log. 校验"""
    services = chosen_services(service)
    with trouble_in_words():
        if export is not None:
            reports = _exported(export, service)
        else:
            reports = asyncio.run(verify_stack(load_running(data), services, against))
    _show(reports, format)
    if any(report.faults for report in reports):
        raise typer.Exit(1)


async def verify_stack(stack: Stack, services: Sequence[str], against: Side, quiet: bool = False) -> list[Report]:
    """The reports of several services; progress goes to standard error."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    # Read before the logs are walked: what is signed meanwhile could lie beyond the walk.
    signed = signed_heads(stack)
    reports = []
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as progress:
        async with open_logs(stack) as logs:
            for name in services:
                store = logs[name]
                total = sum([(await store.head(s)).position for s in range((await store.meta()).shards)])
                task = progress.add_task(f"校验 {name}", total=total)
                expected = signed.expected.get(name, {})
                step = partial(progress.advance, task)
                topic = f"{name}.events"
                reports.append(await verify_service(name, store, stack.kafka, topic, against.value, step, expected))
    if signed.faults:
        faults = tuple(Fault("heads", 0, line, f"the signed heads: {words}") for line, words in signed.faults)
        reports.append(Report("heads", (), faults))
    return reports


def _exported(folder: Path, service: str) -> list[Report]:
    """What offline.py finds, in the words of the other reports; nothing is in a topic."""
    found = [service] if service else services_in(folder)
    if not found:
        raise StackError(f"{folder} holds no exported log.", "make one with: tidu export FOLDER")
    reports = []
    for name in found:
        try:
            walked = verify_export(folder / name)
        except (OSError, ValueError, KeyError) as error:
            raise StackError(f"{folder / name} cannot be read: {error}", "take another copy") from error
        shards = tuple(ShardReport(shard, n, 0, "") for shard, n in walked.positions.items())
        reports.append(Report(name, shards, tuple(Fault(*fault) for fault in walked.faults)))
    return reports


def _show(reports: Sequence[Report], format: Format) -> None:
    if format is Format.json:
        print(json.dumps(msgspec.to_builtins(list(reports)), ensure_ascii=False))
        return
    console = Console()
    table = Table("service", "shards", "positions", "in the topic", "faults")
    for report in reports:
        positions = sum(s.positions for s in report.shards)
        topic = sum(s.topic_positions for s in report.shards)
        table.add_row(
            report.service, str(len(report.shards)), str(positions), str(topic), str(len(report.faults) or "–")
        )
    console.print(table)
    for fault in (fault for report in reports for fault in report.faults):
        console.print(f"[red]✗ {fault.service} shard {fault.shard} position {fault.position}: {fault.what}[/]")
    total = sum(s.positions for report in reports for s in report.shards)
    faults = sum(len(report.faults) for report in reports)
    console.print(f"verified {total} positions, {faults} faults")

"""`tidu demo`: start a stack, drive real cases through it, replay and verify them, show what came of it."""

import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.cli.options import Format, trouble_in_words
from deploy.cli.progress import Starting
from deploy.cli.replay import show as show_timeline
from deploy.cli.replay import wide
from deploy.demo.run import Result, run_demo
from deploy.local.stack import Stack, running_stack

TITLES = {
    "0": "准备：人员、时间、申报时间、企业", "1": "江苏 入库 → 创新型 → 专精特新", "2": "厦门 创新型", "3": "未达标准",
    "4": "撤回：审核前、审核后", "5": "注册地有误：移送、退回更正", "6": "三年后：到期提醒与到期", "回放": "回放", "校验": "校验",
}  # fmt: skip
STEPS = {"0": 4, "1": 10, "2": 3, "3": 1, "4": 2, "5": 2, "6": 4, "回放": 1, "校验": 1}


def demo(
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="The stack's data; a new folder if left out.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running afterwards.")] = False,
    format: Format = Format.text,
) -> None:
    """Drive real cases from county to province, then replay and verify. 演示"""
    folder = data or Path(tempfile.mkdtemp(prefix="tidu-demo-"))
    console = Console(stderr=format is Format.json)
    with trouble_in_words():
        try:
            result = asyncio.run(_demo(folder, keep, console))
        finally:
            if data is None and not keep:
                shutil.rmtree(folder, ignore_errors=True)
    if format is Format.json:
        print(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        _show(console, result)
    if result.faults:
        raise typer.Exit(1)


async def _demo(folder: Path, keep: bool, console: Console) -> Result:
    began = time.monotonic()
    with Starting(console) as starting:
        async with running_stack(folder, keep=keep, report=starting) as stack:
            starting.__exit__()
            downloads = stack.timings.get("download", 0.0)
            ready = time.monotonic() - began
            console.print(f"就绪 {ready - downloads:.1f} 秒（下载另计 {downloads:.1f} 秒）  {stack.gateway}")
            result = await _with_progress(console, stack)
            if keep:
                console.print(f"继续运行：{stack.gateway}   停止：tidu down --data {folder}")
    result.elapsed_seconds = time.monotonic() - began
    return result


async def _with_progress(console: Console, stack: Stack) -> Result:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[now]}"),
    )
    with Progress(*columns, console=console) as progress:
        tasks = {case: progress.add_task(title, total=STEPS[case], now="") for case, title in TITLES.items()}

        def step(case: str, words: str) -> None:
            progress.update(tasks[case], advance=1, now=words)

        return await run_demo(stack, step)


def _show(console: Console, result: Result) -> None:
    console = wide(console)
    console.rule("案卷 1 的全过程（五个日志按混合时钟合并）")
    show_timeline(result.timeline, console)
    console.rule("结果")
    table = Table("#", "案件", "申报号", "最终状态", "说明")
    for outcome in sorted(result.outcomes, key=lambda o: o.case):
        table.add_row(outcome.case, outcome.name, outcome.application, outcome.state, "；".join(outcome.notes))
    console.print(table)
    counts = Table("服务", "事件", "分片", "已在 Kafka 逐字节核对", "问题")
    for report in result.reports:
        counts.add_row(
            report.service, str(sum(s.positions for s in report.shards)), str(len(report.shards)),
            str(sum(s.topic_positions for s in report.shards)), str(len(report.faults)),
        )  # fmt: skip
    console.print(counts)
    for fault in (fault for report in result.reports for fault in report.faults):
        console.print(f"[red]✗ {fault.service} 分片 {fault.shard} 位置 {fault.position}：{fault.what}[/]")
    total = sum(s.positions for report in result.reports for s in report.shards)
    console.print(
        f"{total} 个事件全部校验，{result.faults} 个问题，用时 {result.elapsed_seconds:.1f} 秒", style="bold green"
    )

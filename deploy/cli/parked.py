"""`tidu parked list | retry`: events that a consumer could not apply, waiting in order behind their key."""

import asyncio
import json
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.logs_access import open_state
from deploy.cli.options import DATA, Data, Format, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.contracts.base import SERVICES
from libs.events.flow.parking import COLLECTION, REQUESTS

app = typer.Typer(add_completion=False, help="Events that could not be applied. 搁置事件", no_args_is_help=True)


@app.command("list")
def list_(data: Data = DATA, format: Format = Format.text) -> None:
    """What is parked, by service, consumer and key. 列出"""
    with trouble_in_words():
        found = asyncio.run(_parked(load_running(data)))
    if format is Format.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    table = Table("service", "consumer", "key", "event", "since", "error")
    for d in found:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(d["parked_at"]))
        table.add_row(d["service"], d["consumer"], d["key"], d["event"], since, d["error"][:80])
    Console().print(table)
    print(f"{len(found)} parked")


async def _parked(stack: Stack) -> list[dict[str, Any]]:
    found = []
    for service in SERVICES:
        async with open_state(stack, service) as state:
            for document in await state.documents(COLLECTION).find({}, sort=("consumer", "n"), limit=10_000):
                found.append({"service": service, **{k: v for k, v in document.items() if k != "record"}})
    return found


@app.command()
def retry(
    service: Annotated[str, typer.Argument(help="The service.")],
    consumer: Annotated[str, typer.Argument(help="The consumer, as `list` names it.")],
    key: Annotated[str, typer.Argument(help="The key; its records are applied in order.")],
    data: Data = DATA,
) -> None:
    """Ask the running service to apply a key's records again, in order. 重试"""
    with trouble_in_words():
        left = asyncio.run(_retry(load_running(data), service, consumer, key))
    print(f"{left} still parked")
    if left:
        raise typer.Exit(1)


async def _retry(stack: Stack, service: str, consumer: str, key: str) -> int:
    async with open_state(stack, service) as state:
        parked = {"consumer": consumer, "key": key}
        waiting = await state.documents(COLLECTION).find(parked, limit=1)
        if not waiting:
            raise typer.BadParameter(f"nothing of {consumer} is parked under {key}")
        request = {"_id": f"{consumer}|{key}", "kind": "retry", **parked, "topic": waiting[0]["record"]["topic"]}
        await state.documents(REQUESTS).replace(request, upsert=True)
        for _ in range(100):
            await asyncio.sleep(0.1)
            if await state.documents(REQUESTS).get(request["_id"]) is None:
                break
        return await state.documents(COLLECTION).count(parked)

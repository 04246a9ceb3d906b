"""`tidu parked list | show | retry | discard | resume`: events that a consumer could not apply, and the ways out."""

import asyncio
import getpass
import json
import time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.logs_access import open_state
from deploy.cli.options import DATA, Data, Format, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.contracts.base import SERVICES, Personal
from libs.events.flow.asking import NoAnswer, NothingParked, ask, ask_everybody, first_of
from libs.events.flow.parking import COLLECTION, unpack

app = typer.Typer(add_completion=False, help="Events that could not be applied. 搁置事件", no_args_is_help=True)
Service = Annotated[str, typer.Argument(help="The service.")]
Consumer = Annotated[str, typer.Argument(help="The consumer, as `list` names it.")]
Key = Annotated[str, typer.Argument(help="The key, as `list` names it.")]


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
        table.add_row(d["service"], d["consumer"], d["key"], d["event"], _since(d), d["error"][:80])
    Console().print(table)
    print(f"{len(found)} parked")


def _since(document: dict[str, Any]) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(document["parked_at"]))


async def _parked(stack: Stack) -> list[dict[str, Any]]:
    found = []
    for service in SERVICES:
        async with open_state(stack, service) as state:
            for document in await state.documents(COLLECTION).find({}, sort=("consumer", "n"), limit=10_000):
                found.append({"service": service, **{k: v for k, v in document.items() if k != "record"}})
    return found


@app.command()
def show(service: Service, consumer: Consumer, key: Key, data: Data = DATA, format: Format = Format.text) -> None:
    """The first record of a key, why it could not be applied, what waits behind it, and what to do. 查看"""
    with trouble_in_words():
        found = asyncio.run(_show(load_running(data), service, consumer, key))
    if format is Format.json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    console = Console()
    for name in ("event", "type", "place", "parked", "attempts", "error"):
        console.print(f"[bold]{name:<9}[/]{found[name]}", highlight=False, markup=True)
    table = Table("header", "value")
    for name, value in found["headers"].items():
        table.add_row(name, value)
    console.print(table)
    console.print_json(data=found["body"], ensure_ascii=False)
    for behind in found["behind"]:
        console.print(f"  behind it: {behind['event']} {behind['type']}", highlight=False)
    console.print(f"{len(found['behind'])} wait behind it\nnext: {found['next']}", highlight=False)


async def _show(stack: Stack, service: str, consumer: str, key: str) -> dict[str, Any]:
    async with open_state(stack, service) as state:
        wanted = {"consumer": consumer, "key": key}
        documents = await state.documents(COLLECTION).find(wanted, sort=("n",), limit=10_000)
    if not documents:
        raise typer.BadParameter(f"nothing of {consumer} is parked under {key}; see tidu parked list")
    first, *behind = documents
    return described(first, behind, f"{service} '{consumer}' {key}")


def described(first: dict[str, Any], behind: list[dict[str, Any]], where: str) -> dict[str, Any]:
    """A parked record for people; sealed values stay sealed, what is no JSON is shown as it is."""
    raw = unpack(first["record"])
    return {
        "event": first["event"],
        "type": first["type"],
        "place": f"{raw.topic}/{raw.partition} position {first['n']} offset {raw.offset}",
        "parked": _since(first),
        "attempts": first.get("attempts", 0),
        "error": first["error"],
        "headers": {name: (value or b"").decode("utf-8", "replace") for name, value in raw.headers},
        "body": _body(raw.value or b""),
        "behind": [{"event": d["event"], "type": d["type"], "n": d["n"]} for d in behind],
        "next": f"deploy the code that can apply it, then: tidu parked retry {where}; "
        f"or give it up: tidu parked discard {where} --reason …",
    }


def _body(value: bytes) -> Any:
    try:
        return _sealed(json.loads(value))
    except ValueError:
        return value.decode("utf-8", "replace")


def _sealed(value: Any) -> Any:
    """Personal values stay sealed: their label is all that is shown."""
    if isinstance(value, dict):
        if set(value) == set(Personal.__struct_fields__):
            return f"〔已加密：{value['label']}〕"
        return {name: _sealed(item) for name, item in value.items()}
    return [_sealed(item) for item in value] if isinstance(value, list) else value


@app.command()
def retry(service: Service, consumer: Consumer, key: Key, data: Data = DATA) -> None:
    """Ask the running service to apply a key's records again, in order. 重试"""
    answer = _asked(data, service, consumer, key, {"kind": "retry"})
    print(f"{answer.get('applied', 0)} applied, {answer.get('left', 0)} still parked")
    if answer.get("error"):
        _end(f"{answer['event']}: {answer['error']}")


@app.command()
def discard(
    service: Service,
    consumer: Consumer,
    key: Key,
    reason: Annotated[str, typer.Option(help="Why its effect may be given up; kept in the log for ever.")],
    by: Annotated[str, typer.Option(help="The login of whoever decides.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All of the key, not its first record alone.")] = False,
    data: Data = DATA,
) -> None:
    """Give up the first record of a key; that, who and why are recorded as an event. 作废"""
    if not reason.strip():
        raise typer.BadParameter("a reason is needed: it is recorded")
    more = {"kind": "discard", "reason": reason.strip(), "by": by or getpass.getuser(), "all": everything}
    answer = _asked(data, service, consumer, key, more)
    print(f"{answer.get('discarded', 0)} discarded and recorded, {answer.get('left', 0)} still parked under {key}")


@app.command()
def resume(
    service: Service,
    consumer: Annotated[str, typer.Argument(help="The consumer, as /readyz names it (without the shard).")],
    data: Data = DATA,
) -> None:
    """Let a consumer that stopped for too many failures go on from where it stands. 继续"""
    with trouble_in_words():
        try:
            resumed = asyncio.run(_resume(load_running(data), service, consumer))
        except NoAnswer as silence:
            _end(str(silence))
    print(f"{consumer} goes on in {len(resumed)} shards" if resumed else f"{consumer} was not stopped")


def _asked(data: Data, service: str, consumer: str, key: str, more: dict[str, Any]) -> dict[str, Any]:
    with trouble_in_words():
        try:
            return asyncio.run(_ask(load_running(data), service, consumer, key, more))
        except NothingParked as nothing:
            raise typer.BadParameter(f"{nothing}; see tidu parked list") from None
        except NoAnswer as silence:
            _end(str(silence))
    raise AssertionError


async def _ask(stack: Stack, service: str, consumer: str, key: str, more: dict[str, Any]) -> dict[str, Any]:
    async with open_state(stack, service) as state:
        return await ask(state, await first_of(state, consumer, key), more)


async def _resume(stack: Stack, service: str, consumer: str) -> list[int]:
    async with open_state(stack, service) as state:
        return await ask_everybody(state, consumer, stack.state.shards)


def _end(words: str) -> None:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)

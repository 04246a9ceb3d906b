"""`tidu rebuild SERVICE PROJECTION`: fold a read model anew beside the live one, compare, switch; `--drop` the old."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from deploy.cli.logs_access import open_logs, open_state, state_at
from deploy.cli.options import DATA, Data, Format, known_service, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.contracts.base import SERVICES
from libs.events.errors import Unavailable
from libs.events.flow.dropping import NotDroppable, drop, droppable
from libs.events.flow.folding import NotFoldable
from libs.events.flow.live import Pointers
from libs.events.flow.parity import Parity
from libs.events.flow.projections import Projection
from libs.events.flow.rebuild import Differs, Done, NotFed, Overtaken, Rebuild
from libs.events.flow.rebuild import Progress as Folded
from libs.events.flow.spreading import Spread
from libs.events.flow.ticks import due_dates

TOPICS = {service: f"{service}.events" for service in SERVICES}
STOPS = (Overtaken, NotFed, NotFoldable, NotDroppable, Unavailable)


def rebuild(
    service: Annotated[str, typer.Argument(help="The service.")],
    name: Annotated[str, typer.Argument(metavar="PROJECTION", help="The read model's name.")],
    accept: Annotated[bool, typer.Option("--accept", help="Switch although the builds differ.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Delete the builds that nobody reads any more.")] = False,
    build: Annotated[str, typer.Option(help="With --drop: that build alone, as v1 or v1_b2.")] = "",
    data: Data = DATA,
    format: Format = Format.text,
) -> None:
    """Rebuild a read model beside the live one and switch to it. 重建"""
    projection = projection_of(service, name)
    with trouble_in_words():
        stack = load_running(data)
        try:
            if drop:
                _say_dropped(asyncio.run(_drop(stack, service, projection, build)), format)
            else:
                _say_done(projection, asyncio.run(_rebuild(stack, service, projection, accept)), format)
        except Differs as differs:
            _show(Console(stderr=True), differs.parity)
            _end("the builds differ: nothing was switched. If the new one is right: run it again with --accept")
        except STOPS as stopped:
            _end(f"{stopped}")


def _end(words: str) -> None:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)


def projection_of(service: str, name: str) -> Projection:
    """A read model of this release; `due_dates` is one like others. Raises BadParameter."""
    known_service(service)
    made = import_module(f"services.{service}.app").service
    there: dict[str, Projection] = {p.name: p for p in (*made.projections, due_dates(service, made.aggregates))}
    if name not in there:
        raise typer.BadParameter(f"{service} has no read model {name}; there are {', '.join(sorted(there))}")
    return there[name]


async def _rebuild(stack: Stack, service: str, projection: Projection, accept: bool) -> Done:
    columns = (
        TextColumn("{task.description}"), BarColumn(24), TextColumn("{task.completed}/{task.total} events"),
        TextColumn("[dim]{task.fields[pace]}"),
    )  # fmt: skip
    async with open_logs(stack) as logs, open_state(stack, service) as state:
        shards = (await logs[service].meta()).shards
        with Progress(*columns, console=Console(stderr=True)) as progress:
            task = progress.add_task(f"重建 {projection.name}", total=None, pace="")
            watch = _watcher(lambda **fields: progress.update(task, **fields), projection.name)
            spread = Spread(
                partial(state_at, stack.store_uri(service), service), partial(projection_of, service, projection.name)
            )
            return await Rebuild(service, projection, state, TOPICS, shards, stack.kafka, watch, spread).run(accept)


def _watcher(update: Callable[..., None], name: str) -> Callable[[Folded], None]:
    def watch(at: Folded) -> None:
        pace = f"{at.rate:,.0f} events/s, {at.left_seconds:.0f} s left" if at.done else ""
        update(description=f"重建 {name}: {at.step}", completed=at.done, total=max(at.total, at.done), pace=pace)

    return watch


async def _drop(stack: Stack, service: str, projection: Projection, build: str) -> dict[str, int]:
    async with open_state(stack, service) as state:
        pointer = await Pointers(service, state).get(projection.name)
        left = droppable(pointer) if pointer else []
        wanted = [_numbers(build)] if build else [(b.version, b.build) for b in left]
        gone = {}
        for version, number in wanted:
            named = msgspec.structs.replace(projection, version=version, build=number).collection
            gone[named] = await drop(service, projection, state, version, number)
        return gone


def _numbers(build: str) -> tuple[int, int]:
    version, _, number = build.removeprefix("v").partition("_b")
    try:
        return int(version), int(number or 1)
    except ValueError as error:
        raise typer.BadParameter("a build is written v1 or v1_b2") from error


def _say_done(projection: Projection, done: Done, format: Format) -> None:
    if format is Format.json:
        print(json.dumps({**msgspec.to_builtins(done), "rate": done.rate}, ensure_ascii=False))
        return
    again = " (gone on with what was begun)" if done.resumed else ""
    print(f"{done.collection} is live{again}: {done.events} events in {done.seconds:.1f} s, {done.rate:,.0f} events/s")
    if done.parity is not None:
        _show(Console(), done.parity)
    print(f"what was left goes with: tidu rebuild … {projection.name} --drop")


def _show(console: Console, parity: Parity) -> None:
    other = "the live build" if parity.against == "live" else "a fold from genesis"
    verdict = "[green]equal[/]" if parity.equal else f"[red]{parity.different} differ[/]"
    console.print(f"against {other}: {verdict}; documents live {parity.live_count}, new {parity.count}")
    console.print(f"  hash  {parity.other_hash}\n  new   {parity.hash}", highlight=False)
    console.print(f"  parked live {parity.live_parked}, new {parity.parked}", highlight=False)
    for difference in parity.differences:
        console.print(f"  [red]✗[/] {difference}", highlight=False)


def _say_dropped(gone: dict[str, Any], format: Format) -> None:
    if format is Format.json:
        print(json.dumps(gone))
    elif not gone:
        print("nothing to drop")
    else:
        for collection, documents in gone.items():
            print(f"{collection} dropped: {documents} documents")

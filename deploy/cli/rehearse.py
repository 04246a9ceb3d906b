"""`tidu rehearse`: the deadline evening against a deployment that is there for it, with plots of latency and backlog."""

import asyncio
import json
import random
import time
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from deploy.cli.options import DATA, Data, Format, trouble_in_words
from deploy.local.stack import Stack, load_running
from deploy.local.trouble import StackError

if TYPE_CHECKING:
    from bench.rehearsal import Plan, Rehearsal

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LAST_SERIAL = 99_000


def rehearse(
    rate: Annotated[float, typer.Option(min=0.1, max=5_000, help="Commands a second, the mean of the evening.")] = 20,
    minutes: Annotated[float, typer.Option(min=0.1, max=120, help="How long the evening is squeezed into.")] = 10,
    firms: Annotated[int, typer.Option(min=4, max=500, help="Enterprises that are registered for it.")] = 120,
    saves: Annotated[float, typer.Option(min=0, max=20, help="Drafts saved beside each command.")] = 0,
    gateway: Annotated[str, typer.Option(metavar="URL", help="Another deployment than the one on --data.")] = "",
    login: Annotated[str, typer.Option(help="With --gateway: the system administrator's login name.")] = "",
    password: Annotated[
        str, typer.Option(envvar="TIDU_REHEARSE_PASSWORD", help="With --gateway: the password; better by environment.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", help="That deployment is there to be tried; nobody works on it.")
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed sends the same requests at the same moments.")] = 20240909,
    first: Annotated[int, typer.Option(help="Serial number of the first enterprise; by chance if left out.")] = 0,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where record and plot go.")] = Path("rehearsal"),
    data: Data = DATA,
    format: Format = Format.text,
) -> None:
    """Rehearse the deadline evening on a running deployment. 演练

    Officials, a window and enterprises that do not exist are made for it and stay: for deployments to try things on.
    """
    console = Console(stderr=True)
    with trouble_in_words():
        stack = None if gateway else load_running(data)
        origin, admin = _target(stack, gateway, login, password, yes)
        made, files = _run(stack, origin, admin, rate, minutes, firms, saves, seed, first, out, console)
    if format is Format.json:
        print(json.dumps(made.record(), ensure_ascii=False))
    else:
        _show(made, files)
    if not made.held:
        raise typer.Exit(1)


def _target(stack: Stack | None, gateway: str, login: str, password: str, yes: bool) -> tuple[str, tuple[str, str]]:
    """Raises StackError with the way out."""
    if stack is not None:
        return stack.gateway, (stack.secrets.system_admin_login, stack.secrets.system_admin_password)
    split = urlsplit(gateway)
    if split.scheme not in ("http", "https") or not split.hostname:
        raise StackError(f"{gateway} is no address of a deployment.", "give it as http://host:port or https://host")
    if not login or not password:
        raise StackError(
            "Another deployment's system administrator must sign in.",
            "give --login, and the password in TIDU_REHEARSE_PASSWORD",
        )
    if split.hostname not in LOOPBACK and not yes:
        raise StackError(
            "A rehearsal makes officials, a window and enterprises that do not exist, and they stay.",
            "say --yes if nobody works on that deployment",
        )
    return f"{split.scheme}://{split.netloc}", (login, password)


def _run(
    stack: Stack | None, origin: str, admin: tuple[str, str], rate: float, minutes: float, firms: int, saves: float,
    seed: int, first: int, out: Path, console: Console,
) -> tuple["Rehearsal", list[Path]]:  # fmt: skip
    try:
        import_module("matplotlib")  # not only after ten minutes

        from bench import rehearsal
        from bench.frame import Lost
        from bench.people import Refused
    except ImportError as missing:
        raise StackError(
            f"The load's libraries are not installed: {missing}.", "in a clone of the repository: uv sync --group bench"
        ) from None
    plan = rehearsal.Plan(rate, minutes, firms, saves, seed, first or random.randrange(1, LAST_SERIAL))
    began = time.perf_counter()

    def say(words: str) -> None:
        console.print(f"[dim]{time.perf_counter() - began:6.1f} s[/]  {words}")

    try:
        made = asyncio.run(_rehearse(rehearsal, stack, origin, admin, plan, say))
        return made, rehearsal.write(made, out)
    except Refused as refused:
        raise StackError(
            f"The evening could not be prepared: {refused}", "another --first if its enterprises are there already"
        ) from None
    except Lost as lost:
        raise StackError(f"Something was lost or doubled, this run does not count: {lost}") from None
    except OSError as gone:
        raise StackError(f"{origin} does not answer: {gone}", "look whether the deployment runs") from None


async def _rehearse(
    rehearsal: Any, stack: Stack | None, origin: str, admin: tuple[str, str], plan: "Plan", say: Any
) -> "Rehearsal":
    made: Rehearsal = await rehearsal.rehearse(origin, admin, plan, say)
    if stack is not None:
        from bench.proof import prove

        count = await prove(stack, made.town.people, made.submissions)
        say(f"{count} commands stand in the logs as acknowledged")
    return made


def _show(made: "Rehearsal", files: list[Path]) -> None:
    table = Table(show_header=False)
    for row in made.rows():
        table.add_row(*row)
    console = Console()
    console.print(table)
    console.print("[green]held[/]" if made.held else "[red]not held[/]: an error, or p99 above 250 ms")
    for path in files:
        console.print(str(path), highlight=False)

"""`tidu rules check | explain | diff | beside | try | write`: for those who write the rules and those who compare them with the law."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

import services.assessment
from deploy.cli.logs_access import open_logs
from deploy.cli.options import DATA, Data, trouble_in_words
from deploy.local.stack import Stack, load_running
from libs.events.contracts.assessment import ApplicationScored
from libs.events.policies import read_policy_file
from services.assessment.authoring.alone import check_alone
from services.assessment.authoring.beside import beside, read_firm
from services.assessment.authoring.diff import compared
from services.assessment.authoring.explain import explained
from services.assessment.authoring.generated import stale, write_effective, write_rest
from services.assessment.authoring.history import latest_scores
from services.assessment.authoring.library import Library, read_library
from services.assessment.authoring.listing import listed, summary
from services.assessment.authoring.trial import report, tried
from services.assessment.domain.rules import PolicyFault
from services.assessment.domain.rules.pack import Pack

FOLDER = Path(services.assessment.__file__).parent / "policy"
DOCS = Path(services.assessment.__file__).parents[2] / "docs" / "rules"

app = typer.Typer(add_completion=False, help="Check, explain and compare the rules. 规则", no_args_is_help=True)

Where = Annotated[Path, typer.Argument(help="A policy folder, or one file of it.")]
Name = Annotated[str, typer.Argument(metavar="PACK", help="Such as giant@2026-2.")]


@app.command()
def check(path: Where = FOLDER) -> None:
    """Read every rule; exit 1 with file and line of all that is wrong. 检查"""
    if path.is_file():
        library, faults = check_alone(path, read_library(FOLDER))
    elif path.is_dir():
        library = read_library(path)
        faults = library.faults or (stale(library, path, DOCS) if path.resolve() == FOLDER.resolve() else [])
    else:
        raise typer.BadParameter(f"no such file or folder: {path}")
    for line in listed(library):
        print(line)
    for fault in faults:
        typer.secho(str(fault), fg="red", err=True)
    print(summary(library, len(faults)))
    if faults:
        raise typer.Exit(1)


@app.command()
def explain(pack: Name) -> None:
    """A pack in Chinese, to be laid beside the notice. 说明"""
    library = read_library(FOLDER)
    print(explained(known(library, pack), library), end="")


@app.command()
def diff(before: Name, after: Name) -> None:
    """What differs between two packs. 比较"""
    library = read_library(FOLDER)
    print(compared(known(library, before), known(library, after)), end="")


@app.command(name="beside")
def beside_(
    firm: Annotated[
        Path, typer.Argument(help="JSON: answers, digital_level, judgements.", exists=True, dir_okay=False)
    ],
    packs: Annotated[list[str], typer.Argument(metavar="PACK...", help="Such as srdi@2022-63 srdi@2026-2.")],
) -> None:
    """One enterprise under several packs, every item explained side by side. 对照"""
    library = read_library(FOLDER)
    try:
        given = read_firm(firm.read_bytes())
    except ValueError as error:
        raise typer.BadParameter(f"{firm}: {error}") from None
    print(beside(given, [known(library, pack) for pack in packs]), end="")


@app.command(name="try")
def try_(
    pack: Annotated[str, typer.Argument(help="A pack's id, or the file of a draft.")],
    tier: Annotated[str, typer.Option(help="Submissions of which tier; else of the pack's own.")] = "",
    touched: Annotated[
        bool, typer.Option("--touched", help="Only scores under another text of this very pack.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Score past submissions again under a pack; nothing is written. 试算"""
    library = read_library(FOLDER)
    rules = draft(Path(pack), library) if Path(pack).is_file() else known(library, pack)
    tiers = {id: one.tier for id, one in library.packs.items()}
    with trouble_in_words():
        history = asyncio.run(past(load_running(data)))
    of_tier = [one for one in history if tiers.get(one.pack.id, rules.tier) == (tier or rules.tier)]
    chosen = under_another_text(of_tier, rules.id, text_of(pack, library)) if touched else of_tier
    print(report(rules, tried(rules, chosen)), end="")


def under_another_text(history: list[ApplicationScored], id: str, sha256: str) -> list[ApplicationScored]:
    """Whom the correction of a pack's text touches."""
    return [one for one in history if one.pack.id == id and one.pack.sha256 != sha256]


def text_of(pack: str, library: Library) -> str:
    """The SHA-256 of a pack's text, as it is pinned: of the file given, or of the shipped one."""
    path = Path(pack)
    if not path.is_file():
        path = FOLDER / next(one.file for one in library.texts if one.head.id == pack)
    return read_policy_file(path).sha256


async def past(stack: Stack) -> list[ApplicationScored]:
    async with open_logs(stack) as logs:
        return await latest_scores(logs["assessment"])


def draft(path: Path, library: Library) -> Pack:
    """The pack of a file. Exits with 1 where it is wrong."""
    read, faults = check_alone(path, library)
    for fault in faults:
        typer.secho(str(fault), fg="red", err=True)
    if faults:
        raise typer.Exit(1)
    head = read.texts[0].head
    if not isinstance(head, Pack):
        raise typer.BadParameter(f"{path} is no pack")
    return head


@app.command()
def write() -> None:
    """Make effective packs, schemas and pages anew. 生成"""
    try:
        changed = [*write_effective(FOLDER), *write_rest(FOLDER, DOCS)]
    except PolicyFault as fault:
        typer.secho(str(fault), fg="red", err=True)
        raise typer.Exit(1) from None
    for path in changed:
        print(f"{path.parent.name}/{path.name}")
    print(f"{len(changed)} files written")


def known(library: Library, pack: str) -> Pack:
    """Raises BadParameter."""
    if pack not in library.packs:
        raise typer.BadParameter(f"no such pack: {pack}; there are {', '.join(library.packs)}")
    return library.packs[pack]

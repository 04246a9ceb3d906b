"""`tidu schemas write | check`: the published language as JSON Schemas, frozen samples and AsyncAPI."""

import typer

from deploy.cli.merge_base import NoBase, committed, published
from libs.events.contracts import evolution, schemas

app = typer.Typer(add_completion=False, help="Write or check the published schemas. 事件模式", no_args_is_help=True)


@app.command()
def write() -> None:
    """Write what is missing or has changed; frozen samples are never rewritten."""
    for path in schemas.write():
        print(path.name)


@app.command()
def check(
    base: str = typer.Option("", help="Branch or commit to compare with; else the merge base with the main branch."),
) -> None:
    """Exit 0 only if the committed files are what the contracts say, every sample decodes, and nothing that was
    published before is broken."""
    try:
        before = published(base)
    except NoBase as none:
        if base:
            raise typer.BadParameter(f"{none}; name a branch or commit that git knows", param_hint="--base") from none
        typer.secho(f"no history to compare with ({none}): compared with the committed schemas", fg="yellow", err=True)
        before = committed()
    faults = list(dict.fromkeys([*evolution.faults(before.schemas, before.samples), *schemas.differences()]))
    for fault in faults:
        typer.secho(fault, fg="red", err=True)
    print(f"{len(faults)} faults against {before.where}")
    if faults:
        raise typer.Exit(1)

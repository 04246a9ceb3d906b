"""`tidu schemas write | check`: the published language as JSON Schemas, frozen samples and AsyncAPI."""

import typer

from libs.events.contracts import schemas

app = typer.Typer(add_completion=False, help="Write or check the published schemas. 事件模式", no_args_is_help=True)


@app.command()
def write() -> None:
    """Write what is missing or has changed; frozen samples are never rewritten."""
    for path in schemas.write():
        print(path.name)


@app.command()
def check() -> None:
    """Exit 0 only if the committed files are what the contracts say and every sample decodes."""
    faults = schemas.differences()
    for fault in faults:
        typer.secho(fault, fg="red", err=True)
    print(f"{len(faults)} faults")
    if faults:
        raise typer.Exit(1)

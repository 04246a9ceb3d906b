"""Options that several commands share, and how trouble is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.folder import DEFAULT
from deploy.local.trouble import StackError

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The stack's data folder.")]
DATA = DEFAULT


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


@contextmanager
def trouble_in_words() -> Iterator[None]:
    """Trouble with the stack ends the command with 1 and its words, never with a trace."""
    try:
        yield
    except StackError as trouble:
        typer.secho(str(trouble), fg="red", err=True)
        raise typer.Exit(1) from None

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
from libs.events.contracts.base import SERVICES

Data = Annotated[Path, typer.Option("--data", metavar="DIR", help="The stack's data folder.")]
DATA = DEFAULT


class Format(StrEnum):
    """How a result is printed."""

    text = "text"
    json = "json"


def known_service(name: str) -> str:
    """The name, if there is such a service. Raises BadParameter."""
    if name not in SERVICES:
        raise typer.BadParameter(f"no such service: {name}; there are {', '.join(SERVICES)}")
    return name


def chosen_services(name: str) -> list[str]:
    """The one named, all if none is. Raises BadParameter."""
    return [known_service(name)] if name else list(SERVICES)


@contextmanager
def trouble_in_words() -> Iterator[None]:
    """Trouble with the stack ends the command with 1 and its words, never with a trace."""
    try:
        yield
    except StackError as trouble:
        typer.secho(str(trouble), fg="red", err=True)
        raise typer.Exit(1) from None

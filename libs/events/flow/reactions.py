"""Reactions: one rule per module, `when_<event>_then_<command>`; pure, never replayed."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec

from libs.events.contracts.base import Event
from libs.events.decider import Command
from libs.events.recorded import Recorded


class Reaction(msgspec.Struct, frozen=True):
    """`start` is `origin`, `head` or an ISO date: where a log is read from when NAME is first seen in a shard."""

    name: str
    source: str
    handles: tuple[type[Event], ...]
    react: Callable[[Recorded[Any]], list[Command]]
    start: str = "origin"

    def concerns(self, event: Recorded[Any]) -> bool:
        """Whether it was recorded since the date this reaction starts from, where that is a date."""
        return self.start in ("origin", "head") or event.time.date().isoformat() >= self.start


def reaction(module: ModuleType) -> Reaction:
    """From a module with SOURCE, HANDLES, react and optionally START; its permanent NAME is the module's name."""
    return Reaction(
        name=module.__name__.rsplit(".", 1)[-1],
        source=module.SOURCE,
        handles=tuple(module.HANDLES),
        react=module.react,
        start=getattr(module, "START", "origin"),
    )

"""Projections: read models folded from topics by pure functions. One module per read model."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import msgspec

from libs.events.contracts.base import Event
from libs.events.recorded import Recorded

Document = dict[str, Any]


class Projection(msgspec.Struct, frozen=True):
    """`key` names the one document an event touches (None: no document); `apply` gives its next content (None: gone).

    With several sources a document keeps one part per source, so live and rebuilt are equal for every interleaving.
    `build` counts how often this version was folded from zero; each build has documents and checkpoints of its own.
    """

    name: str
    version: int
    sources: tuple[str, ...]
    handles: tuple[type[Event], ...]
    key: Callable[[Recorded[Any]], str | None]
    apply: Callable[[Document | None, Recorded[Any]], Document | None]
    indexes: Sequence[Sequence[str]] = ()
    build: int = 1

    @property
    def collection(self) -> str:
        return f"{self.name}_v{self.version}" + (f"_b{self.build}" if self.build > 1 else "")

    def consumer(self, service: str) -> str:
        return f"{service}.{self.name}.v{self.version}" + (f".b{self.build}" if self.build > 1 else "")


def projection(module: ModuleType) -> Projection:
    """From a module with NAME, VERSION, SOURCES, HANDLES, key, apply and INDEXES."""
    return Projection(
        name=module.NAME,
        version=module.VERSION,
        sources=tuple(module.SOURCES),
        handles=tuple(module.HANDLES),
        key=module.key,
        apply=module.apply,
        indexes=tuple(module.INDEXES),
    )

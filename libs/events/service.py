"""A service as its composition root states it: a table of contents and nothing else."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from libs.events.decider import Decider
from libs.events.flow.projections import Projection
from libs.events.flow.reactions import Reaction
from libs.events.settings import KernelSettings

if TYPE_CHECKING:
    from libs.events.runtime import Runtime


@dataclass(frozen=True)
class Service:
    """`policies` is the folder of the policy files it ships; `copies` names, per service, the policy kinds it copies
    from there. `on_start` runs once per process before it is ready; `companions` run beside it until it stops.
    `gathers`: for so many seconds after a fetch events gather for the next one, where nobody waits to read what they do:
    for a service that works behind the one that somebody stands in front of."""

    name: str
    aggregates: Sequence[Decider[Any]]
    settings: type[KernelSettings]
    projections: Sequence[Projection] = ()
    reactions: Sequence[Reaction] = ()
    routers: Sequence[APIRouter] = ()
    policies: Path | None = None
    copies: Mapping[str, Sequence[str]] = field(default_factory=dict)
    on_start: Sequence[Callable[["Runtime"], Awaitable[None]]] = ()
    companions: Sequence[Callable[["Runtime"], Coroutine[Any, Any, None]]] = ()
    gathers: float = 0.0

    def aggregate(self, category: str) -> Decider[Any]:
        for decider in self.aggregates:
            if decider.category == category:
                return decider
        raise LookupError(f"{self.name} has no aggregate {category!r}")

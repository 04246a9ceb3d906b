"""Noting what a filing is called and where it lies."""

from typing import TypeVar

from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MatterNoted
from libs.events.decider import Decider, Facts
from services.notifications.domain.matters.commands import NoteMatter
from services.notifications.domain.matters.state import MatterState, evolve, initial

T = TypeVar("T")


def decide(command: NoteMatter, state: MatterState, facts: Facts) -> list[Event]:
    return note(command, state)


def note(command: NoteMatter, matter: MatterState) -> list[Event]:
    region = _or(command.region, matter.region)
    noted = MatterNoted(
        received_at=command.received_at,
        application=command.application,
        enterprise=command.enterprise,
        enterprise_name=_or(command.enterprise_name, matter.enterprise_name),
        kind=_or(command.kind, matter.kind),
        tier=_or(command.tier, matter.tier),
        batch=_or(command.batch, matter.batch),
        authority=_or(command.authority, matter.authority),
        region=region,
        region_names=_or(command.region_names, matter.region_names.get(region, ())),
        duties=_or(command.duties, matter.duties),
    )
    return [] if evolve(matter, noted) == matter else [noted]


def _or(new: T | None, known: T) -> T:
    return known if new is None else new


decider = Decider("matter", (NoteMatter,), initial, evolve, decide)

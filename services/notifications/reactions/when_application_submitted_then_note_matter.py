"""A filing was handed in: how it is called is noted for every later message about it."""

from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.matters.commands import NoteMatter

SOURCE, HANDLES, START = "applications", (ApplicationSubmitted,), "origin"


def react(event: Recorded[ApplicationSubmitted]) -> list[Command]:
    data = event.data
    return [
        NoteMatter(
            **because(event),
            application=data.application,
            enterprise=data.enterprise,
            enterprise_name=data.enterprise_name,
            kind=data.kind,
            tier=data.tier,
            batch=data.batch,
            authority=data.authority,
            region=data.region,
            region_names=data.region_names,
        )
    ]

"""A lapsed filing lives again (its window was extended) → so does its case."""

from libs.events.contracts.applications import ApplicationRevived
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import ReopenCase

SOURCE, HANDLES, START = "applications", (ApplicationRevived,), "origin"


def react(event: Recorded[ApplicationRevived]) -> list[Command]:
    said = event.data
    return [
        ReopenCase(
            **because(event),
            enterprise=said.enterprise,
            application=said.application,
            cause=event.id,
        )
    ]

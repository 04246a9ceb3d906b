"""The end of the window that a filing knew has passed → look at the window and settle it."""

from libs.events.contracts.applications import WindowEndReached
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import SettleWindowEnd

SOURCE, HANDLES, START = "applications", (WindowEndReached,), "origin"


def react(event: Recorded[WindowEndReached]) -> list[Command]:
    said = event.data
    return [
        SettleWindowEnd(
            **because(event),
            filing=event.stream,
            application=said.application,
            authority=said.authority,
            window=said.window,
        )
    ]

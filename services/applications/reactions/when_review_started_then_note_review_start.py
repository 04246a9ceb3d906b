"""开始审核 → from here no withdrawal."""

from libs.events.contracts.review import ReviewStarted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteReviewStart

SOURCE, HANDLES, START = "review", (ReviewStarted,), "origin"


def react(event: Recorded[ReviewStarted]) -> list[Command]:
    said = event.data
    return [
        NoteReviewStart(
            **because(event),
            filing=said.filing,
            application=said.application,
            round=said.round,
            level=said.level,
            cause=event.id,
        )
    ]

"""A portion has answered → the list knows."""

from libs.events.contracts.review import ListPortionAnswered
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.lists.commands import NoteAnswers

SOURCE, HANDLES, START = "review", (ListPortionAnswered,), "origin"


def react(event: Recorded[ListPortionAnswered]) -> list[Command]:
    said = event.data
    return [
        NoteAnswers(
            **because(event),
            list=said.list,
            portion=said.portion,
            size=said.size,
            declined=said.declined,
            reasons=said.reasons,
        )
    ]

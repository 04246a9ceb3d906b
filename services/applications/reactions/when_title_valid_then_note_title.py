"""认定, 延期, or a title imported → the enterprise holds it from here."""

from libs.events.contracts.review import TitleExtended, TitleGranted, TitleImported
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import NoteTitle

SOURCE, HANDLES, START = "review", (TitleGranted, TitleImported, TitleExtended), "origin"


def react(event: Recorded[TitleGranted] | Recorded[TitleImported] | Recorded[TitleExtended]) -> list[Command]:
    said = event.data
    return [
        NoteTitle(
            **because(event),
            enterprise=said.enterprise,
            tier=said.tier,
            valid_from=None if isinstance(said, TitleExtended) else said.valid_from,
            valid_to=said.valid_to,
            cause=event.id,
        )
    ]

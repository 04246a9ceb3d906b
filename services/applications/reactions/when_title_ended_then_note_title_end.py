"""到期 or 取消认定 → the enterprise no longer holds the title."""

from libs.events.contracts.review import TitleCancelled, TitleExpired
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import NoteTitleEnd

SOURCE, HANDLES, START = "review", (TitleExpired, TitleCancelled), "origin"


def react(event: Recorded[TitleExpired] | Recorded[TitleCancelled]) -> list[Command]:
    said = event.data
    return [
        NoteTitleEnd(
            **because(event),
            enterprise=said.enterprise,
            tier=said.tier,
            reason=said.reason if isinstance(said, TitleCancelled) else "有效期届满",
            cause=event.id,
        )
    ]

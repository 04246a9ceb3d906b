"""年度信息更新 done."""

from libs.events.contracts.applications import UpdateNoted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_enterprise

SOURCE, HANDLES, START = "applications", (UpdateNoted,), "origin"


def react(event: Recorded[UpdateNoted]) -> list[Command]:
    return [
        PostMessage(
            **because(event),
            recipient=to_enterprise(event.data.enterprise),
            template="annual-update-noted",
            cause=event.id,
            facts={"year": str(event.data.year)},
        )
    ]

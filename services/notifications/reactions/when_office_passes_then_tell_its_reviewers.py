"""移交 of a reviewer's office: whoever sits there is told that the open cases follow, the successor among them."""

from libs.events.contracts.notifications import Recipient
from libs.events.contracts.review import SuccessionNoted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage

SOURCE, HANDLES, START = "review", (SuccessionNoted,), "origin"


def react(event: Recorded[SuccessionNoted]) -> list[Command]:
    office = event.data.office
    return [
        PostMessage(
            **because(event),
            recipient=Recipient(office=office),
            template="office-handed-over",
            cause=event.id,
            facts={"level": office.level, "document": event.data.document},
            authority=office.authority,
        )
    ]

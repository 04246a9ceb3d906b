"""提交: the enterprise gets a message as proof of receipt."""

from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_enterprise

SOURCE, HANDLES, START = "applications", (ApplicationSubmitted,), "origin"


def react(event: Recorded[ApplicationSubmitted]) -> list[Command]:
    data = event.data
    return [
        PostMessage(
            **because(event),
            recipient=to_enterprise(data.enterprise),
            template="application-submitted",
            cause=event.id,
            enterprise=data.enterprise,
            application=data.application,
            facts={"region": data.region, "round": str(data.round)},
        )
    ]

"""实名认证通过: the first message of an enterprise says what comes next."""

from libs.events.contracts.identity import RealNameVerified
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_enterprise

SOURCE, HANDLES, START = "identity", (RealNameVerified,), "origin"


def react(event: Recorded[RealNameVerified]) -> list[Command]:
    return [
        PostMessage(
            **because(event),
            recipient=to_enterprise(event.data.enterprise),
            template="real-name-verified",
            cause=event.id,
            facts={"enterprise": event.data.name},
        )
    ]

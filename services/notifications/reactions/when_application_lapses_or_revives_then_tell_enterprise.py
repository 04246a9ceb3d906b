"""失效 or 恢复 of a filing."""

from libs.events.contracts.applications import ApplicationLapsed, ApplicationRevived
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_enterprise

SOURCE, HANDLES, START = "applications", (ApplicationLapsed, ApplicationRevived), "origin"


def react(event: Recorded[ApplicationLapsed | ApplicationRevived]) -> list[Command]:
    data = event.data
    return [
        PostMessage(
            **because(event),
            recipient=to_enterprise(data.enterprise),
            template="application-lapsed" if isinstance(data, ApplicationLapsed) else "application-revived",
            cause=event.id,
            enterprise=data.enterprise,
            application=data.application,
            facts={"reason": data.reason},
        )
    ]

"""Posting a message once for its cause; marking it read."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessageDeclined, MessagePosted, MessageRead
from libs.events.contracts.times import business_date, time_text
from libs.events.decider import Decider, Facts
from libs.events.errors import refuse_unless
from services.notifications.domain.matters.state import MatterState
from services.notifications.domain.messages import templates
from services.notifications.domain.messages.commands import MarkRead, PostMessage
from services.notifications.domain.messages.refusals import MessageUnknown
from services.notifications.domain.messages.state import MessageState, evolve, initial

MessageCommand = PostMessage | MarkRead


def decide(command: MessageCommand, state: MessageState, facts: Facts) -> list[Event]:
    match command:
        case PostMessage():
            return post(command, state, facts)
        case MarkRead():
            return mark_read(command, state)
        case _:
            assert_never(command)


def post(command: PostMessage, message: MessageState, facts: Facts) -> list[Event]:
    """By the template in force at the cause's business time; without one nobody is told, and that is said."""
    if message.settled:
        return []
    matter = facts.reads[command.reads[0]] if command.reads else MatterState()
    authority = matter.authority or command.authority
    template = templates.find(facts.policies, command.template, authority, matter.kind)
    labels = templates.labels(facts.policies, authority)
    if template is None or labels is None:
        return [MessageDeclined(command.received_at, command.cause, f"no template {command.template} is in force")]
    words = templates.render(template, _facts(command), matter, labels.content)
    return [
        MessagePosted(
            received_at=command.received_at,
            message=command.message,
            recipient=command.recipient,
            group=template.group,
            template=template.code,
            title=words.title,
            body=words.body,
            link=words.link,
            cause=command.cause,
            policies=(template.pin, labels.pin),
            importance=template.importance,
            application=command.application,
        )
    ]


def _facts(command: PostMessage) -> dict[str, str]:
    at = command.received_at
    always = {
        "received_at": time_text(at),
        "year": str(business_date(at).year),
        "application": command.application,
    }
    return {**always, **command.facts}


def mark_read(command: MarkRead, message: MessageState) -> list[Event]:
    """Reading again changes nothing; another's message is as good as none."""
    refuse_unless(message.box and message.box == command.box, MessageUnknown())
    if command.actor.ref in message.readers:
        return []
    return [MessageRead(command.received_at, command.message, command.actor.ref)]


decider = Decider("message", (PostMessage, MarkRead), initial, evolve, decide)

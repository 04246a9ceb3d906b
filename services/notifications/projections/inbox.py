"""我的消息: one document per message, in the box of an enterprise or of an office."""

from typing import Any

import msgspec

from libs.events.contracts.notifications import MessagePosted, MessageRead
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded
from services.notifications.domain.messages.recipients import box_of

NAME = "inbox"
VERSION = 1
SOURCES = ("notifications",)
HANDLES = (MessagePosted, MessageRead)
INDEXES = (("box", "-clock"), ("box", "group", "-clock"), ("box", "read_by"))


def key(event: Recorded[Any]) -> str:
    return str(event.data.message)


def apply(document: dict[str, Any] | None, event: Recorded[Any]) -> dict[str, Any] | None:
    match event.data:
        case MessagePosted() as data:
            return posted(data, event.clock)
        case MessageRead() as data if document is not None:
            return {**document, "read_by": [*document["read_by"], data.reader]}
        case _:
            return document


def posted(data: MessagePosted, clock: int) -> dict[str, Any]:
    return {
        "message": data.message,
        "box": box_of(data.recipient),
        "enterprise": data.recipient.enterprise,
        "office": msgspec.to_builtins(data.recipient.office),
        "group": data.group,
        "importance": data.importance,
        "title": data.title,
        "body": data.body,
        "link": data.link,
        "application": data.application or None,
        "posted_at": time_text(data.received_at),
        "clock": clock,
        "read_by": [],
    }

"""A message: for whom, and who has read it."""

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.notifications import MessageDeclined, MessagePosted, MessageRead
from services.notifications.domain.messages.recipients import box_of


class MessageState(msgspec.Struct, frozen=True):
    """`box` is empty while nothing was posted."""

    box: str = ""
    declined: bool = False
    readers: frozenset[str] = frozenset()

    @property
    def settled(self) -> bool:
        return bool(self.box) or self.declined


def initial() -> MessageState:
    return MessageState()


def evolve(state: MessageState, event: Event) -> MessageState:
    match event:
        case MessagePosted():
            return MessageState(box=box_of(event.recipient))
        case MessageDeclined():
            return MessageState(declined=True)
        case MessageRead():
            return msgspec.structs.replace(state, readers=state.readers | {event.reader})
        case _:
            return state

"""What can be asked of a message."""

from collections.abc import Mapping, Sequence

from libs.events.contracts.notifications import Recipient
from libs.events.decider import Command
from libs.events.names import stream_name
from services.notifications.domain.matters.commands import matter_stream
from services.notifications.domain.messages.recipients import message_id, partition_of


def message_stream(partition: str, message: str) -> str:
    """`partition` is the enterprise or the authority."""
    return stream_name("message", partition, message)


class PostMessage(Command, frozen=True):
    """Tell `recipient` of `cause` (an event's id) by the template in force; `facts` are raw: codes, ISO days and times.

    `enterprise` and `application` name the filing it is about, if it is about one; `authority` whose templates apply.
    """

    empty_is_fine = True
    begins = True

    recipient: Recipient
    template: str
    cause: str
    enterprise: str = ""
    application: str = ""
    facts: Mapping[str, str] = {}
    authority: str = ""

    @property
    def message(self) -> str:
        return message_id(self.cause, self.recipient)

    @property
    def stream(self) -> str:
        return message_stream(partition_of(self.recipient), self.message)

    @property
    def reads(self) -> Sequence[str]:
        return (matter_stream(self.enterprise, self.application),) if self.application else ()


class MarkRead(Command, frozen=True):
    """`box` is the reader's own; another's message is as good as none."""

    partition: str
    message: str
    box: str

    @property
    def stream(self) -> str:
        return message_stream(self.partition, self.message)

"""What a channel is asked and how it may fail; the adapters stand behind this."""

from collections.abc import Mapping
from typing import Protocol

import msgspec


class Message(msgspec.Struct, frozen=True):
    """`to` is `+86…` or an e-mail address; `text` is whole, `template` and `values` are for providers that compose it
    themselves from a template they have approved."""

    id: str
    to: str
    template: str
    values: Mapping[str, str]
    text: str
    subject: str = ""


class ChannelRefused(Exception):
    """The provider will never carry this message. `reason` is a code of the policy's `not_arrived` table."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class ChannelDown(Exception):
    """The provider does not answer, or cannot right now: the same message may be tried again."""


class Channel(Protocol):
    async def send(self, message: Message) -> str:
        """The provider's own number of the message. Raises ChannelRefused, ChannelDown."""

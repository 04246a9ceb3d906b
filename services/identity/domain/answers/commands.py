"""What can be asked of an answer."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from libs.events.contracts.base import Personal
from libs.events.decider import Command
from libs.events.names import stream_name
from services.identity.domain.accounts.commands import account_stream
from services.identity.domain.checks.commands import check_stream


def answer_stream(answer: str) -> str:
    return stream_name("answer", answer)


class Tell(Command, frozen=True):
    """Address, mailbox and login name are the account's as it is now; `phone` overrides (the number before a change),
    and a check's own number is told where there is one."""

    answer: str
    about: str
    account: str = ""
    check: str = ""
    phone: Personal[str] | None = None
    reasons: tuple[str, ...] = ()

    begins: ClassVar[bool] = True

    @property
    def stream(self) -> str:
        return answer_stream(self.answer)

    @property
    def reads(self) -> Sequence[str]:
        account = (account_stream(self.account),) if self.account else ()
        return (*account, *((check_stream(self.check),) if self.check else ()))


class NoteSent(Command, frozen=True):
    answer: str
    channel: Literal["sms", "email"]
    outcome: str

    @property
    def stream(self) -> str:
        return answer_stream(self.answer)

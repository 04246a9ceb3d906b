"""What can be asked of a person's values: to erase them, to keep them."""

from datetime import datetime

from libs.events.decider import Command
from libs.events.names import stream_name


def subject_stream(subject: str) -> str:
    return stream_name("subject", subject)


class OnSubject(Command, frozen=True):
    subject: str

    @property
    def stream(self) -> str:
        return subject_stream(self.subject)


class EraseSubject(OnSubject, frozen=True):
    """删除个人信息; `basis` is the person's request or the order it rests on."""

    reason: str
    basis: str


class NoteKeyDestroyed(OnSubject, frozen=True):
    """The key is gone from the key database; `found` says whether it had still been there."""

    found: bool
    empty_is_fine = True


class PlaceHold(OnSubject, frozen=True):
    """依法保留; `holder` is the office that asks for it, with a way to reach it."""

    holder: str
    reason: str
    until: datetime | None


class LiftHold(OnSubject, frozen=True):
    hold: str
    reason: str

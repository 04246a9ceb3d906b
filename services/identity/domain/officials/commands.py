"""What can be asked about officials. Personal values arrive sealed."""

from collections.abc import Sequence
from datetime import datetime

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Personal
from libs.events.decider import Command
from libs.events.ids import make_id
from libs.events.names import stream_name
from services.identity.domain.reservations.commands import reservation_stream


def official_stream(authority: str, official: str) -> str:
    return stream_name("official", authority, official)


def official_id(login_index: str) -> str:
    return make_id("official", login_index)


def holder_of(official: str) -> str:
    return f"official:{official}"


class AppointOfficial(Command, frozen=True):
    """任命 of a new official, whose login name is held for them."""

    official: str
    office: Office
    subject: str
    name: Personal[str]
    phone: Personal[str] | None
    login_index: str
    document: str
    valid_to: datetime | None

    @property
    def stream(self) -> str:
        return official_stream(self.office.authority, self.official)

    @property
    def reads(self) -> Sequence[str]:
        return (reservation_stream(self.login_index, "login"),)


class AppointAgain(Command, frozen=True):
    """A further office of an official in the same authority."""

    official: str
    office: Office
    document: str
    valid_to: datetime | None

    @property
    def stream(self) -> str:
        return official_stream(self.office.authority, self.official)


class EndAppointment(Command, frozen=True):
    authority: str
    official: str
    appointment: str
    reason: str

    @property
    def stream(self) -> str:
        return official_stream(self.authority, self.official)


class EndOfficialSession(Command, frozen=True):
    authority: str
    official: str
    sid: str
    reason: str

    @property
    def stream(self) -> str:
        return official_stream(self.authority, self.official)


class RevokeOfficialTokens(Command, frozen=True):
    """`before` is wall time: every token issued earlier is void."""

    authority: str
    official: str
    before: datetime
    reason: str

    @property
    def stream(self) -> str:
        return official_stream(self.authority, self.official)

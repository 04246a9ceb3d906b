"""What can be asked about officials. Personal values arrive sealed."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

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


class OfOfficial(Command, frozen=True):
    """To an official who is there."""

    authority: str
    official: str

    @property
    def stream(self) -> str:
        return official_stream(self.authority, self.official)


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
    person_index: str = ""
    """Of one of the three administrators: the blind index that tells the person, reserved for this official."""

    @property
    def stream(self) -> str:
        return official_stream(self.office.authority, self.official)

    @property
    def reads(self) -> Sequence[str]:
        login = reservation_stream(self.login_index, "login")
        return (login, reservation_stream(self.person_index, "administrator")) if self.person_index else (login,)


class AppointAgain(Command, frozen=True):
    """A further office of an official in the same authority."""

    official: str
    office: Office
    document: str
    valid_to: datetime | None

    @property
    def stream(self) -> str:
        return official_stream(self.office.authority, self.official)


class OnAppointment(OfOfficial, frozen=True):
    appointment: str


class EndAppointment(OnAppointment, frozen=True):
    reason: str

    empty_is_fine: ClassVar[bool] = True


class EndOfficialSession(OfOfficial, frozen=True):
    sid: str
    reason: str


class RevokeOfficialTokens(OfOfficial, frozen=True):
    """`before` is wall time: every token issued earlier is void, but for those of the session `spared`."""

    before: datetime
    reason: str
    spared: str = ""


class SuspendAppointment(OnAppointment, frozen=True):
    """停职. `before` is wall time: every token issued earlier is void."""

    reason: str
    before: datetime


class ResumeAppointment(OnAppointment, frozen=True):
    """复职."""

    reason: str


class HandOver(OnAppointment, frozen=True):
    """移交 to another official of the same authority."""

    successor: str
    document: str
    valid_to: datetime | None

    @property
    def reads(self) -> Sequence[str]:
        return (official_stream(self.authority, self.successor),)


class Delegate(OnAppointment, frozen=True):
    """委托代行 by the official themself, to another of the same authority, for a time."""

    delegate: str
    until: datetime
    reason: str

    @property
    def reads(self) -> Sequence[str]:
        return (official_stream(self.authority, self.delegate),)


class EndDelegation(OfOfficial, frozen=True):
    delegated: str
    reason: str


class EnrolFactor(OfOfficial, frozen=True):
    """登记二次验证; proved already, the secret stays outside."""

    factor: str
    kind: Literal["totp", "webauthn"]
    codes: int


class RemoveFactor(OfOfficial, frozen=True):
    """One factor, or all (`factor` empty). `before`, wall time, when it is a reset: tokens issued earlier are void."""

    factor: str
    reason: str
    keep_one: bool
    before: datetime | None


class NoteRecovery(OfOfficial, frozen=True):
    """恢复码 used."""

    left: int


class TakeOffice(Command, frozen=True):
    """What was handed over or delegated becomes an appointment of whoever takes it; `represents` is who is stood in for."""

    official: str
    office: Office
    appointment: str
    document: str
    valid_to: datetime | None
    represents: str = ""

    empty_is_fine: ClassVar[bool] = True

    @property
    def stream(self) -> str:
        return official_stream(self.office.authority, self.official)

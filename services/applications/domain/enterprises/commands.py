"""What may be wanted of an enterprise's stream: by its account, or noted from other services."""

from datetime import date
from typing import Literal

import msgspec

from libs.events.contracts.applications import DigitalResult
from libs.events.contracts.base import Personal
from libs.events.decider import Command
from services.applications.domain.streams import enterprise_stream

Size = Literal["大型", "中型", "小型", "微型"]


class Basics(msgspec.Struct, frozen=True):
    """企业基本情况 as the enterprise states it; its name and credit code come from its verification."""

    authority: str
    region: str
    address: str
    postcode: str
    industry: str
    segment: str
    product: str
    registered_on: date
    capital: str
    size: Size
    legal_representative: Personal[str]
    contact: Personal[str]
    contact_mobile: Personal[str]
    email: Personal[str]
    legal_representative_phone: Personal[str] | None = None
    legal_representative_mobile: Personal[str] | None = None
    contact_phone: Personal[str] | None = None
    fax: str = ""


class EnterpriseCommand(Command, frozen=True):
    enterprise: str

    @property
    def stream(self) -> str:
        return enterprise_stream(self.enterprise)


class CompleteProfile(EnterpriseCommand, frozen=True):
    """完善企业基本信息, the first time."""

    account: str
    basics: Basics


class ChangeProfile(EnterpriseCommand, frozen=True):
    """编辑企业基本信息. A sealed value that did not change must be the same sealed value."""

    account: str
    basics: Basics


class NoteVerification(EnterpriseCommand, frozen=True):
    account: str
    name: str
    credit_code: str


class NoteTitle(EnterpriseCommand, frozen=True):
    """`valid_from` None: extended, it began when it began."""

    tier: str
    valid_to: date
    cause: str
    valid_from: date | None = None


class NoteTitleEnd(EnterpriseCommand, frozen=True):
    tier: str
    reason: str
    cause: str


class NoteBan(EnterpriseCommand, frozen=True):
    until: date
    reason: str
    cause: str


class NoteDigitalLevel(EnterpriseCommand, frozen=True):
    result: DigitalResult


class JoinPool(EnterpriseCommand, frozen=True):
    """入库 with the data of `year`."""

    authority: str
    year: int
    cause: str


class NoteUpdate(EnterpriseCommand, frozen=True):
    year: int
    cause: str


class CorrectRegion(EnterpriseCommand, frozen=True):
    """A filing's 注册地 was corrected; the profile follows, so that the next filing starts right."""

    empty_is_fine = True

    region: str
    region_names: tuple[str, ...]
    reason: str


COMMANDS: tuple[type[EnterpriseCommand], ...] = (
    CompleteProfile,
    ChangeProfile,
    NoteVerification,
    NoteTitle,
    NoteTitleEnd,
    NoteBan,
    NoteDigitalLevel,
    JoinPool,
    NoteUpdate,
    CorrectRegion,
)

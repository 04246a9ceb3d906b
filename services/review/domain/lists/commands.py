"""What may be asked of a list: by the publisher of its level, by its members' answers, by the clock."""

from datetime import date

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.review import Purpose
from libs.events.decider import Command, Tick
from libs.events.names import stream_name


def list_stream(authority: str, region: str, batch: str, purpose: Purpose) -> str:
    return stream_name("list", authority, region, batch, purpose)


class Member(msgspec.Struct, frozen=True, order=True):
    """A case and the enterprise whose it is."""

    case: str
    enterprise: str


class OnList(Command, frozen=True):
    """`region` is that of the office whose list it is; `batch` names the list, without hyphens."""

    authority: str
    region: str
    batch: str
    purpose: Purpose

    @property
    def stream(self) -> str:
        return list_stream(self.authority, self.region, self.batch, self.purpose)


class AddListMembers(OnList, frozen=True):
    """A portion of a list too long for one request; its freezing follows."""

    level: Level
    members: tuple[Member, ...]


class FreezeList(OnList, frozen=True):
    """名单冻结, with the members (or the last of them); each case then answers for itself."""

    level: Level
    kind: str
    tier: str | None
    members: tuple[Member, ...]


class PublishList(OnList, frozen=True):
    """公示, from `starts` (default: today) for as long as the chain's policy says."""

    starts: date | None = None


class AnnounceList(OnList, frozen=True):
    """公告 with its document number, as of the day it is announced."""

    document: str


class NoteAnswers(Command, frozen=True):
    """A whole portion has answered; its repetition is harmless."""

    empty_is_fine = True

    list: str
    portion: int
    size: int
    declined: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def stream(self) -> str:
        return self.list


ListCommand = AddListMembers | FreezeList | PublishList | AnnounceList | NoteAnswers | Tick
COMMANDS: tuple[type[Command], ...] = ListCommand.__args__

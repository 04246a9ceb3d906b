"""What may be asked of a title: by an approved case (through a reaction), by publishers, by the clock."""

from datetime import date

from libs.events.contracts.actors import Level
from libs.events.decider import Command, Tick
from libs.events.names import stream_name


def title_stream(enterprise: str, tier: str) -> str:
    return stream_name("title", enterprise, tier)


class OnTitle(Command, frozen=True):
    enterprise: str
    tier: str

    @property
    def stream(self) -> str:
        return title_stream(self.enterprise, self.tier)


class GrantTitle(OnTitle, frozen=True):
    """认定, valid from the announcement."""

    enterprise_name: str
    authority: str
    region: str
    application: str
    document: str
    announced_on: date
    level: Level | None = None


class ImportTitle(OnTitle, frozen=True):
    """A title granted elsewhere or before, with its document; dates inclusive."""

    enterprise_name: str
    authority: str
    region: str
    origin: str
    document: str
    valid_from: date
    valid_to: date
    sub_type: str = ""


class CancelTitle(OnTitle, frozen=True):
    """取消认定, with reason and document."""

    reason: str
    document: str
    ban_until: date | None = None


TitleCommand = GrantTitle | ImportTitle | CancelTitle | Tick
COMMANDS: tuple[type[Command], ...] = TitleCommand.__args__

"""What an authority's window managers may want of a window. `CloseWindow` is a tick."""

from datetime import datetime

from libs.events.contracts.applications import FilingKind
from libs.events.decider import Command
from libs.events.ids import entity_id
from services.applications.domain.streams import window_stream


class OpenWindow(Command, frozen=True):
    """维护申报时间. `form` is a form's id; `prerequisites` are codes, None: what the rules ask.

    `pack` None: the one that the rules bind (适用标准); another needs a `pack_reason`.
    """

    authority: str
    kind: FilingKind
    tier: str | None
    batch: str
    title: str
    regions: tuple[str, ...]
    opens: datetime
    closes: datetime
    form: str
    pack: str | None
    prerequisites: tuple[str, ...] | None
    contact: dict[str, str]
    pack_reason: str = ""

    @property
    def window(self) -> str:
        """The id of the window that this command makes."""
        return entity_id(self.id, 1)

    @property
    def stream(self) -> str:
        return window_stream(self.authority, self.window)


class WindowCommand(Command, frozen=True):
    authority: str
    window: str

    @property
    def stream(self) -> str:
        return window_stream(self.authority, self.window)


class RebindWindow(WindowCommand, frozen=True):
    """Another form, pack (None: the bound one) or other prerequisites; what was submitted before keeps what it pinned."""

    form: str
    pack: str | None
    prerequisites: tuple[str, ...]
    reason: str


class ExtendWindow(WindowCommand, frozen=True):
    """延长申报时间, also after the end; withdrawn filings that lapsed may be revived."""

    closes: datetime
    reason: str


COMMANDS: tuple[type[Command], ...] = (OpenWindow, RebindWindow, ExtendWindow)

"""What may be wanted of a filing: by the enterprise, by officials, or noted from `review`."""

from collections.abc import Sequence
from datetime import datetime

from libs.events.contracts.applications import Evidence, FilingKind, Value
from libs.events.contracts.base import Personal
from libs.events.contracts.review import Reason
from libs.events.decider import Command
from services.applications.domain.streams import enterprise_stream, filing_stream, window_stream


class SubmitApplication(Command, frozen=True):
    """提交: the version of the draft that was shown.

    `region` is the 注册地 that the enterprise confirmed. `personal_faults` is what was found wrong in personal answers
    before they were sealed (field → words). `profile_version` is the profile that was shown, None: whichever is newest.
    """

    enterprise: str
    kind: FilingKind
    tier: str | None
    window: str | None
    authority: str
    account: str
    region: str
    draft_version: int
    answers: dict[str, Value]
    personal: dict[str, Personal[str]]
    personal_faults: dict[str, str]
    evidence: tuple[Evidence, ...]
    profile_version: int | None = None

    @property
    def stream(self) -> str:
        return filing_stream(self.enterprise, self.kind, self.tier, self.window)

    @property
    def reads(self) -> Sequence[str]:
        mine = enterprise_stream(self.enterprise)
        return (mine, window_stream(self.authority, self.window)) if self.window else (mine,)


class FilingCommand(Command, frozen=True):
    """About one application in the stream `filing`."""

    filing: str
    application: str

    @property
    def stream(self) -> str:
        return self.filing


class WindowedCommand(FilingCommand, frozen=True):
    """Looks at the filing's window, if it has one."""

    authority: str
    window: str | None

    @property
    def reads(self) -> Sequence[str]:
        return (window_stream(self.authority, self.window),) if self.window else ()


class RequestWithdrawal(WindowedCommand, frozen=True):
    """撤回. After the window it must be said that one knows it cannot come back."""

    reason: str = ""
    knows_it_is_final: bool = False


class RequestRecall(FilingCommand, frozen=True):
    """Take a corrected filing back to `returned` before review starts on it again."""


class ReviveApplication(WindowedCommand, frozen=True):
    """The window was extended after the filing had lapsed."""


class VoidApplication(FilingCommand, frozen=True):
    """终止: dissolved, banned, fraud found."""

    reason: str


class SettleWindowEnd(WindowedCommand, frozen=True):
    """The end of the window that the filing knew of has passed: is it still the end?"""

    empty_is_fine = True


class AcceptApplication(FilingCommand, frozen=True):
    """采纳 of a filing that nobody reviews."""


class NoteReviewStart(FilingCommand, frozen=True):
    round: int
    level: str
    cause: str


class NoteReturn(FilingCommand, frozen=True):
    round: int
    level: str
    unlocked: tuple[str, ...]
    region_unlocked: bool
    deadline: datetime | None
    reasons: tuple[Reason, ...]
    cause: str


class NoteApproval(FilingCommand, frozen=True):
    cause: str


class NoteRejection(FilingCommand, frozen=True):
    reasons: tuple[Reason, ...]
    cause: str


class NoteWithdrawal(FilingCommand, frozen=True):
    """`refused` is why not (a code), None: accepted."""

    round: int
    refused: str | None
    cause: str
    level: str | None = None
    since: datetime | None = None


class NoteRecall(FilingCommand, frozen=True):
    round: int
    accepted: bool
    cause: str


class NoteTransfer(FilingCommand, frozen=True):
    """移送: an officer moved the case to where it belongs."""

    region: str
    region_names: tuple[str, ...]
    cause: str


COMMANDS: tuple[type[Command], ...] = (
    SubmitApplication,
    RequestWithdrawal,
    RequestRecall,
    ReviveApplication,
    VoidApplication,
    SettleWindowEnd,
    AcceptApplication,
    NoteReviewStart,
    NoteReturn,
    NoteApproval,
    NoteRejection,
    NoteWithdrawal,
    NoteRecall,
    NoteTransfer,
)

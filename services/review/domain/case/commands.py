"""What may be asked of a case: by `applications` and `assessment` (through reactions), by officers, by lists."""

from datetime import date, datetime

from libs.events.contracts.actors import Level, Office
from libs.events.contracts.base import PolicyPin
from libs.events.contracts.review import Finding, Purpose, Reason, SiteResult
from libs.events.decider import Command
from libs.events.names import stream_name


def case_stream(enterprise: str, application: str) -> str:
    return stream_name("case", enterprise, application)


class OnCase(Command, frozen=True):
    enterprise: str
    application: str

    @property
    def stream(self) -> str:
        return case_stream(self.enterprise, self.application)


# from the filing


class OpenCase(OnCase, frozen=True):
    """A submission came: the first opens the case, a later one its next round (or the same after a withdrawal)."""

    begins = True

    submission: str
    filing: str
    enterprise_name: str
    kind: str
    tier: str | None
    authority: str
    region: str
    region_names: tuple[str, ...]
    window: str | None
    batch: str
    round: int
    pack: PolicyPin | None = None
    changed: tuple[str, ...] = ()


class AnswerWithdrawal(OnCase, frozen=True):
    """申请撤回: only before the first ReviewStarted."""

    request: str
    filing: str
    round: int


class AnswerRecall(OnCase, frozen=True):
    """申请取回 in a later round, before its review has started."""

    request: str
    filing: str
    round: int


class CloseCase(OnCase, frozen=True):
    """The filing ended outside the chain: `lapsed` or `voided`."""

    why: str
    cause: str


class ReopenCase(OnCase, frozen=True):
    """The filing that had lapsed lives again."""

    cause: str


class NoteScore(OnCase, frozen=True):
    round: int
    verdict: str
    low: str
    high: str
    cause: str


# by officers


class StartReview(OnCase, frozen=True):
    """开始审核."""


class TakeOverCase(OnCase, frozen=True):
    """接办: another reviewer of the level takes the case from the one who holds it."""


class ReturnApplication(OnCase, frozen=True):
    """退回修改."""

    reasons: tuple[Reason, ...]


class ApproveAtLevel(OnCase, frozen=True):
    """通过 (推荐)."""

    opinion: str


class RejectApplication(OnCase, frozen=True):
    """不通过."""

    reasons: tuple[Reason, ...]


class RecordSiteCheck(OnCase, frozen=True):
    """登记实地抽查."""

    result: SiteResult
    findings: tuple[Finding, ...]


class TransferCase(OnCase, frozen=True):
    """移送 to the right jurisdiction."""

    region: str
    reason: str


class FileForRecord(OnCase, frozen=True):
    """备案."""

    document: str


# because an office was handed over


class PassCase(OnCase, frozen=True):
    """移交: what `before` holds in `office`, and came to hold no later than `until`, goes to `successor`; else nothing happens."""

    empty_is_fine = True

    before: str
    successor: str
    office: Office
    until: datetime
    hand_over: str
    document: str


# from lists


class JoinList(OnCase, frozen=True):
    list: str
    purpose: Purpose
    authority: str
    region: str
    level: Level
    kind: str
    tier: str | None
    portion: int
    portion_size: int
    cause: str


class StartPublicity(OnCase, frozen=True):
    list: str
    starts: date
    ends: date
    cause: str


class EndPublicity(OnCase, frozen=True):
    list: str
    cause: str


class Announce(OnCase, frozen=True):
    list: str
    document: str
    announced_on: date
    cause: str


CaseCommand = (
    OpenCase
    | AnswerWithdrawal
    | AnswerRecall
    | CloseCase
    | ReopenCase
    | NoteScore
    | StartReview
    | TakeOverCase
    | ReturnApplication
    | ApproveAtLevel
    | RejectApplication
    | RecordSiteCheck
    | TransferCase
    | FileForRecord
    | PassCase
    | JoinList
    | StartPublicity
    | EndPublicity
    | Announce
)
COMMANDS: tuple[type[Command], ...] = CaseCommand.__args__

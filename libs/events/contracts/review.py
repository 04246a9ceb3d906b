"""What `review` says: cases and their chain, lists and public notice, titles and their life.

`filing` is the filing's stream in `applications`, taken from the submission that opened the case and said again in
every event that `applications` notes, so that a reaction knows where to note it without looking anything up.
"""

from datetime import date, datetime
from typing import Literal

import msgspec

from libs.events.contracts.actors import Level, Office
from libs.events.contracts.base import Event, Personal, PolicyPin, event

Duty = Literal["review", "site_check", "publicity", "announce", "record"]
Purpose = Literal["notice", "announcement"]
ReReview = Literal["before_expiry", "after_expiry"]
SiteResult = Literal["conforms", "conforms_with_findings", "does_not_conform"]
"""符合、基本符合、不符合."""


class Publicity(msgspec.Struct, frozen=True):
    """How long a public notice stands."""

    days: int
    working: bool = True
    first_day_counts: bool = True


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One level of a route and what it does there, in order."""

    level: Level
    duties: tuple[Duty, ...]
    publicity: Publicity | None = None


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """退回/不通过原因: a coded reason, the field it is about, the rule's clause, and words."""

    code: str
    text: str
    field: str | None = None
    clause: str = ""


class Finding(msgspec.Struct, frozen=True):
    """What a site check found, and the documents it rests on."""

    text: str
    evidence: tuple[str, ...] = ()


@event("review")
class CaseOpened(Event, frozen=True):
    """立案 in round 1: the route and the policies are pinned; jurisdiction is `region` (a county or zone)."""

    application: str
    enterprise: str
    enterprise_name: str
    kind: str
    tier: str | None
    authority: str
    region: str
    region_names: tuple[str, ...]
    window: str | None
    batch: str
    route: tuple[Step, ...]
    resubmission: Literal["returning_level", "first_level"]
    correction_days: int | None
    submission: str
    policies: tuple[PolicyPin, ...]
    pack: PolicyPin | None = None
    filing: str = ""


@event("review")
class RoundOpened(Event, frozen=True):
    """A resubmission: a new round (after a return) or the same one again (after a withdrawal), at `level`."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    region: str
    region_names: tuple[str, ...]
    round: int
    level: Level
    route: tuple[Step, ...]
    changed: tuple[str, ...]
    submission: str
    policies: tuple[PolicyPin, ...] = ()


@event("review")
class ReviewStarted(Event, frozen=True):
    """开始审核: from here no withdrawal."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    region: str
    level: Level
    round: int
    officer: str
    filing: str = ""


@event("review")
class CaseTakenOver(Event, frozen=True):
    """接办 by `officer`, from `before`.

    `hand_over` is the event of `identity` by which the office passed to `officer`, `document` the document (文号) of that;
    both are empty where the officer took the case themself.
    """

    application: str
    enterprise: str
    level: Level
    officer: str
    before: str
    hand_over: str = ""
    document: str = ""


@event("review")
class SuccessionNoted(Event, frozen=True):
    """移交: what `official` holds in `office` goes to `successor`. `hand_over` is the event of `identity` that said so."""

    succession: str
    official: str
    successor: str
    office: Office
    hand_over: str
    document: str


@event("review")
class SuccessionCompleted(Event, frozen=True):
    """Nothing is left with the predecessor, and nothing can come to them any more."""

    succession: str
    hand_over: str


@event("review")
class WithdrawalAccepted(Event, frozen=True):
    application: str
    enterprise: str
    round: int
    request: str
    filing: str = ""


@event("review")
class WithdrawalRefused(Event, frozen=True):
    """Review had begun: by which level, since when; what remains is to ask that level for a return."""

    application: str
    enterprise: str
    round: int
    request: str
    code: str
    level: Level | None = None
    since: datetime | None = None
    filing: str = ""


@event("review")
class RecallAccepted(Event, frozen=True):
    application: str
    enterprise: str
    round: int
    request: str
    filing: str = ""


@event("review")
class RecallRefused(Event, frozen=True):
    application: str
    enterprise: str
    round: int
    request: str
    code: str
    filing: str = ""


@event("review")
class ApplicationReturned(Event, frozen=True):
    """退回修改: by the level that holds it, with reasons on fields; only those are unlocked."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    region: str
    tier: str | None
    level: Level
    round: int
    reasons: tuple[Reason, ...]
    unlocked: tuple[str, ...]
    region_unlocked: bool = False
    deadline: datetime | None = None
    filing: str = ""
    policies: tuple[PolicyPin, ...] = ()


@event("review")
class LevelApproved(Event, frozen=True):
    """通过 at a level; `next_level` is where it goes, None when the chain's reviews are done."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    region: str
    tier: str | None
    level: Level
    round: int
    officer: str
    opinion: str
    next_level: Level | None = None


@event("review")
class ApplicationRejected(Event, frozen=True):
    """不通过, by a level or by an objection upheld."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    region: str
    kind: str
    tier: str | None
    level: Level
    reasons: tuple[Reason, ...]
    filing: str = ""
    policies: tuple[PolicyPin, ...] = ()


@event("review", version=2)
class SiteChecked(Event, frozen=True):
    """实地抽查 done: result, findings with evidence. v1 knew only passed or not."""

    application: str
    enterprise: str
    level: Level
    round: int
    result: SiteResult
    findings: tuple[Finding, ...]


@event("review")
class ScoreNoted(Event, frozen=True):
    """What `assessment` made of the round's submission, as the case has it."""

    application: str
    enterprise: str
    round: int
    verdict: str
    low: str
    high: str
    cause: str


@event("review")
class NoteDeclined(Event, frozen=True):
    """A message from another service that came too late or fits nothing, with the reason; nothing changes."""

    application: str
    enterprise: str
    cause: str
    reason: str


@event("review")
class ListingAccepted(Event, frozen=True):
    """The case may stand on the list; `portion` and `portion_size` say with whom it was asked."""

    application: str
    enterprise: str
    list: str
    level: Level
    portion: int = 0
    portion_size: int = 1


@event("review")
class ListingDeclined(Event, frozen=True):
    application: str
    enterprise: str
    list: str
    reason: str
    portion: int = 0
    portion_size: int = 1


@event("review")
class PublicityStarted(Event, frozen=True):
    """公示开始; `starts`..`ends` are days in China, both counted."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    tier: str | None
    list: str
    level: Level
    starts: date
    ends: date


@event("review")
class PublicityEnded(Event, frozen=True):
    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    tier: str | None
    list: str
    level: Level


@event("review")
class ObjectionRaised(Event, frozen=True):
    """异议, by a named person, with evidence, inside the notice."""

    application: str
    enterprise: str
    objection: str
    subject: str
    name: Personal[str]
    contact: Personal[str]
    grounds: str
    evidence: tuple[str, ...]


@event("review")
class ObjectionDismissed(Event, frozen=True):
    application: str
    enterprise: str
    objection: str
    reason: str


@event("review")
class ObjectionUpheld(Event, frozen=True):
    application: str
    enterprise: str
    objection: str
    reason: str


@event("review")
class ApplicationApproved(Event, frozen=True):
    """The filing is approved as a whole: after the announcement, or with the last approval where none is due."""

    application: str
    enterprise: str
    enterprise_name: str
    kind: str
    tier: str | None
    authority: str
    region: str
    announced_on: date | None = None
    document: str | None = None
    filing: str = ""
    level: Level | None = None


@event("review")
class FiledForRecord(Event, frozen=True):
    """备案: changes no state."""

    application: str
    enterprise: str
    level: Level
    document: str


@event("review")
class CaseTransferred(Event, frozen=True):
    """移送: the wrong jurisdiction; the case starts at the first step of the chain there."""

    application: str
    enterprise: str
    enterprise_name: str
    authority: str
    before: str
    region: str
    region_names: tuple[str, ...]
    reason: str
    route: tuple[Step, ...]
    policies: tuple[PolicyPin, ...] = ()
    filing: str = ""


@event("review")
class CaseClosed(Event, frozen=True):
    application: str
    enterprise: str
    why: str
    cause: str


@event("review")
class CaseReopened(Event, frozen=True):
    application: str
    enterprise: str
    cause: str


@event("review")
class ListMembersAdded(Event, frozen=True):
    """A portion of a long list, before it is frozen; `cases` and `enterprises` go together by place."""

    list: str
    cases: tuple[str, ...]
    enterprises: tuple[str, ...]


@event("review")
class ListFrozen(Event, frozen=True):
    """名单冻结: `sha256` is of all case ids, sorted, each ended by a line feed; each case answers for itself.

    `cases` and `enterprises` came with the freezing itself; those of a long list stand in `ListMembersAdded` before it.
    """

    list: str
    authority: str
    region: str
    level: Level
    batch: str
    tier: str | None
    sha256: str
    count: int
    cases: tuple[str, ...]
    enterprises: tuple[str, ...]
    purpose: Purpose = "notice"
    kind: str = "declaration"


@event("review")
class ListMemberNoted(Event, frozen=True):
    """A case's answer, `accepted` or declined with the reason; on the stream of its portion's tally."""

    list: str
    case: str
    accepted: bool
    reason: str = ""
    enterprise: str = ""


@event("review")
class ListPortionAnswered(Event, frozen=True):
    """All `size` members from place `portion` on have answered: who declined, and why, by place."""

    list: str
    portion: int
    size: int
    declined: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@event("review")
class ListAnswersNoted(Event, frozen=True):
    """The list knows the answers of a portion, as `ListPortionAnswered` had them."""

    list: str
    portion: int
    size: int
    declined: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@event("review")
class ListPublished(Event, frozen=True):
    """公示 of the `count` accepted members, from `starts` to `ends`, days in China, both counted.

    `sha256` is of their case ids as in `ListFrozen`; who they are follows in `ListProgressed`, portion by portion.
    `provisional`: the calendar of a year in the period was not yet published.
    """

    list: str
    authority: str
    region: str
    level: Level
    batch: str
    tier: str | None
    starts: date
    ends: date
    members: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    policies: tuple[PolicyPin, ...] = ()
    count: int = 0
    sha256: str = ""
    provisional: bool = False
    kind: str = "declaration"


@event("review")
class ListPublicityRecounted(Event, frozen=True):
    """The notice goes on until `ends`: a calendar that was published after it began has more days off.

    `provisional`: another year in the period still has no published calendar.
    """

    list: str
    starts: date
    ends: date
    provisional: bool = False
    policies: tuple[PolicyPin, ...] = ()


@event("review")
class ListPublicityEnded(Event, frozen=True):
    list: str


@event("review")
class ListAnnounced(Event, frozen=True):
    """公告 of the `count` accepted members with its document number; who they are follows in `ListProgressed`."""

    list: str
    authority: str
    region: str
    level: Level
    batch: str
    tier: str | None
    document: str
    announced_on: date
    members: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    count: int = 0
    sha256: str = ""
    kind: str = "declaration"


@event("review")
class ListProgressed(Event, frozen=True):
    """The list's work on its members (`doing`: freeze, publish, end, announce) has reached number `done` of `of`.

    `cases` and `enterprises` are this portion: a reaction sends each of these cases exactly one command, with what the
    portion's work needs to know (`level`, `tier` …). `next` names the tick that goes on, empty when nothing is left.
    """

    list: str
    doing: str
    done: int
    of: int = 0
    cases: tuple[str, ...] = ()
    enterprises: tuple[str, ...] = ()
    authority: str = ""
    region: str = ""
    level: Level | None = None
    kind: str = "declaration"
    tier: str | None = None
    purpose: Purpose = "notice"
    starts: date | None = None
    ends: date | None = None
    document: str = ""
    announced_on: date | None = None
    next: str = ""


@event("review")
class ListCorrected(Event, frozen=True):
    list: str
    removed: tuple[str, ...]
    reason: str


@event("review")
class TitleGranted(Event, frozen=True):
    """认定: dates inclusive. `notice_days` and `re_review` are the policy's, so the clock needs nothing else."""

    enterprise: str
    enterprise_name: str
    tier: str
    authority: str
    region: str
    application: str
    document: str
    valid_from: date
    valid_to: date
    policies: tuple[PolicyPin, ...] = ()
    level: Level | None = None
    notice_days: tuple[int, ...] = ()
    re_review: ReReview = "before_expiry"


@event("review")
class TitleImported(Event, frozen=True):
    """Granted elsewhere or before: origin and document."""

    enterprise: str
    enterprise_name: str
    tier: str
    authority: str
    region: str
    origin: str
    document: str
    valid_from: date
    valid_to: date
    sub_type: str = ""
    policies: tuple[PolicyPin, ...] = ()
    level: Level | None = None
    notice_days: tuple[int, ...] = ()
    re_review: ReReview = "before_expiry"


@event("review")
class TitleGrantDeclined(Event, frozen=True):
    enterprise: str
    tier: str
    application: str
    reason: str


@event("review")
class CertificationExpiring(Event, frozen=True):
    """认定到期提醒, once at each of the policy's numbers of days before the end."""

    enterprise: str
    enterprise_name: str
    tier: str
    authority: str
    region: str
    days: int
    valid_to: date
    valid_from: date | None = None


@event("review")
class TitleExtended(Event, frozen=True):
    enterprise: str
    tier: str
    application: str
    document: str
    valid_to: date
    valid_from: date | None = None


@event("review")
class TitleAwaitingReReview(Event, frozen=True):
    """到期待复核."""

    enterprise: str
    tier: str
    valid_to: date
    valid_from: date | None = None


@event("review")
class TitleExpired(Event, frozen=True):
    enterprise: str
    enterprise_name: str
    tier: str
    authority: str
    region: str
    valid_to: date
    valid_from: date | None = None


@event("review")
class TitleCancelled(Event, frozen=True):
    """取消认定, from the day of `received_at` on; `ban_until` where fraud or an incident bars new filings."""

    enterprise: str
    enterprise_name: str
    tier: str
    authority: str
    region: str
    reason: str
    document: str
    ban_until: date | None = None
    valid_from: date | None = None

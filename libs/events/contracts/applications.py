"""What `applications` says: profiles, windows and every filing of an enterprise."""

from datetime import date, datetime
from typing import Literal

import msgspec

from libs.events.contracts.base import Event, Personal, PolicyPin, event
from libs.events.contracts.bindings import PackBinding
from libs.events.contracts.review import Reason

FilingKind = Literal["declaration", "re_review", "annual_update", "pool_entry", "supplement", "major_change"]
Value = str | int | bool | list[str] | None


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """企业基本信息. `authority` 可申报省市 (whose rules apply), `region` 企业注册地 (who reviews); money in 万元 as text."""

    name: str
    credit_code: str
    authority: str
    region: str
    region_names: tuple[str, ...]
    address: str
    postcode: str
    industry: str
    industry_name: str
    segment: str
    product: str
    registered_on: date
    capital: str
    size: Literal["大型", "中型", "小型", "微型"]
    legal_representative: Personal[str]
    contact: Personal[str]
    contact_mobile: Personal[str]
    email: Personal[str]
    legal_representative_phone: Personal[str] | None = None
    legal_representative_mobile: Personal[str] | None = None
    contact_phone: Personal[str] | None = None
    fax: str = ""


class Evidence(msgspec.Struct, frozen=True):
    """佐证材料: `sha256` is of the plain bytes; `blob` names the stored, encrypted content."""

    slot: str
    name: str
    sha256: str
    size: int
    media_type: str
    blob: str
    scanned: bool = False


class DigitalResult(msgspec.Struct, frozen=True):
    """数字化水平 as a submission used it; level 0 is none."""

    assessment: str
    level: int
    score: str
    event: str


@event("applications")
class ProfileCompleted(Event, frozen=True):
    enterprise: str
    account: str
    profile: Profile
    policies: tuple[PolicyPin, ...] = ()


@event("applications")
class ProfileChanged(Event, frozen=True):
    enterprise: str
    account: str
    profile: Profile
    changed: tuple[str, ...]
    reason: str = ""
    policies: tuple[PolicyPin, ...] = ()


@event("applications")
class VerificationNoted(Event, frozen=True):
    enterprise: str
    account: str
    name: str
    credit_code: str


@event("applications")
class TitleNoted(Event, frozen=True):
    """A valid title, dates inclusive, as `review` granted or extended it."""

    enterprise: str
    tier: str
    valid_from: date
    valid_to: date
    cause: str


@event("applications")
class TitleEndNoted(Event, frozen=True):
    enterprise: str
    tier: str
    reason: str
    cause: str


@event("applications")
class BanNoted(Event, frozen=True):
    enterprise: str
    until: date
    reason: str
    cause: str


@event("applications")
class DigitalLevelNoted(Event, frozen=True):
    enterprise: str
    result: DigitalResult


@event("applications")
class PoolJoined(Event, frozen=True):
    """入库: in the authority's 培育库 with the data of `year`."""

    enterprise: str
    authority: str
    year: int
    cause: str


@event("applications")
class UpdateNoted(Event, frozen=True):
    enterprise: str
    year: int
    cause: str


@event("applications")
class WindowOpened(Event, frozen=True):
    """申报时间: (authority, kind, tier, batch) for `regions`, both ends included; names form, pack and prerequisites.

    `bound`: the pack that the rules bind (适用标准), None where no rule was known; `pack_reason`: why `pack` is another.
    """

    window: str
    authority: str
    kind: FilingKind
    tier: str | None
    batch: str
    title: str
    regions: tuple[str, ...]
    opens: datetime
    closes: datetime
    form: PolicyPin
    pack: PolicyPin | None = None
    prerequisites: tuple[str, ...] = ()
    contact: dict[str, str] = msgspec.field(default_factory=dict)
    bound: PackBinding | None = None
    pack_reason: str = ""


@event("applications")
class WindowRebound(Event, frozen=True):
    """`bound` as in `WindowOpened`, looked up anew; where `pack` is another, `reason` says why."""

    window: str
    form: PolicyPin
    pack: PolicyPin | None
    prerequisites: tuple[str, ...]
    reason: str
    bound: PackBinding | None = None


@event("applications")
class WindowExtended(Event, frozen=True):
    window: str
    closes: datetime
    reason: str


@event("applications")
class WindowClosed(Event, frozen=True):
    window: str
    closed_at: datetime


@event("applications")
class ApplicationSubmitted(Event, frozen=True):
    """提交. The whole filing as it was shown: open and sealed answers apart, everything it rests on pinned.

    `empty_chain`: nobody reviews it, it is accepted when its window ends (without a window: at once).
    """

    application: str
    enterprise: str
    account: str
    kind: FilingKind
    tier: str | None
    window: str | None
    batch: str
    authority: str
    region: str
    region_names: tuple[str, ...]
    round: int
    draft_version: int
    enterprise_name: str
    credit_code: str
    answers: dict[str, Value]
    personal: dict[str, Personal[str]]
    evidence: tuple[Evidence, ...]
    form: PolicyPin
    pack: PolicyPin | None = None
    digital: DigitalResult | None = None
    profile_version: int = 0
    window_closes: datetime | None = None
    changed: tuple[str, ...] = ()
    empty_chain: bool = False
    policies: tuple[PolicyPin, ...] = ()


@event("applications")
class WithdrawalRequested(Event, frozen=True):
    application: str
    enterprise: str
    round: int
    reason: str = ""


@event("applications")
class ApplicationWithdrawn(Event, frozen=True):
    """撤回: may be resubmitted only while the window is open."""

    application: str
    enterprise: str
    round: int
    cause: str
    window_closes: datetime | None = None


@event("applications")
class WithdrawalRefusalNoted(Event, frozen=True):
    application: str
    enterprise: str
    round: int
    code: str
    cause: str
    level: str | None = None
    since: datetime | None = None


@event("applications")
class RecallRequested(Event, frozen=True):
    application: str
    enterprise: str
    round: int


@event("applications")
class RecallNoted(Event, frozen=True):
    """取回 answered; accepted, the correction is due again by the `deadline` of its return."""

    application: str
    enterprise: str
    round: int
    accepted: bool
    cause: str
    deadline: datetime | None = None


@event("applications")
class ApplicationAccepted(Event, frozen=True):
    """采纳 of a filing whose chain is empty; `year` is the business year in which it was submitted."""

    application: str
    enterprise: str
    kind: str = ""
    authority: str = ""
    year: int = 0


@event("applications")
class ReviewStartNoted(Event, frozen=True):
    application: str
    enterprise: str
    level: str
    cause: str


@event("applications")
class ReturnNoted(Event, frozen=True):
    application: str
    enterprise: str
    round: int
    level: str
    unlocked: tuple[str, ...]
    region_unlocked: bool
    cause: str
    deadline: datetime | None = None
    reasons: tuple[Reason, ...] = ()


@event("applications")
class ApprovalNoted(Event, frozen=True):
    """`year` is the business year in which the filing was first submitted."""

    application: str
    enterprise: str
    cause: str
    kind: str = ""
    tier: str | None = None
    authority: str = ""
    year: int = 0


@event("applications")
class RejectionNoted(Event, frozen=True):
    application: str
    enterprise: str
    cause: str
    reasons: tuple[Reason, ...] = ()


@event("applications")
class JurisdictionChanged(Event, frozen=True):
    """注册地变更: by the enterprise's correction, or noted after an officer's transfer (`cause` set)."""

    application: str
    enterprise: str
    before: str
    region: str
    region_names: tuple[str, ...]
    cause: str | None = None


@event("applications")
class WindowEndReached(Event, frozen=True):
    """The end that the filing knew of its window has passed; whether the window was extended is looked at next."""

    application: str
    enterprise: str
    window: str
    authority: str


@event("applications")
class WindowEndNoted(Event, frozen=True):
    """The filing's window was extended before it ended: the filing now knows `closes`."""

    application: str
    enterprise: str
    window: str
    closes: datetime


@event("applications")
class ApplicationLapsed(Event, frozen=True):
    """逾期未提交: withdrawn and not resubmitted inside the window, or not corrected by the deadline."""

    application: str
    enterprise: str
    reason: str
    why: Literal["window_end", "correction_deadline"] = "window_end"


@event("applications")
class ApplicationRevived(Event, frozen=True):
    application: str
    enterprise: str
    reason: str


@event("applications")
class ApplicationVoided(Event, frozen=True):
    application: str
    enterprise: str
    reason: str


@event("applications")
class NoteDeclined(Event, frozen=True):
    """A fact from another service that this aggregate cannot take (any more), with the reason; nothing changes."""

    application: str
    enterprise: str
    cause: str
    reason: str

"""Where a case stands, folded from its events."""

from datetime import date, datetime
from typing import Literal

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.review import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseClosed,
    CaseOpened,
    CaseReopened,
    CaseTakenOver,
    CaseTransferred,
    FiledForRecord,
    LevelApproved,
    ListingAccepted,
    PublicityEnded,
    PublicityStarted,
    Reason,
    RecallAccepted,
    ReviewStarted,
    RoundOpened,
    ScoreNoted,
    SiteChecked,
    SiteResult,
    Step,
    WithdrawalAccepted,
)
from services.review.domain.chain import Stage, stages_of

Status = Literal[
    "none", "waiting", "in_review", "listed", "in_notice", "returned", "withdrawn", "approved", "rejected", "closed"
]
FINAL: frozenset[Status] = frozenset({"approved", "rejected", "closed"})
WITH_ENTERPRISE: frozenset[Status] = frozenset({"returned", "withdrawn"})


class Start(msgspec.Struct, frozen=True):
    """A beginning of review: where and when."""

    level: Level
    at: datetime


class Approval(msgspec.Struct, frozen=True):
    """通过 at a level of the present chain."""

    level: Level
    officer: str
    round: int
    at: datetime
    opinion: str


class Check(msgspec.Struct, frozen=True):
    """The latest 实地抽查 of a level in the present chain."""

    level: Level
    result: SiteResult
    at: datetime

    @property
    def suffices(self) -> bool:
        """Whether the level may approve: 符合 or 基本符合."""
        return self.result != "does_not_conform"


class Return(msgspec.Struct, frozen=True):
    """The latest 退回: why, and what it lets the enterprise change."""

    level: Level
    round: int
    at: datetime
    reasons: tuple[Reason, ...]
    unlocked: tuple[str, ...]
    region_unlocked: bool
    deadline: datetime | None


class Score(msgspec.Struct, frozen=True):
    round: int
    verdict: str
    low: str
    high: str


class CaseState(msgspec.Struct, frozen=True):
    """`stage` counts the stages of the route that are done; `since` is when the case came to where it stands."""

    application: str = ""
    enterprise: str = ""
    enterprise_name: str = ""
    filing: str = ""
    kind: str = ""
    tier: str | None = None
    authority: str = ""
    region: str = ""
    region_names: tuple[str, ...] = ()
    window: str | None = None
    batch: str = ""
    pack: PolicyPin | None = None
    route: tuple[Step, ...] = ()
    resubmission: Literal["returning_level", "first_level"] = "returning_level"
    correction_days: int | None = None
    status: Status = "none"
    round: int = 0
    stage: int = 0
    since: datetime | None = None
    opened_at: datetime | None = None
    submission: str = ""
    changed: tuple[str, ...] = ()
    started: Start | None = None
    started_in_round: bool = False
    holder: str | None = None
    approvals: tuple[Approval, ...] = ()
    checks: tuple[Check, ...] = ()
    last_return: Return | None = None
    list: str | None = None
    notice_ends: date | None = None
    score: Score | None = None
    closed_why: str = ""
    status_before: Status = "none"
    since_before: datetime | None = None

    @property
    def stages(self) -> tuple[Stage, ...]:
        return stages_of(self.route)

    @property
    def current(self) -> Stage | None:
        """What the case has come to; None when the route is done."""
        stages = self.stages
        return stages[self.stage] if self.stage < len(stages) else None

    @property
    def is_open(self) -> bool:
        return self.status != "none" and self.status not in FINAL

    @property
    def current_score(self) -> Score | None:
        return self.score if self.score is not None and self.score.round == self.round else None

    def step(self, level: Level) -> Step | None:
        return next((step for step in self.route if step.level == level), None)

    def remaining(self) -> tuple[Stage, ...]:
        """The stages after the current one."""
        return self.stages[self.stage + 1 :]


def evolve(state: CaseState, event: Event) -> CaseState:  # noqa: C901 - a flat table reads best
    match event:
        case CaseOpened():
            return _opened(state, event)
        case RoundOpened():
            return _next_round(state, event)
        case ReviewStarted():
            return _to(
                state, "in_review", event.received_at, holder=event.officer, started_in_round=True,
                started=state.started or Start(event.level, event.received_at),
            )  # fmt: skip
        case CaseTakenOver():
            return _with(state, holder=event.officer, since=event.received_at)
        case WithdrawalAccepted():
            return state if state.status == "none" else _to(state, "withdrawn", event.received_at)
        case RecallAccepted():
            return _to(state, "returned", event.received_at)
        case ApplicationReturned():
            return _to(state, "returned", event.received_at, last_return=_return(event))
        case LevelApproved():
            approval = Approval(event.level, event.officer, event.round, event.received_at, event.opinion)
            return _advance(state, event.received_at, approvals=(*state.approvals, approval))
        case ApplicationApproved():
            return _approved(state, event)
        case ApplicationRejected():
            return _to(state, "rejected", event.received_at)
        case SiteChecked():
            others = tuple(check for check in state.checks if check.level != event.level)
            return _with(state, checks=(*others, Check(event.level, event.result, event.received_at)))
        case ListingAccepted():
            return _to(state, "listed", event.received_at, list=event.list)
        case PublicityStarted():
            return _to(state, "in_notice", event.received_at, list=event.list, notice_ends=event.ends)
        case PublicityEnded():
            return _advance(state, event.received_at, notice_ends=None)
        case FiledForRecord():
            return _with(state, stage=state.stage + 1)
        case CaseTransferred():
            return _transferred(state, event)
        case CaseClosed():
            return _closed(state, event)
        case CaseReopened():
            return _with(state, status=state.status_before, since=state.since_before, closed_why="")
        case ScoreNoted():
            return _with(state, score=Score(event.round, event.verdict, event.low, event.high))
        case _:
            return state


def _return(event: ApplicationReturned) -> Return:
    return Return(
        level=event.level,
        round=event.round,
        at=event.received_at,
        reasons=event.reasons,
        unlocked=event.unlocked,
        region_unlocked=event.region_unlocked,
        deadline=event.deadline,
    )


def _with(state: CaseState, **changes: object) -> CaseState:
    return msgspec.structs.replace(state, **changes)


def _to(state: CaseState, status: Status, at: datetime, **changes: object) -> CaseState:
    """Move to `status`; whoever held the case holds it no more, unless `changes` says so."""
    return _with(state, **{"holder": None, "list": None, **changes, "status": status, "since": at})


def _advance(state: CaseState, at: datetime, **changes: object) -> CaseState:
    """The current stage is done; the case waits for the next one."""
    return _to(state, "waiting", at, stage=state.stage + 1, **changes)


def _opened(state: CaseState, event: CaseOpened) -> CaseState:
    return _with(
        state,
        application=event.application,
        enterprise=event.enterprise,
        enterprise_name=event.enterprise_name,
        filing=event.filing,
        kind=event.kind,
        tier=event.tier,
        authority=event.authority,
        region=event.region,
        region_names=event.region_names,
        window=event.window,
        batch=event.batch,
        pack=event.pack,
        route=event.route,
        resubmission=event.resubmission,
        correction_days=event.correction_days,
        submission=event.submission,
        round=1,
        status="waiting",
        since=event.received_at,
        opened_at=event.received_at,
    )


def _next_round(state: CaseState, event: RoundOpened) -> CaseState:
    new_chain = event.region != state.region or event.route != state.route
    stage = next(n for n, s in enumerate(stages_of(event.route)) if s.level == event.level)
    state = _fresh_chain(state) if new_chain else state
    return _to(
        state,
        "waiting",
        event.received_at,
        enterprise_name=event.enterprise_name,
        authority=event.authority,
        region=event.region,
        region_names=event.region_names,
        route=event.route,
        round=event.round,
        stage=stage,
        changed=event.changed,
        submission=event.submission,
        started_in_round=False,
    )


def _transferred(state: CaseState, event: CaseTransferred) -> CaseState:
    return _to(
        _fresh_chain(state),
        "waiting",
        event.received_at,
        region=event.region,
        region_names=event.region_names,
        route=event.route,
        stage=0,
    )


def _fresh_chain(state: CaseState) -> CaseState:
    return _with(state, approvals=(), checks=())


def _approved(state: CaseState, event: ApplicationApproved) -> CaseState:
    current = state.current
    announced = current is not None and current.duty == "announce"
    return _to(state, "approved", event.received_at, stage=state.stage + announced)


def _closed(state: CaseState, event: CaseClosed) -> CaseState:
    """Closing a closed case again (voided after it lapsed) keeps what it was before the first time."""
    closed_again = state.status == "closed"
    before: Status = "waiting" if state.status == "in_review" else state.status
    return _to(
        state,
        "closed",
        event.received_at,
        closed_why=event.why,
        list=state.list,
        status_before=state.status_before if closed_again else before,
        since_before=state.since_before if closed_again else state.since,
    )

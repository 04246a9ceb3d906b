"""A filing stream's state: the filing that is or was last open in it, and what is due."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

import msgspec

from libs.events.contracts.applications import (
    ApplicationAccepted,
    ApplicationLapsed,
    ApplicationRevived,
    ApplicationSubmitted,
    ApplicationVoided,
    ApplicationWithdrawn,
    ApprovalNoted,
    JurisdictionChanged,
    RecallNoted,
    RecallRequested,
    RejectionNoted,
    ReturnNoted,
    ReviewStartNoted,
    WindowEndNoted,
    WindowEndReached,
    WithdrawalRefusalNoted,
    WithdrawalRequested,
)
from libs.events.contracts.base import Event
from libs.events.contracts.times import business_date
from services.applications.domain.windows.state import GRACE

Status = Literal[
    "none",
    "submitted",
    "withdrawal_requested",
    "in_review",
    "returned",
    "withdrawn",
    "lapsed",
    "approved",
    "rejected",
    "voided",
]
OPEN: frozenset[Status] = frozenset(("submitted", "withdrawal_requested", "in_review", "returned", "withdrawn"))
WITH_REVIEW: frozenset[Status] = frozenset(("submitted", "withdrawal_requested", "in_review"))
"""Where a fact of `review` fits."""

replace = msgspec.structs.replace


class FilingState(msgspec.Struct, frozen=True):
    """`count` filings so far; the rest is about the newest of them. `since` is when its status began."""

    count: int = 0
    status: Status = "none"
    since: datetime | None = None
    submission: ApplicationSubmitted | None = None
    year: int = 0
    region: str = ""
    region_names: tuple[str, ...] = ()
    window_closes: datetime | None = None
    window_end_reached: bool = False
    level: str | None = None
    reviewed: bool = False
    started_round: int = 0
    recall_asked: bool = False
    was_recalled: bool = False
    returned: ReturnNoted | None = None
    lapsed: ApplicationLapsed | None = None
    before_lapse: Status = "none"

    @property
    def application(self) -> str:
        return self.submission.application if self.submission else ""

    @property
    def enterprise(self) -> str:
        return self.submission.enterprise if self.submission else ""

    @property
    def round(self) -> int:
        return self.submission.round if self.submission else 0

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_being_reviewed(self) -> bool:
        """Whether review of this round has begun."""
        return self.started_round == self.round

    @property
    def may_be_revived(self) -> bool:
        return self.status == "lapsed" and self.lapsed is not None and self.lapsed.why == "window_end"

    @property
    def unlocked(self) -> frozenset[str]:
        return frozenset(self.returned.unlocked) if self.returned else frozenset()

    @property
    def region_is_unlocked(self) -> bool:
        return self.returned is not None and self.returned.region_unlocked

    @property
    def deadline(self) -> datetime | None:
        return self.returned.deadline if self.returned else None


def initial() -> FilingState:
    return FilingState()


def evolve(state: FilingState, event: Event) -> FilingState:  # noqa: C901 - one match over all events
    at = event.received_at
    match event:
        case ApplicationSubmitted():
            return _submitted(state, event)
        case WithdrawalRequested():
            return replace(state, status="withdrawal_requested", since=at)
        case ApplicationWithdrawn():
            return replace(state, status="withdrawn", since=at, window_end_reached=False)
        case WithdrawalRefusalNoted():
            return replace(state, status="in_review" if state.is_being_reviewed else "submitted", since=at)
        case RecallRequested():
            return replace(state, recall_asked=True)
        case RecallNoted(accepted=True):
            return replace(state, status="returned", since=at, recall_asked=False, was_recalled=True)
        case RecallNoted():
            return replace(state, recall_asked=False)
        case ReviewStartNoted():
            return _review_started(state, event)
        case ReturnNoted():
            return replace(state, status="returned", since=at, returned=event, level=event.level, was_recalled=False)
        case ApprovalNoted() | ApplicationAccepted():
            return replace(state, status="approved", since=at, level=None)
        case RejectionNoted():
            return replace(state, status="rejected", since=at, level=None)
        case JurisdictionChanged():
            return replace(state, region=event.region, region_names=event.region_names, level=None)
        case WindowEndReached():
            return replace(state, window_end_reached=True)
        case WindowEndNoted():
            return replace(state, window_closes=event.closes, window_end_reached=False)
        case ApplicationLapsed():
            return replace(state, status="lapsed", since=at, lapsed=event, before_lapse=state.status)
        case ApplicationRevived():
            return replace(state, status=state.before_lapse, since=at, lapsed=None)
        case ApplicationVoided():
            return replace(state, status="voided", since=at)
        case _:
            return state


def _submitted(state: FilingState, event: ApplicationSubmitted) -> FilingState:
    """A new filing starts afresh; a resubmission keeps what the filing has been through."""
    if event.application != state.application:
        state = FilingState(count=state.count + 1, year=business_date(event.received_at).year)
    return replace(
        state,
        status="submitted",
        since=event.received_at,
        submission=event,
        region=event.region,
        region_names=event.region_names,
        window_closes=event.window_closes,
        window_end_reached=False,
        level=None,
        recall_asked=False,
        was_recalled=False,
    )


def _review_started(state: FilingState, event: ReviewStartNoted) -> FilingState:
    status: Status = "withdrawal_requested" if state.status == "withdrawal_requested" else "in_review"
    return replace(
        state,
        status=status,
        since=event.received_at,
        level=event.level,
        reviewed=True,
        started_round=state.round,
    )


def due(event: Event) -> Mapping[str, datetime | None]:
    """Ends of windows and correction deadlines, each acted on a little later so that nothing in flight is lost."""
    match event:
        case ApplicationSubmitted(empty_chain=True, window_closes=datetime() as closes):
            return {"correction": None, "window-end": closes + GRACE}
        case ApplicationSubmitted():
            return {"correction": None, "window-end": None}
        case ApplicationWithdrawn(window_closes=datetime() as closes) | WindowEndNoted(closes=closes):
            return {"window-end": closes + GRACE}
        case ReturnNoted(deadline=datetime() as deadline) | RecallNoted(accepted=True, deadline=datetime() as deadline):
            return {"correction": deadline + GRACE, "window-end": None}
        case WindowEndReached():
            return {"window-end": None}
        case ApprovalNoted() | ApplicationAccepted() | RejectionNoted() | ApplicationVoided() | ApplicationLapsed():
            return {"*": None}
        case _:
            return {}

"""What waits where: one document per case with its place, since when, who holds it, and the score's verdict."""

from typing import Any

import msgspec

from libs.events.contracts import review as r
from libs.events.contracts.actors import covering
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded
from services.review.domain.case.overview import duties_open
from services.review.domain.case.state import WITH_ENTERPRISE, CaseState, evolve

NAME, VERSION, SOURCES = "officer_queue", 1, ("review",)
HANDLES = (
    r.CaseOpened,
    r.RoundOpened,
    r.ReviewStarted,
    r.CaseTakenOver,
    r.WithdrawalAccepted,
    r.RecallAccepted,
    r.ApplicationReturned,
    r.LevelApproved,
    r.ApplicationApproved,
    r.ApplicationRejected,
    r.SiteChecked,
    r.ListingAccepted,
    r.PublicityStarted,
    r.PublicityEnded,
    r.FiledForRecord,
    r.CaseTransferred,
    r.CaseClosed,
    r.CaseReopened,
    r.ScoreNoted,
)
INDEXES = (
    ("authority", "covering", "where", "since"),
    ("enterprise", "since"),
    ("authority", "batch"),
    ("holder", "since"),
)

Document = dict[str, Any]
SHOWN = (
    "application", "enterprise", "enterprise_name", "kind", "tier", "authority", "region", "region_names", "window",
    "batch", "round", "status", "holder", "list",
)  # fmt: skip


def key(event: Recorded[Any]) -> str:
    return str(event.data.application)


def apply(document: Document | None, event: Recorded[Any]) -> Document:
    before = msgspec.convert(document["state"], CaseState) if document else CaseState()
    return view(evolve(before, event.data))


def view(case: CaseState) -> Document:
    """The case's own state, folded by its own rules, and what a queue shows of it."""
    state: Document = msgspec.to_builtins(case)
    stage, score = case.current, case.current_score
    return {
        **{name: state[name] for name in SHOWN},
        "since": time_text(case.since) if case.since else None,
        "opened_at": time_text(case.opened_at) if case.opened_at else None,
        "covering": list(covering(case.region)) if case.region else [],
        "where": where(case),
        "level": stage.level if stage else None,
        "duty": stage.duty if stage else None,
        "duties_open": list(duties_open(case)),
        "score": msgspec.to_builtins(score),
        "state": state,
    }


def where(case: CaseState) -> str:
    """Whose turn it is: office, enterprise, clock, or nobody's any more (done)."""
    if case.status in WITH_ENTERPRISE:
        return "enterprise"
    if case.status == "in_notice":
        return "clock"
    waits = case.is_open or (case.status == "approved" and case.current is not None)
    return "office" if waits else "done"

"""审核进度: every step of the review that the enterprise waits for or has to act on."""

from typing import assert_never

from libs.events.contracts.review import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseTransferred,
    LevelApproved,
    PublicityEnded,
    PublicityStarted,
    Reason,
    RecallAccepted,
    RecallRefused,
    ReviewStarted,
    WithdrawalAccepted,
    WithdrawalRefused,
)
from libs.events.contracts.times import time_text
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_enterprise

Move = (
    ReviewStarted
    | ApplicationReturned
    | LevelApproved
    | ApplicationRejected
    | WithdrawalAccepted
    | WithdrawalRefused
    | RecallAccepted
    | RecallRefused
    | CaseTransferred
    | PublicityStarted
    | PublicityEnded
    | ApplicationApproved
)
SOURCE, START = "review", "origin"
HANDLES = (
    ReviewStarted,
    ApplicationReturned,
    LevelApproved,
    ApplicationRejected,
    WithdrawalAccepted,
    WithdrawalRefused,
    RecallAccepted,
    RecallRefused,
    CaseTransferred,
    PublicityStarted,
    PublicityEnded,
    ApplicationApproved,
)
WITHOUT_TITLE = ("pool_entry",)
"""An approval that no 认定通知 follows."""


def react(event: Recorded[Move]) -> list[Command]:
    data = event.data
    if isinstance(data, ApplicationApproved) and data.kind not in WITHOUT_TITLE:
        return []
    template, facts = told(data)
    return [
        PostMessage(
            **because(event),
            recipient=to_enterprise(data.enterprise),
            template=template,
            cause=event.id,
            enterprise=data.enterprise,
            application=data.application,
            facts=facts,
        )
    ]


def told(data: Move) -> tuple[str, dict[str, str]]:
    """The template, and what only this event knows."""
    match data:
        case ReviewStarted():
            return "review-started", {"level": data.level}
        case ApplicationReturned():
            deadline = time_text(data.deadline) if data.deadline else ""
            facts = {"level": data.level, "reasons": in_words(data.reasons), "deadline": deadline}
            return "application-returned", facts
        case LevelApproved():
            return "level-approved", {"level": data.level, "next_level": data.next_level or ""}
        case ApplicationRejected():
            return "application-rejected", {"level": data.level, "reasons": in_words(data.reasons)}
        case WithdrawalAccepted():
            return "withdrawal-accepted", {}
        case WithdrawalRefused():
            since = time_text(data.since) if data.since else ""
            return "withdrawal-refused", {"level": data.level or "", "since": since}
        case RecallAccepted():
            return "recall-accepted", {}
        case RecallRefused():
            return "recall-refused", {}
        case CaseTransferred():
            return "case-transferred", {"before": data.before, "region": data.region, "reason": data.reason}
        case PublicityStarted():
            return "publicity-started", {"starts": data.starts.isoformat(), "ends": data.ends.isoformat()}
        case PublicityEnded():
            return "publicity-ended", {}
        case ApplicationApproved():
            return "pool-entry-approved", {}
        case _:
            assert_never(data)


def in_words(reasons: tuple[Reason, ...]) -> str:
    """Each reason with the rule's clause, joined by semicolons; the fields are shown on the form itself."""
    return "；".join(f"{r.text}（{r.clause}）" if r.clause else r.text for r in reasons)

"""What the filing asks or tells: withdrawal, recall, its end and return to life, its score. Each gets an event."""

from typing import Any

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    CaseClosed,
    CaseReopened,
    RecallAccepted,
    RecallRefused,
    ScoreNoted,
    WithdrawalAccepted,
    WithdrawalRefused,
)
from services.review.domain.case.commands import AnswerRecall, AnswerWithdrawal, CloseCase, NoteScore, ReopenCase
from services.review.domain.case.notes import declined
from services.review.domain.case.state import CaseState

LAPSED, VOIDED = "lapsed", "voided"


def answer_withdrawal(command: AnswerWithdrawal, case: CaseState) -> list[Event]:
    """撤回 only before the first 开始审核 (《优质中小企业梯度培育平台企业操作手册》); with no case nobody can start."""
    code = _why_not_withdrawn(command, case)
    if code is None:
        return [WithdrawalAccepted(command.received_at, **_answer(command))]
    started = case.started
    return [
        WithdrawalRefused(
            command.received_at,
            **_answer(command),
            code=code,
            level=started.level if started else None,
            since=started.at if started else None,
        )
    ]


def _why_not_withdrawn(command: AnswerWithdrawal, case: CaseState) -> str | None:
    if case.status == "none":
        return None
    if case.started is not None:
        return "review.review-started"
    if case.status != "waiting":
        return "review.not-waiting"
    if command.round != case.round:
        return "review.other-round"
    return None


def answer_recall(command: AnswerRecall, case: CaseState) -> list[Event]:
    """取回 in a later round, until that round's review has started."""
    code = _why_not_recalled(command, case)
    if code is None:
        return [RecallAccepted(command.received_at, **_answer(command))]
    return [RecallRefused(command.received_at, **_answer(command), code=code)]


def _why_not_recalled(command: AnswerRecall, case: CaseState) -> str | None:
    if case.status == "none":
        return "review.no-such-case"
    if command.round != case.round:
        return "review.other-round"
    if case.round == 1:
        return "review.first-round"
    if case.started_in_round:
        return "review.review-started"
    if case.status != "waiting":
        return "review.not-waiting"
    return None


def _answer(command: AnswerWithdrawal | AnswerRecall) -> dict[str, Any]:
    return {
        "application": command.application,
        "enterprise": command.enterprise,
        "round": command.round,
        "request": command.request,
        "filing": command.filing,
    }


def close(command: CloseCase, case: CaseState) -> list[Event]:
    """A lapsed filing may still be voided; what was decided stays decided."""
    voids_a_lapse = case.closed_why == LAPSED and command.why == VOIDED
    if not (case.is_open or voids_a_lapse):
        return declined(command, command.cause, "review.no-open-case")
    return [
        CaseClosed(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            why=command.why,
            cause=command.cause,
        )
    ]


def reopen(command: ReopenCase, case: CaseState) -> list[Event]:
    """Only a lapse is undone (the window was extended)."""
    if case.status != "closed" or case.closed_why != LAPSED:
        return declined(command, command.cause, "review.not-lapsed")
    return [
        CaseReopened(
            command.received_at, application=command.application, enterprise=command.enterprise, cause=command.cause
        )
    ]


def note_score(command: NoteScore, case: CaseState) -> list[Event]:
    """It may be here before the submission, as two topics have no order between them; only an older round is late."""
    if command.round < case.round:
        return declined(command, command.cause, "review.other-round")
    return [
        ScoreNoted(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            round=command.round,
            verdict=command.verdict,
            low=command.low,
            high=command.high,
            cause=command.cause,
        )
    ]

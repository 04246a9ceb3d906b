"""What `review` decided, noted in the filing; what does not fit is declined with the reason and changes nothing."""

from libs.events.contracts.applications import (
    ApplicationWithdrawn,
    ApprovalNoted,
    JurisdictionChanged,
    NoteDeclined,
    RecallNoted,
    RejectionNoted,
    ReturnNoted,
    ReviewStartNoted,
    WithdrawalRefusalNoted,
)
from libs.events.contracts.base import Event
from services.applications.domain.filings.commands import (
    NoteApproval,
    NoteRecall,
    NoteRejection,
    NoteReturn,
    NoteReviewStart,
    NoteTransfer,
    NoteWithdrawal,
)
from services.applications.domain.filings.state import WITH_REVIEW, FilingState, Status

Note = NoteReviewStart | NoteReturn | NoteApproval | NoteRejection | NoteWithdrawal | NoteRecall | NoteTransfer


def note_review_start(command: NoteReviewStart, filing: FilingState) -> list[Event]:
    """From here no withdrawal."""
    misfit = _misfit(command, filing, WITH_REVIEW) or _other_round(command.round, filing)
    if misfit:
        return _declined(command, filing, misfit)
    at, e = command.received_at, filing.enterprise
    return [ReviewStartNoted(at, command.application, e, command.level, command.cause)]


def note_return(command: NoteReturn, filing: FilingState) -> list[Event]:
    """退回修改: what is unlocked, until when."""
    misfit = _misfit(command, filing, WITH_REVIEW) or _other_round(command.round, filing)
    if misfit:
        return _declined(command, filing, misfit)
    return [
        ReturnNoted(
            command.received_at,
            command.application,
            filing.enterprise,
            round=command.round,
            level=command.level,
            unlocked=command.unlocked,
            region_unlocked=command.region_unlocked,
            cause=command.cause,
            deadline=command.deadline,
            reasons=command.reasons,
        )
    ]


def note_approval(command: NoteApproval, filing: FilingState) -> list[Event]:
    misfit = _misfit(command, filing, WITH_REVIEW)
    if misfit or filing.submission is None:
        return _declined(command, filing, misfit)
    of = filing.submission
    return [
        ApprovalNoted(
            command.received_at,
            command.application,
            filing.enterprise,
            command.cause,
            kind=of.kind,
            tier=of.tier,
            authority=of.authority,
            year=filing.year,
        )
    ]


def note_rejection(command: NoteRejection, filing: FilingState) -> list[Event]:
    misfit = _misfit(command, filing, WITH_REVIEW)
    if misfit:
        return _declined(command, filing, misfit)
    at, e = command.received_at, filing.enterprise
    return [RejectionNoted(at, command.application, e, command.cause, command.reasons)]


def note_withdrawal(command: NoteWithdrawal, filing: FilingState) -> list[Event]:
    """Of a withdrawal and a review start that race exactly one wins; `review` said which."""
    misfit = _misfit(command, filing, {"withdrawal_requested"}) or _other_round(command.round, filing)
    if misfit:
        return _declined(command, filing, misfit)
    at, a, e = command.received_at, command.application, filing.enterprise
    if command.refused is None:
        return [ApplicationWithdrawn(at, a, e, command.round, command.cause, filing.window_closes)]
    return [
        WithdrawalRefusalNoted(
            at, a, e, command.round, command.refused, command.cause, level=command.level, since=command.since
        )
    ]


def note_recall(command: NoteRecall, filing: FilingState) -> list[Event]:
    misfit = _misfit(command, filing, WITH_REVIEW) or _other_round(command.round, filing)
    if not misfit and not filing.recall_asked:
        misfit = "没有待答复的取回"
    if misfit:
        return _declined(command, filing, misfit)
    at, e = command.received_at, filing.enterprise
    deadline = filing.deadline if command.accepted else None
    return [RecallNoted(at, command.application, e, command.round, command.accepted, command.cause, deadline)]


def note_transfer(command: NoteTransfer, filing: FilingState) -> list[Event]:
    misfit = _misfit(command, filing, WITH_REVIEW)
    if misfit:
        return _declined(command, filing, misfit)
    return [
        JurisdictionChanged(
            command.received_at,
            command.application,
            filing.enterprise,
            before=filing.region,
            region=command.region,
            region_names=command.region_names,
            cause=command.cause,
        )
    ]


def _misfit(command: Note, filing: FilingState, fitting: frozenset[Status] | set[Status]) -> str:
    if command.application != filing.application:
        return "该申报已不是当前的申报"
    return "" if filing.status in fitting else f"当前状态 {filing.status} 与此不符"


def _other_round(round_: int, filing: FilingState) -> str:
    return "" if round_ == filing.round else f"说的是第 {round_} 轮，现在是第 {filing.round} 轮"


def _declined(command: Note, filing: FilingState, reason: str) -> list[Event]:
    return [NoteDeclined(command.received_at, command.application, filing.enterprise, command.cause, reason)]

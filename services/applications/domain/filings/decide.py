"""What a filing's commands decide: one match, the rules are beside it."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.decider import Facts, Tick
from services.applications.domain.filings.commands import (
    AcceptApplication,
    NoteApproval,
    NoteRecall,
    NoteRejection,
    NoteReturn,
    NoteReviewStart,
    NoteTransfer,
    NoteWithdrawal,
    RequestRecall,
    RequestWithdrawal,
    ReviveApplication,
    SettleWindowEnd,
    SubmitApplication,
    VoidApplication,
)
from services.applications.domain.filings.ends import accept, revive, settle_window_end, tick, void
from services.applications.domain.filings.notes import (
    note_approval,
    note_recall,
    note_rejection,
    note_return,
    note_review_start,
    note_transfer,
    note_withdrawal,
)
from services.applications.domain.filings.state import FilingState
from services.applications.domain.filings.submit import submit
from services.applications.domain.filings.withdraw import request_recall, request_withdrawal

FilingCommands = (
    SubmitApplication
    | RequestWithdrawal
    | RequestRecall
    | ReviveApplication
    | VoidApplication
    | SettleWindowEnd
    | AcceptApplication
    | NoteReviewStart
    | NoteReturn
    | NoteApproval
    | NoteRejection
    | NoteWithdrawal
    | NoteRecall
    | NoteTransfer
    | Tick
)


def decide(command: FilingCommands, state: FilingState, facts: Facts) -> list[Event]:
    match command:
        case SubmitApplication():
            return submit(command, state, facts)
        case RequestWithdrawal():
            return request_withdrawal(command, state, facts)
        case RequestRecall():
            return request_recall(command, state)
        case ReviveApplication():
            return revive(command, state, facts)
        case VoidApplication():
            return void(command, state)
        case SettleWindowEnd():
            return settle_window_end(command, state, facts)
        case AcceptApplication():
            return accept(command, state)
        case NoteReviewStart():
            return note_review_start(command, state)
        case NoteReturn():
            return note_return(command, state)
        case NoteApproval():
            return note_approval(command, state)
        case NoteRejection():
            return note_rejection(command, state)
        case NoteWithdrawal():
            return note_withdrawal(command, state)
        case NoteRecall():
            return note_recall(command, state)
        case NoteTransfer():
            return note_transfer(command, state)
        case Tick():
            return tick(command, state)
        case _:
            assert_never(command)

"""What a case answers to each command."""

from typing import assert_never

from libs.events.contracts.base import Event
from libs.events.decider import Facts
from services.review.domain.case import commands as c
from services.review.domain.case.finishing import announce, end_publicity, file_for_record, join_list, start_publicity
from services.review.domain.case.following import answer_recall, answer_withdrawal, close, note_score, reopen
from services.review.domain.case.opening import open_case
from services.review.domain.case.passing import pass_on
from services.review.domain.case.reviewing import approve, record_site_check, reject, return_, start, take_over
from services.review.domain.case.state import CaseState
from services.review.domain.case.transferring import transfer


def decide(command: c.CaseCommand, case: CaseState, facts: Facts) -> list[Event]:  # noqa: C901 - a flat table reads best
    match command:
        case c.OpenCase():
            return open_case(command, case, facts)
        case c.AnswerWithdrawal():
            return answer_withdrawal(command, case)
        case c.AnswerRecall():
            return answer_recall(command, case)
        case c.CloseCase():
            return close(command, case)
        case c.ReopenCase():
            return reopen(command, case)
        case c.NoteScore():
            return note_score(command, case)
        case c.StartReview():
            return start(command, case)
        case c.TakeOverCase():
            return take_over(command, case)
        case c.ReturnApplication():
            return return_(command, case, facts)
        case c.ApproveAtLevel():
            return approve(command, case)
        case c.RejectApplication():
            return reject(command, case, facts)
        case c.RecordSiteCheck():
            return record_site_check(command, case)
        case c.TransferCase():
            return transfer(command, case, facts)
        case c.FileForRecord():
            return file_for_record(command, case)
        case c.PassCase():
            return pass_on(command, case)
        case c.JoinList():
            return join_list(command, case)
        case c.StartPublicity():
            return start_publicity(command, case)
        case c.EndPublicity():
            return end_publicity(command, case)
        case c.Announce():
            return announce(command, case)
        case _:
            assert_never(command)

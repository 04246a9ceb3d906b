"""撤回 and taking back a correction: requests that `review` answers."""

from datetime import datetime

from libs.events.contracts.applications import RecallRequested, WithdrawalRequested
from libs.events.contracts.base import Event
from libs.events.decider import Facts
from libs.events.errors import refuse_if, refuse_unless
from services.applications.domain.filings.commands import FilingCommand, RequestRecall, RequestWithdrawal
from services.applications.domain.filings.refusals import (
    MANUAL,
    CorrectionLate,
    NoSuchFiling,
    NothingToRecall,
    NothingToWithdraw,
    ReviewHasBegun,
    WithdrawalIsFinal,
)
from services.applications.domain.filings.state import FilingState
from services.applications.domain.streams import window_stream
from services.applications.domain.windows.state import WindowState

RULE = f"{MANUAL}：查看/修改申报信息"
ASK_FOR_RETURN = "请联系当前处理层级的主管部门退回，再在退回修改处修改"


def request_withdrawal(command: RequestWithdrawal, filing: FilingState, facts: Facts) -> list[Event]:
    """Before review has ever begun; inside the window, after it only knowing that there is no way back."""
    refuse_unless(known(command, filing), NoSuchFiling())
    refuse_if(
        filing.reviewed and filing.status in ("submitted", "in_review"),
        ReviewHasBegun(rule=RULE, since=filing.since, way_out=ASK_FOR_RETURN, level=filing.level),
    )
    refuse_unless(
        filing.status == "submitted",
        NothingToWithdraw(f"当前状态 {filing.status} 不能撤回", rule=RULE, since=filing.since, state=filing.status),
    )
    closes = window_closes(command, filing, facts)
    refuse_if(
        closes is not None and command.received_at > closes and not command.knows_it_is_final,
        WithdrawalIsFinal(
            rule=RULE, until=closes, way_out="如仍要撤回，请确认已知晓撤回后本批次不能重新提交（knows_it_is_final）"
        ),
    )
    at, e = command.received_at, filing.enterprise
    return [WithdrawalRequested(at, command.application, e, filing.round, command.reason)]


def request_recall(command: RequestRecall, filing: FilingState) -> list[Event]:
    """A later round on which review has not begun again goes back to 退回修改, never to 撤回修改."""
    refuse_unless(known(command, filing), NoSuchFiling())
    refuse_if(
        filing.status == "in_review",
        ReviewHasBegun(rule=RULE, since=filing.since, way_out=ASK_FOR_RETURN, level=filing.level),
    )
    refuse_unless(
        filing.status == "submitted" and filing.returned is not None and not filing.recall_asked,
        NothingToRecall(
            rule=RULE, since=filing.since, way_out="退回修改后重新提交、尚未开始审核的申报才能取回", state=filing.status
        ),
    )
    refuse_if(
        filing.deadline is not None and command.received_at > filing.deadline,
        CorrectionLate(
            rule=RULE, until=filing.deadline, way_out="补正期限已过，取回后将无法再次提交；已提交的内容继续审核"
        ),
    )
    return [RecallRequested(command.received_at, command.application, filing.enterprise, filing.round)]


def known(command: FilingCommand, filing: FilingState) -> bool:
    return filing.count > 0 and command.application == filing.application


def window_closes(command: RequestWithdrawal, filing: FilingState, facts: Facts) -> datetime | None:
    """As extended until now."""
    if command.window is None:
        return filing.window_closes
    window: WindowState = facts.reads[window_stream(command.authority, command.window)]
    return window.closes

"""How a filing ends without a reviewer's word: lapse, revival, acceptance of an empty chain, 终止."""

from libs.events.contracts.applications import (
    ApplicationLapsed,
    ApplicationRevived,
    ApplicationVoided,
    WindowEndNoted,
    WindowEndReached,
)
from libs.events.contracts.base import Event
from libs.events.decider import Facts, Tick
from libs.events.errors import refuse_if, refuse_unless
from services.applications.domain.filings.commands import (
    AcceptApplication,
    ReviveApplication,
    SettleWindowEnd,
    VoidApplication,
)
from services.applications.domain.filings.refusals import (
    AlreadyDecided,
    HasReviewers,
    NoSuchFiling,
    NothingToRevive,
)
from services.applications.domain.filings.state import FilingState
from services.applications.domain.filings.submit import acceptance
from services.applications.domain.filings.withdraw import known
from services.applications.domain.streams import window_stream
from services.applications.domain.windows.state import GRACE, WindowState


def tick(command: Tick, filing: FilingState) -> list[Event]:
    """A correction deadline that passed lapses the filing; the end of a window is looked at in the window itself."""
    at = command.received_at
    if filing.status == "returned" and filing.deadline is not None and at >= filing.deadline + GRACE:
        reason = "补正期限已过，未重新提交"
        return [ApplicationLapsed(at, filing.application, filing.enterprise, reason, "correction_deadline")]
    of = filing.submission
    if of is None or of.window is None or not waits_for_window_end(filing) or filing.window_end_reached:
        return []
    if filing.window_closes is None or at < filing.window_closes + GRACE:
        return []
    return [WindowEndReached(at, filing.application, filing.enterprise, of.window, of.authority)]


def waits_for_window_end(filing: FilingState) -> bool:
    nobody_reviews = filing.submission is not None and filing.submission.empty_chain
    return filing.status == "withdrawn" or (filing.status == "submitted" and nobody_reviews)


def settle_window_end(command: SettleWindowEnd, filing: FilingState, facts: Facts) -> list[Event]:
    """Extended meanwhile: wait on. Else a withdrawn filing lapses, and one that nobody reviews is accepted."""
    if not known(command, filing) or not waits_for_window_end(filing) or filing.submission is None:
        return []
    window = _window(command, facts)
    at, application, e = command.received_at, filing.application, filing.enterprise
    if window is not None and window.closes is not None and at < window.closes + GRACE:
        return [WindowEndNoted(at, application, e, command.window or "", window.closes)]
    if filing.status == "withdrawn":
        return [ApplicationLapsed(at, application, e, "申报时间已结束，撤回后未重新提交")]
    return [acceptance(at, filing.submission)]


def revive(command: ReviveApplication, filing: FilingState, facts: Facts) -> list[Event]:
    """The same window, extended: the filing is what it was before it lapsed."""
    refuse_unless(known(command, filing), NoSuchFiling())
    window = _window(command, facts)
    inside = window is not None and window.closes is not None and command.received_at <= window.closes
    if window is None or window.closes is None or not filing.may_be_revived or not inside:
        raise NothingToRevive(
            since=filing.since, until=window.closes if window else None, state=filing.status,
            way_out="只有因申报时间结束而失效、且申报时间已延长的申报可以恢复；草稿内容可带入下一批次",
        )  # fmt: skip
    at, application, e = command.received_at, filing.application, filing.enterprise
    return [
        ApplicationRevived(at, application, e, window.extended_because),
        WindowEndNoted(at, application, e, command.window or "", window.closes),
    ]


def accept(command: AcceptApplication, filing: FilingState) -> list[Event]:
    """采纳: only where nobody reviews."""
    refuse_unless(known(command, filing), NoSuchFiling())
    refuse_unless(filing.submission is not None and filing.submission.empty_chain, HasReviewers())
    if filing.status == "approved" or filing.submission is None:
        return []
    refuse_unless(filing.status == "submitted", AlreadyDecided(since=filing.since, state=filing.status))
    return [acceptance(command.received_at, filing.submission)]


def void(command: VoidApplication, filing: FilingState) -> list[Event]:
    """终止: the enterprise was dissolved or banned, or fraud was found."""
    refuse_unless(known(command, filing), NoSuchFiling())
    if filing.status == "voided":
        return []
    refuse_if(
        filing.status in ("approved", "rejected"),
        AlreadyDecided(since=filing.since, way_out="已办结的申报不能终止；称号由认定机关取消", state=filing.status),
    )
    return [ApplicationVoided(command.received_at, filing.application, filing.enterprise, command.reason)]


def _window(command: SettleWindowEnd | ReviveApplication, facts: Facts) -> WindowState | None:
    return facts.reads[window_stream(command.authority, command.window)] if command.window else None

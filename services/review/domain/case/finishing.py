"""After the reviews: lists, 公示, 公告 and 备案, in the order of the route."""

from libs.events.contracts.actors import covers
from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    ApplicationApproved,
    Duty,
    FiledForRecord,
    ListingAccepted,
    ListingDeclined,
    PublicityEnded,
    PublicityStarted,
    Purpose,
)
from libs.events.errors import refuse_unless
from services.review.domain.case.acting import not_your_level
from services.review.domain.case.commands import Announce, EndPublicity, FileForRecord, JoinList, StartPublicity
from services.review.domain.case.notes import declined
from services.review.domain.case.refusals import RecordNotDue
from services.review.domain.case.state import CaseState
from services.review.domain.chain import Stage
from services.review.domain.offices import sits

DUTY_OF: dict[Purpose, Duty] = {"notice": "publicity", "announcement": "announce"}


def join_list(command: JoinList, case: CaseState) -> list[Event]:
    """The case answers for itself whether it may stand on the list; a list that asks again gets the same answer."""
    why_not = _why_not_listed(command, case)
    if why_not is None:
        return [
            ListingAccepted(
                command.received_at,
                application=command.application,
                enterprise=command.enterprise,
                list=command.list,
                level=command.level,
                portion=command.portion,
                portion_size=command.portion_size,
            )
        ]
    return [
        ListingDeclined(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            list=command.list,
            reason=why_not,
            portion=command.portion,
            portion_size=command.portion_size,
        )
    ]


def _why_not_listed(command: JoinList, case: CaseState) -> str | None:
    if case.status == "none":
        return "review.no-such-case"
    if case.authority != command.authority or not covers(command.region, case.region):
        return "review.other-jurisdiction"
    if (case.kind, case.tier) != (command.kind, command.tier):
        return "review.other-kind"
    if case.current != Stage(command.level, DUTY_OF[command.purpose]):
        return "review.other-stage"
    if case.status == "listed" and case.list != command.list:
        return "review.on-another-list"
    return None if case.status in ("waiting", "listed") else "review.other-stage"


def start_publicity(command: StartPublicity, case: CaseState) -> list[Event]:
    """公示开始, for a case that stands on this list."""
    stage = _on(command.list, case, "publicity")
    if stage is None or case.status != "listed":
        return declined(command, command.cause, "review.not-on-this-list")
    return [
        PublicityStarted(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            authority=case.authority,
            tier=case.tier,
            list=command.list,
            level=stage.level,
            starts=command.starts,
            ends=command.ends,
        )
    ]


def end_publicity(command: EndPublicity, case: CaseState) -> list[Event]:
    """公示结束: the list's clock says so."""
    stage = _on(command.list, case, "publicity")
    if stage is None or case.status != "in_notice":
        return declined(command, command.cause, "review.not-on-this-list")
    return [
        PublicityEnded(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            authority=case.authority,
            tier=case.tier,
            list=command.list,
            level=stage.level,
        )
    ]


def announce(command: Announce, case: CaseState) -> list[Event]:
    """公告: with it the filing is approved as a whole."""
    stage = _on(command.list, case, "announce")
    if stage is None:
        return declined(command, command.cause, "review.not-on-this-list")
    return [
        ApplicationApproved(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            kind=case.kind,
            tier=case.tier,
            authority=case.authority,
            region=case.region,
            announced_on=command.announced_on,
            document=command.document,
            filing=case.filing,
            level=stage.level,
        )
    ]


def _on(list_: str, case: CaseState, duty: Duty) -> Stage | None:
    """The case's stage, if it is this duty and the case stands on this list."""
    stage = case.current
    return stage if case.is_open and case.list == list_ and stage is not None and stage.duty == duty else None


def file_for_record(command: FileForRecord, case: CaseState) -> list[Event]:
    """备案 after the approval; it changes no state."""
    stage = case.current
    if case.status != "approved" or stage is None or stage.duty != "record":
        raise RecordNotDue(since=case.since)
    refuse_unless(sits(command.actor, case.authority, stage.level, case.region), not_your_level(stage, case))
    return [
        FiledForRecord(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            level=stage.level,
            document=command.document,
        )
    ]

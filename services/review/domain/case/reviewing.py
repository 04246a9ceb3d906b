"""审核: start, take over, return, approve, reject, and the site check (厦工信规〔2023〕2号; 工信部企业〔2022〕63号)."""

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseTakenOver,
    LevelApproved,
    ReviewStarted,
    SiteChecked,
    Step,
)
from libs.events.contracts.times import business_date, day_end
from libs.events.contracts.workdays import Calendar, Period
from libs.events.decider import Facts
from libs.events.errors import refuse_if, refuse_unless
from services.review.domain.case.acting import at_review, in_hand, open_duties
from services.review.domain.case.commands import (
    ApproveAtLevel,
    RecordSiteCheck,
    RejectApplication,
    ReturnApplication,
    StartReview,
    TakeOverCase,
)
from services.review.domain.case.refusals import (
    AlreadyInReview,
    DutiesOpen,
    FindingsMissing,
    NoSiteCheckHere,
    NothingUnlocked,
    NotInReview,
    SamePersonTwice,
)
from services.review.domain.case.state import CaseState
from services.review.domain.offices import persons
from services.review.domain.reasons import look_up


def start(command: StartReview, case: CaseState) -> list[Event]:
    """开始审核: from here the enterprise cannot withdraw."""
    step = at_review(command, case)
    if case.holder == command.actor.id:
        return []
    refuse_if(case.status == "in_review", AlreadyInReview(since=case.since, way_out="可接办", holder=case.holder))
    return [
        ReviewStarted(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            authority=case.authority,
            region=case.region,
            level=step.level,
            round=case.round,
            officer=command.actor.id,
            filing=case.filing,
        )
    ]


def take_over(command: TakeOverCase, case: CaseState) -> list[Event]:
    """接办 by any reviewer of the level that holds it."""
    step = at_review(command, case)
    refuse_if(case.status == "waiting", NotInReview(since=case.since, way_out="请先开始审核"))
    if case.holder == command.actor.id:
        return []
    return [
        CaseTakenOver(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            level=step.level,
            officer=command.actor.id,
            before=case.holder or "",
        )
    ]


def return_(command: ReturnApplication, case: CaseState, facts: Facts) -> list[Event]:
    """退回修改: reasons on fields, only those are unlocked; 注册地有误 unlocks the region."""
    step = in_hand(command, case)
    reasons = look_up(facts.policies, case.authority, command.reasons, "return")
    refuse_unless(reasons.fields or reasons.region, NothingUnlocked())
    deadline = _correction_deadline(command, case, facts)
    return [
        ApplicationReturned(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            authority=case.authority,
            region=case.region,
            tier=case.tier,
            level=step.level,
            round=case.round,
            reasons=reasons.reasons,
            unlocked=reasons.fields,
            region_unlocked=reasons.region,
            deadline=day_end(deadline.ends) if deadline else None,
            filing=case.filing,
            policies=(reasons.pin, *(deadline.policies if deadline else ())),
        )
    ]


def _correction_deadline(command: ReturnApplication, case: CaseState, facts: Facts) -> Period | None:
    """补正期限 in working days from the day after, only where the chain's policy sets one."""
    if case.correction_days is None:
        return None
    return Calendar(facts.policies).deadline(business_date(command.received_at), case.correction_days)


def approve(command: ApproveAtLevel, case: CaseState) -> list[Event]:
    """通过 at the current level; duties of the step come first; nobody approves at two steps of a chain."""
    step = in_hand(command, case)
    refuse_if(open_duties(case), DutiesOpen("实地抽查尚未完成或未通过", duties=list(open_duties(case))))
    elsewhere = {approval.officer for approval in case.approvals if approval.level != step.level}
    refuse_if(persons(command.actor) & elsewhere, SamePersonTwice())
    approved = _approved_at(command, case, step)
    return [approved, _approved_as_a_whole(command, case, step)] if _is_last_word(case) else [approved]


def _approved_at(command: ApproveAtLevel, case: CaseState, step: Step) -> Event:
    return LevelApproved(
        command.received_at,
        application=case.application,
        enterprise=case.enterprise,
        enterprise_name=case.enterprise_name,
        authority=case.authority,
        region=case.region,
        tier=case.tier,
        level=step.level,
        round=case.round,
        officer=command.actor.id,
        opinion=command.opinion,
        next_level=next((stage.level for stage in case.remaining() if stage.duty == "review"), None),
    )


def _is_last_word(case: CaseState) -> bool:
    """No level reviews and nobody announces after this one."""
    return not any(stage.duty in ("review", "announce") for stage in case.remaining())


def _approved_as_a_whole(command: ApproveAtLevel, case: CaseState, step: Step) -> Event:
    return ApplicationApproved(
        command.received_at,
        application=case.application,
        enterprise=case.enterprise,
        enterprise_name=case.enterprise_name,
        kind=case.kind,
        tier=case.tier,
        authority=case.authority,
        region=case.region,
        filing=case.filing,
        level=step.level,
    )


def reject(command: RejectApplication, case: CaseState, facts: Facts) -> list[Event]:
    """不通过, with reasons."""
    step = in_hand(command, case)
    reasons = look_up(facts.policies, case.authority, command.reasons, "reject")
    return [
        ApplicationRejected(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            enterprise_name=case.enterprise_name,
            authority=case.authority,
            region=case.region,
            kind=case.kind,
            tier=case.tier,
            level=step.level,
            reasons=reasons.reasons,
            filing=case.filing,
            policies=(reasons.pin,),
        )
    ]


def record_site_check(command: RecordSiteCheck, case: CaseState) -> list[Event]:
    """实地抽查 by any reviewer of the level, while the case is in review there; the latest counts.

    Whatever does not simply conform says what was found: the enterprise and the next level must know why.
    """
    step = at_review(command, case)
    refuse_unless("site_check" in step.duties, NoSiteCheckHere())
    refuse_if(case.status == "waiting", NotInReview(since=case.since, way_out="请先开始审核"))
    refuse_if(command.result != "conforms" and not command.findings, FindingsMissing(way_out="请逐项填写发现的问题"))
    return [
        SiteChecked(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            level=step.level,
            round=case.round,
            result=command.result,
            findings=command.findings,
        )
    ]

"""Who may act on a case now: only the current level and jurisdiction, and there whoever holds it."""

from libs.events.contracts.review import Duty, Step
from libs.events.errors import refuse_if, refuse_unless
from services.review.domain.case.commands import OnCase
from services.review.domain.case.refusals import (
    CaseOver,
    NoSuchCase,
    NotAtReview,
    NotInReview,
    NotTheHolder,
    NotYourLevel,
    WithTheEnterprise,
)
from services.review.domain.case.state import FINAL, WITH_ENTERPRISE, CaseState
from services.review.domain.chain import Stage
from services.review.domain.offices import LEVEL_NAMES, sits

REVIEW_DUTIES: tuple[Duty, ...] = ("review", "site_check")


def at_review(command: OnCase, case: CaseState) -> Step:
    """The step whose review the actor may do.

    Raises NoSuchCase, CaseOver, WithTheEnterprise, NotAtReview, NotYourLevel.
    """
    refuse_if(case.status == "none", NoSuchCase())
    refuse_if(case.status in FINAL, CaseOver(since=case.since))
    refuse_if(case.status in WITH_ENTERPRISE, _with_the_enterprise(case))
    stage = case.current
    if stage is None or stage.duty != "review":
        raise NotAtReview(since=case.since)
    refuse_unless(sits(command.actor, case.authority, stage.level, case.region), not_your_level(stage, case))
    step = case.step(stage.level)
    assert step is not None
    return step


def in_hand(command: OnCase, case: CaseState) -> Step:
    """As `at_review`, and the actor holds the case. Raises NotInReview, NotTheHolder too."""
    step = at_review(command, case)
    refuse_if(case.status == "waiting", NotInReview(since=case.since, way_out="请先开始审核"))
    refuse_unless(
        case.holder == command.actor.id, NotTheHolder(since=case.since, way_out="可先接办再操作", holder=case.holder)
    )
    return step


def _with_the_enterprise(case: CaseState) -> WithTheEnterprise:
    deadline = case.last_return.deadline if case.last_return and case.status == "returned" else None
    return WithTheEnterprise(since=case.since, until=deadline)


def open_duties(case: CaseState) -> tuple[Duty, ...]:
    """What the current step asks for before it can approve: 实地抽查 not done, or not passed."""
    step = case.step(case.current.level) if case.current else None
    if step is None or case.current is None or case.current.duty != "review" or "site_check" not in step.duties:
        return ()
    passed = any(check.level == step.level and check.suffices for check in case.checks)
    return () if passed else ("site_check",)


def not_your_level(stage: Stage, case: CaseState) -> NotYourLevel:
    where = "".join(case.region_names) or case.region
    return NotYourLevel(f"案卷现由{LEVEL_NAMES[stage.level]}办理（{where}）", level=stage.level, region=case.region)

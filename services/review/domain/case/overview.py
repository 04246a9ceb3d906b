"""What anybody may know of a case at a glance: every step, what is open, what may come next and by whom."""

from datetime import datetime

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.review import Duty, Step
from services.review.domain.case.acting import open_duties
from services.review.domain.case.state import WITH_ENTERPRISE, CaseState
from services.review.domain.chain import STAGES, Stage


class DutyView(msgspec.Struct, frozen=True):
    duty: Duty
    state: str


class StepView(msgspec.Struct, frozen=True):
    """`state` of a step and of each duty: done, current, open."""

    level: Level
    state: str
    duties: tuple[DutyView, ...]
    approved_at: datetime | None = None
    officer: str | None = None
    opinion: str | None = None


class Act(msgspec.Struct, frozen=True):
    """A command that may come next: by `enterprise`, an office's role at a level in a region, or the `clock`."""

    command: str
    who: str
    level: Level | None = None
    region: str | None = None


def steps(case: CaseState) -> tuple[StepView, ...]:
    return tuple(_step(case, step) for step in case.route)


def _step(case: CaseState, step: Step) -> StepView:
    duties = tuple(DutyView(duty, _duty_state(case, step, duty)) for duty in step.duties)
    approval = next((a for a in reversed(case.approvals) if a.level == step.level), None)
    states = {duty.state for duty in duties}
    return StepView(
        level=step.level,
        state=states.pop() if len(states) == 1 else "current",
        duties=duties,
        approved_at=approval.at if approval else None,
        officer=approval.officer if approval else None,
        opinion=approval.opinion if approval else None,
    )


def _duty_state(case: CaseState, step: Step, duty: Duty) -> str:
    if duty not in STAGES:
        return "done" if any(c.level == step.level and c.suffices for c in case.checks) else "open"
    place = case.stages.index(Stage(step.level, duty))
    return "done" if place < case.stage else "current" if place == case.stage and case.is_open else "open"


def duties_open(case: CaseState) -> tuple[Duty, ...]:
    """All that the current step still has to do, in order."""
    if case.current is None or case.status in ("none", "rejected", "closed"):
        return ()
    here = case.current.level
    return (*open_duties(case), *(s.duty for s in case.stages[case.stage :] if s.level == here))


def next_acts(case: CaseState) -> tuple[Act, ...]:
    if case.status in WITH_ENTERPRISE:
        return (Act("SubmitApplication", "enterprise"),)
    stage = case.current
    if stage is None or case.status in ("none", "rejected", "closed"):
        return ()
    commands = _commands(case, stage)
    role = "publisher" if stage.duty in ("publicity", "announce") else "reviewer"
    acts = tuple(Act(name, role, stage.level, case.region) for name in commands)
    if case.status == "in_notice":
        return (Act("EndPublicity", "clock"),)
    return (*acts, *_enterprise_acts(case))


def _commands(case: CaseState, stage: Stage) -> tuple[str, ...]:
    if stage.duty == "record":
        return ("FileForRecord",)
    if stage.duty == "publicity":
        return ("FreezeList",) if case.status == "waiting" else ("PublishList",)
    if stage.duty == "announce":
        return ("FreezeList",) if case.status == "waiting" else ("AnnounceList",)
    if case.status == "waiting":
        return ("StartReview", "TransferCase")
    decisions = ("ReturnApplication", "RejectApplication", "TransferCase", "TakeOverCase")
    return ("RecordSiteCheck", *decisions) if open_duties(case) else ("ApproveAtLevel", *decisions)


def _enterprise_acts(case: CaseState) -> tuple[Act, ...]:
    if case.status == "waiting" and case.started is None:
        return (Act("RequestWithdrawal", "enterprise"),)
    if case.status == "waiting" and case.round > 1 and not case.started_in_round:
        return (Act("RequestRecall", "enterprise"),)
    return ()

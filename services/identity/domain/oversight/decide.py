"""Reviewing an act: by the role that the offices' policy names, never by whoever acted."""

from libs.events.contracts.base import Event
from libs.events.contracts.officials import ActReviewed
from libs.events.decider import Decider, Facts
from libs.events.errors import refuse_if, refuse_unless
from services.identity.domain.officials.offices import reviewer_of
from services.identity.domain.oversight.commands import ReviewAct
from services.identity.domain.oversight.refusals import ActUnknown, AlreadyReviewed, NoteMissing, NotYourReview
from services.identity.domain.oversight.state import OversightState, evolve, initial


def decide(command: ReviewAct, state: OversightState, facts: Facts) -> list[Event]:
    wanted, office = reviewer_of(command.role, facts.policies), command.actor.office
    refuse_unless(bool(wanted), ActUnknown("只有系统、安全、审计管理员的行为需要审查"))
    refuse_unless(office is not None and office.role == wanted, NotYourReview(role=wanted))
    refuse_if(command.actor.id == command.by, NotYourReview("不能审查自己的行为"))
    refuse_if(bool(state.finding), AlreadyReviewed(finding=state.finding))
    refuse_if(command.finding == "objection" and not command.note.strip(), NoteMissing())
    return [
        ActReviewed(command.received_at, command.act, command.by, command.role, command.finding, command.note.strip())
    ]


decider = Decider("oversight", (ReviewAct,), initial, evolve, decide)

"""A case waits at a level: its reviewers are told, whoever they are."""

from typing import assert_never

from libs.events.contracts.actors import Level
from libs.events.contracts.review import CaseOpened, CaseTransferred, LevelApproved, RoundOpened, Step
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_reviewers

Arrival = CaseOpened | RoundOpened | CaseTransferred | LevelApproved
SOURCE, HANDLES, START = "review", (CaseOpened, RoundOpened, CaseTransferred, LevelApproved), "origin"


def react(event: Recorded[Arrival]) -> list[Command]:
    data = event.data
    level, template, facts = arrival(data)
    if level is None:
        return []
    return [
        PostMessage(
            **because(event),
            recipient=to_reviewers(data.authority, level, data.region),
            template=template,
            cause=event.id,
            enterprise=data.enterprise,
            application=data.application,
            facts={"enterprise": data.enterprise_name, "region": data.region, **facts},
        )
    ]


def arrival(data: Arrival) -> tuple[Level | None, str, dict[str, str]]:
    """The level that has to act now (None: no reviewer), the template and what only this event knows."""
    match data:
        case CaseOpened():
            return first_review(data.route), "application-submitted-office", {}
        case RoundOpened():
            return data.level, "application-resubmitted-office", {"round": str(data.round)}
        case CaseTransferred():
            facts = {"before": data.before, "reason": data.reason}
            return first_review(data.route), "case-transferred-office", facts
        case LevelApproved():
            return data.next_level, "level-approved-office", {"level": data.level}
        case _:
            assert_never(data)


def first_review(route: tuple[Step, ...]) -> Level | None:
    return next((step.level for step in route if "review" in step.duties), None)

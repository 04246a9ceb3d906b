"""移交: the predecessor's open cases become the successor's, without anybody taking them over one by one."""

from libs.events.contracts.actors import Actor
from libs.events.contracts.base import Event
from libs.events.contracts.review import CaseTakenOver
from services.review.domain.case.commands import PassCase
from services.review.domain.case.state import CaseState
from services.review.domain.offices import sits


def pass_on(command: PassCase, case: CaseState) -> list[Event]:
    """Nothing where the case has moved on meanwhile, or is held in another office of the same person."""
    stage = case.current
    if stage is None or case.since is None or case.status != "in_review" or case.holder != command.before:
        return []
    predecessor = Actor("official", command.before, command.office)
    if case.since > command.until or not sits(predecessor, case.authority, stage.level, case.region):
        return []
    return [
        CaseTakenOver(
            command.received_at,
            application=case.application,
            enterprise=case.enterprise,
            level=stage.level,
            officer=command.successor,
            before=command.before,
            hand_over=command.hand_over,
            document=command.document,
        )
    ]

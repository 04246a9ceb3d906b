"""逾期未提交 or 终止 → the case is closed."""

from libs.events.contracts.applications import ApplicationLapsed, ApplicationVoided
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import CloseCase
from services.review.domain.case.following import LAPSED, VOIDED

SOURCE, HANDLES, START = "applications", (ApplicationLapsed, ApplicationVoided), "origin"


def react(event: Recorded[ApplicationLapsed | ApplicationVoided]) -> list[Command]:
    said = event.data
    return [
        CloseCase(
            **because(event),
            enterprise=said.enterprise,
            application=said.application,
            why=LAPSED if isinstance(said, ApplicationLapsed) else VOIDED,
            cause=event.id,
        )
    ]

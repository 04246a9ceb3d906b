"""申请撤回 → an answer: accepted or refused."""

from libs.events.contracts.applications import WithdrawalRequested
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import AnswerWithdrawal

SOURCE, HANDLES, START = "applications", (WithdrawalRequested,), "origin"


def react(event: Recorded[WithdrawalRequested]) -> list[Command]:
    said = event.data
    return [
        AnswerWithdrawal(
            **because(event),
            enterprise=said.enterprise,
            application=said.application,
            request=event.id,
            filing=event.stream,
            round=said.round,
        )
    ]

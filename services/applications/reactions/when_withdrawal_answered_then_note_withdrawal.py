"""`review` answered a withdrawal: accepted, or refused because review had begun."""

from libs.events.contracts.review import WithdrawalAccepted, WithdrawalRefused
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.filings.commands import NoteWithdrawal

SOURCE, HANDLES, START = "review", (WithdrawalAccepted, WithdrawalRefused), "origin"


def react(event: Recorded[WithdrawalAccepted] | Recorded[WithdrawalRefused]) -> list[Command]:
    said = event.data
    refused = said if isinstance(said, WithdrawalRefused) else None
    return [
        NoteWithdrawal(
            **because(event),
            filing=said.filing,
            application=said.application,
            round=said.round,
            refused=refused.code if refused else None,
            level=refused.level if refused else None,
            since=refused.since if refused else None,
            cause=event.id,
        )
    ]

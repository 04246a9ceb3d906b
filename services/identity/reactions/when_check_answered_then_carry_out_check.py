"""核验结果: what it means for the account is done on the account."""

from libs.events.contracts.accounts import CheckAnswered
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.upkeep import CarryOutCheck

SOURCE, HANDLES, START = "identity", (CheckAnswered,), "origin"


def react(event: Recorded[CheckAnswered]) -> list[Command]:
    data = event.data
    if not data.account:
        return []
    return [
        CarryOutCheck(
            **because(event),
            account=data.account,
            check=data.check,
            approved=data.approved,
            reasons=data.reasons,
            before=event.time,
        )
    ]

"""实名认证通过 → the account stands for the enterprise here too."""

from libs.events.contracts.identity import RealNameVerified
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import NoteVerification

SOURCE, HANDLES, START = "identity", (RealNameVerified,), "origin"


def react(event: Recorded[RealNameVerified]) -> list[Command]:
    said = event.data
    return [
        NoteVerification(
            **because(event),
            enterprise=said.enterprise,
            account=said.account,
            name=said.name,
            credit_code=said.credit_code,
        )
    ]

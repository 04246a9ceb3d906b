"""实名认证 passed: the credit code is the account's for good."""

from libs.events.contracts.identity import RealNameVerified
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation

SOURCE, HANDLES, START = "identity", (RealNameVerified,), "origin"


def react(event: Recorded[RealNameVerified]) -> list[Command]:
    holder = holder_of(event.data.account)
    return [ConfirmReservation(**because(event), what="enterprise", index=event.data.enterprise, holder=holder)]

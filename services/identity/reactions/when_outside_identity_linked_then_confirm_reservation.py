"""关联统一登录 done: the identity is the account's for good."""

from libs.events.contracts.accounts import OutsideIdentityLinked
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation

SOURCE, HANDLES, START = "identity", (OutsideIdentityLinked,), "origin"


def react(event: Recorded[OutsideIdentityLinked]) -> list[Command]:
    data = event.data
    return [ConfirmReservation(**because(event), what="outside", index=data.identity, holder=holder_of(data.account))]

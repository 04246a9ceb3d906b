"""注册 done: the login name and the phone are the account's for good."""

from libs.events.contracts.identity import AccountRegistered
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation

SOURCE, HANDLES, START = "identity", (AccountRegistered,), "origin"


def react(event: Recorded[AccountRegistered]) -> list[Command]:
    data, holder = event.data, holder_of(event.data.account)
    return [
        ConfirmReservation(**because(event), what="login", index=data.login_index, holder=holder),
        ConfirmReservation(**because(event), what="phone", index=data.phone_index, holder=holder),
    ]

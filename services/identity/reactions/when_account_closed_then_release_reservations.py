"""账户注销 done: the number and the enterprise are free for another account; the login name never is."""

from libs.events.contracts.accounts import AccountClosed
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ReleaseReservation

SOURCE, HANDLES, START = "identity", (AccountClosed,), "origin"


def react(event: Recorded[AccountClosed]) -> list[Command]:
    data, head = event.data, because(event)
    holder = holder_of(data.account)
    commands: list[Command] = []
    if data.phone_index:
        commands.append(
            ReleaseReservation(**head, what="phone", index=data.phone_index, holder=holder, reason="account closed")
        )
    if data.enterprise:
        commands.append(
            ReleaseReservation(**head, what="enterprise", index=data.enterprise, holder=holder, reason="account closed")
        )
    if data.person_index:
        commands.append(
            ReleaseReservation(**head, what="person", index=data.person_index, holder=holder, reason="account closed")
        )
    return commands

"""手机号修改 done: the new number is the account's for good, the old one is free."""

from libs.events.contracts.identity import PhoneChanged
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation, ReleaseReservation

SOURCE, HANDLES, START = "identity", (PhoneChanged,), "origin"


def react(event: Recorded[PhoneChanged]) -> list[Command]:
    data, holder = event.data, holder_of(event.data.account)
    commands: list[Command] = []
    if data.phone_index:
        commands.append(ConfirmReservation(**because(event), what="phone", index=data.phone_index, holder=holder))
    if data.before_index and data.before_index != data.phone_index:
        commands.append(
            ReleaseReservation(
                **because(event), what="phone", index=data.before_index, holder=holder, reason="phone changed"
            )
        )
    return commands

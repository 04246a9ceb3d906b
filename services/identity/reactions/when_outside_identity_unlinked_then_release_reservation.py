"""解除关联 done: the identity is free for another account."""

from libs.events.contracts.accounts import OutsideIdentityUnlinked
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ReleaseReservation

SOURCE, HANDLES, START = "identity", (OutsideIdentityUnlinked,), "origin"


def react(event: Recorded[OutsideIdentityUnlinked]) -> list[Command]:
    data, holder = event.data, holder_of(event.data.account)
    return [ReleaseReservation(**because(event), what="outside", index=data.identity, holder=holder, reason="unlinked")]

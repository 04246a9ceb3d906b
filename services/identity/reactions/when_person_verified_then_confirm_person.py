"""自然人实名认证 passed: the document's number is the account's for good."""

from libs.events.contracts.accounts import PersonVerified
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.accounts.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation

SOURCE, HANDLES, START = "identity", (PersonVerified,), "origin"


def react(event: Recorded[PersonVerified]) -> list[Command]:
    holder = holder_of(event.data.account)
    return [ConfirmReservation(**because(event), what="person", index=event.data.person_index, holder=holder)]

"""委托结束: nobody stands in any more."""

from libs.events.contracts.officials import DelegationEnded
from libs.events.decider import Command
from libs.events.names import partition_key_of
from libs.events.recorded import Recorded, because
from services.identity.domain.officials.commands import EndAppointment

SOURCE, HANDLES, START = "identity", (DelegationEnded,), "origin"


def react(event: Recorded[DelegationEnded]) -> list[Command]:
    data = event.data
    command = EndAppointment(**because(event), authority=partition_key_of(event.stream), official=data.delegate,
                             appointment=data.delegated, reason=data.reason)  # fmt: skip
    return [command]

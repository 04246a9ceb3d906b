"""任命 done: the login name is the official's for good."""

from libs.events.contracts.identity import OfficialAppointed
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.officials.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation

SOURCE, HANDLES, START = "identity", (OfficialAppointed,), "origin"


def react(event: Recorded[OfficialAppointed]) -> list[Command]:
    holder = holder_of(event.data.official)
    return [ConfirmReservation(**because(event), what="login", index=event.data.login_index, holder=holder)]

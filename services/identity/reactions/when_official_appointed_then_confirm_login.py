"""任命 done: the login name, and of one of the three administrators the person, are the official's for good."""

from libs.events.contracts.identity import OfficialAppointed
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.identity.domain.officials.commands import holder_of
from services.identity.domain.reservations.commands import ConfirmReservation

SOURCE, HANDLES, START = "identity", (OfficialAppointed,), "origin"


def react(event: Recorded[OfficialAppointed]) -> list[Command]:
    data, head, holder = event.data, because(event), holder_of(event.data.official)
    login = ConfirmReservation(**head, what="login", index=data.login_index, holder=holder)
    if not data.person_index:
        return [login]
    return [login, ConfirmReservation(**head, what="administrator", index=data.person_index, holder=holder)]

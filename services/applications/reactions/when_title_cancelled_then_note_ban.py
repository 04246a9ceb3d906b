"""取消认定 with a ban → no new filing until then."""

from libs.events.contracts.review import TitleCancelled
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import NoteBan

SOURCE, HANDLES, START = "review", (TitleCancelled,), "origin"


def react(event: Recorded[TitleCancelled]) -> list[Command]:
    said = event.data
    if said.ban_until is None:
        return []
    return [
        NoteBan(**because(event), enterprise=said.enterprise, until=said.ban_until, reason=said.reason, cause=event.id)
    ]

"""A case's answer → noted on the list that asked."""

from libs.events.contracts.review import ListingAccepted, ListingDeclined
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.lists.commands import NoteListMember

SOURCE, HANDLES, START = "review", (ListingAccepted, ListingDeclined), "origin"


def react(event: Recorded[ListingAccepted | ListingDeclined]) -> list[Command]:
    answer = event.data
    return [
        NoteListMember(
            **because(event),
            list=answer.list,
            case=answer.application,
            enterprise=answer.enterprise,
            accepted=isinstance(answer, ListingAccepted),
            reason=answer.reason if isinstance(answer, ListingDeclined) else "",
        )
    ]

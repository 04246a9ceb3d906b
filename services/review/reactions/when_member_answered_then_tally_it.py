"""A case's answer → noted in the tally of the portion with which it was asked."""

from libs.events.contracts.review import ListingAccepted, ListingDeclined
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.tallies.commands import NoteListMember

SOURCE, HANDLES, START = "review", (ListingAccepted, ListingDeclined), "origin"


def react(event: Recorded[ListingAccepted | ListingDeclined]) -> list[Command]:
    answer = event.data
    return [
        NoteListMember(
            **because(event),
            list=answer.list,
            portion=answer.portion,
            size=answer.portion_size,
            case=answer.application,
            enterprise=answer.enterprise,
            accepted=isinstance(answer, ListingAccepted),
            reason=answer.reason if isinstance(answer, ListingDeclined) else "",
        )
    ]

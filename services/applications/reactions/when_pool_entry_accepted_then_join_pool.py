"""入库填报/数据更新 approved → in the authority's 培育库 with the data of its year."""

from libs.events.contracts.applications import ApplicationAccepted, ApprovalNoted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.applications.domain.enterprises.commands import JoinPool

SOURCE, HANDLES, START = "applications", (ApprovalNoted, ApplicationAccepted), "origin"


def react(event: Recorded[ApprovalNoted] | Recorded[ApplicationAccepted]) -> list[Command]:
    said = event.data
    if said.kind != "pool_entry":
        return []
    return [
        JoinPool(
            **because(event),
            enterprise=said.enterprise,
            authority=said.authority,
            year=said.year,
            cause=event.id,
        )
    ]

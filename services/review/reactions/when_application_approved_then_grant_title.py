"""A declaration of a tier approved → its title is granted from the announcement; 入库 grants none."""

from libs.events.contracts.review import ApplicationApproved
from libs.events.contracts.times import business_date
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.titles.commands import GrantTitle

SOURCE, HANDLES, START = "review", (ApplicationApproved,), "origin"


def react(event: Recorded[ApplicationApproved]) -> list[Command]:
    approved = event.data
    if approved.kind != "declaration" or approved.tier is None:
        return []
    return [
        GrantTitle(
            **because(event),
            enterprise=approved.enterprise,
            tier=approved.tier,
            enterprise_name=approved.enterprise_name,
            authority=approved.authority,
            region=approved.region,
            application=approved.application,
            document=approved.document or "",
            announced_on=approved.announced_on or business_date(approved.received_at),
            level=approved.level,
        )
    ]

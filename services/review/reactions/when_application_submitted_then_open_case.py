"""提交 → 立案, or the next round of the case."""

from libs.events.contracts.applications import ApplicationSubmitted
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import OpenCase

SOURCE, HANDLES, START = "applications", (ApplicationSubmitted,), "origin"


def react(event: Recorded[ApplicationSubmitted]) -> list[Command]:
    filed = event.data
    return [
        OpenCase(
            **because(event),
            enterprise=filed.enterprise,
            application=filed.application,
            submission=event.id,
            filing=event.stream,
            enterprise_name=filed.enterprise_name,
            kind=filed.kind,
            tier=filed.tier,
            authority=filed.authority,
            region=filed.region,
            region_names=filed.region_names,
            window=filed.window,
            batch=filed.batch,
            round=filed.round,
            pack=filed.pack,
            changed=filed.changed,
        )
    ]

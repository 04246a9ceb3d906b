"""立案, a new round, 移送: where the filing lies and which duties its route still has after the reviews."""

from collections.abc import Sequence

from libs.events.contracts.review import CaseOpened, CaseTransferred, RoundOpened, Step
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.matters.commands import NoteMatter

SOURCE, HANDLES, START = "review", (CaseOpened, RoundOpened, CaseTransferred), "origin"
_BEFORE_APPROVAL = ("review", "site_check")


def react(event: Recorded[CaseOpened | RoundOpened | CaseTransferred]) -> list[Command]:
    data = event.data
    opened = data if isinstance(data, CaseOpened) else None
    return [
        NoteMatter(
            **because(event),
            application=data.application,
            enterprise=data.enterprise,
            enterprise_name=data.enterprise_name,
            kind=opened.kind if opened else None,
            tier=opened.tier if opened else None,
            batch=opened.batch if opened else None,
            authority=data.authority,
            region=data.region,
            region_names=data.region_names,
            duties=duties_after_review(data.route),
        )
    ]


def duties_after_review(route: Sequence[Step]) -> tuple[str, ...]:
    return tuple(duty for step in route for duty in step.duties if duty not in _BEFORE_APPROVAL)

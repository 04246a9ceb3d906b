"""One to many: a list works through its members in portions; every portion is an event from which reactions command."""

from datetime import datetime

import msgspec

from libs.events.contracts.base import Event
from libs.events.contracts.review import ListProgressed
from services.review.domain.lists.members import PORTION
from services.review.domain.lists.state import ListState, evolve


def work(state: ListState, at: datetime) -> list[Event]:
    """The next portion of the first unfinished work; `[]` when nothing is left."""
    job = state.job
    if job is None:
        return []
    until = min(job.done + PORTION, len(job.members))
    portion = ListProgressed(
        at,
        list=state.list,
        doing=job.doing,
        done=until,
        of=len(job.members),
        cases=job.members.cases[job.done : until],
        enterprises=job.members.enterprises[job.done : until],
        authority=state.authority,
        region=state.region,
        level=state.level,
        kind=state.kind,
        tier=state.tier,
        purpose=state.purpose,
        starts=state.starts,
        ends=state.ends,
        document=state.document,
        announced_on=state.announced_on,
    )
    rest = evolve(state, portion).job
    return [msgspec.structs.replace(portion, next=rest.tick if rest else "")]


def begin(state: ListState, event: Event) -> list[Event]:
    """The event (most begin a work), and the next portion of what began first and is not finished."""
    return [event, *work(evolve(state, event), event.received_at)]

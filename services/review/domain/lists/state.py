"""Where a list stands, and how far its work on its members has come."""

from datetime import date
from typing import Any, Literal

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.review import (
    ListAnnounced,
    ListAnswersNoted,
    ListFrozen,
    ListMembersAdded,
    ListProgressed,
    ListPublicityEnded,
    ListPublicityRecounted,
    ListPublished,
    Purpose,
)
from services.review.domain.lists.members import Members
from services.review.domain.lists.notice import Notice

Doing = Literal["freeze", "publish", "end", "announce"]


class Job(msgspec.Struct, frozen=True):
    """Work on every member (or every accepted one), done portion by portion."""

    doing: Doing
    members: Members
    done: int = 0

    @property
    def unfinished(self) -> bool:
        return self.done < len(self.members)

    @property
    def tick(self) -> str:
        """The kind of tick that goes on from here; no two portions share one."""
        return f"{self.doing}-{self.done}"


class ListState(msgspec.Struct, frozen=True):
    """`added` are the members before freezing; `reasons` why a case declined; `counted_by` what the notice's days rest on."""

    list: str = ""
    authority: str = ""
    region: str = ""
    level: Level = "county"
    batch: str = ""
    purpose: Purpose = "notice"
    kind: str = ""
    tier: str | None = None
    added: tuple[tuple[str, str], ...] = ()
    frozen: bool = False
    members: Members = Members()
    reasons: tuple[tuple[str, str], ...] = ()
    starts: date | None = None
    ends: date | None = None
    provisional: bool = False
    counted_by: tuple[PolicyPin, ...] = ()
    ended: bool = False
    document: str = ""
    announced_on: date | None = None
    jobs: tuple[Job, ...] = ()

    @property
    def job(self) -> Job | None:
        """The first unfinished work: what began first ends first."""
        return next((job for job in self.jobs if job.unfinished), None)

    @property
    def notice(self) -> Notice | None:
        """The notice as it was told last; None before it is published."""
        if self.starts is None or self.ends is None:
            return None
        return Notice(self.starts, self.ends, self.provisional, self.level, self.kind, self.tier, self.counted_by)

    @property
    def status(self) -> str:
        if not self.frozen:
            return "compiling" if self.added else "none"
        if self.announced_on:
            return "announced"
        if self.starts:
            return "ended" if self.ended else "published"
        return "answering" if self.members.missing else "frozen"


def evolve(state: ListState, event: Event) -> ListState:
    match event:
        case ListMembersAdded():
            return _added(state, event)
        case ListFrozen():
            return _frozen(state, event)
        case ListAnswersNoted():
            members = state.members.note(event.portion, event.size, event.declined)
            why = zip(event.declined, event.reasons, strict=True)
            return _with(state, members=members, reasons=(*state.reasons, *why))
        case ListPublished():
            return _begin(state, "publish", state.members.accepted(), **_counted(event))
        case ListPublicityRecounted():
            return _with(state, **_counted(event))
        case ListPublicityEnded():
            return _begin(state, "end", state.members.accepted(), ended=True)
        case ListAnnounced():
            return _begin(
                state, "announce", state.members.accepted(), document=event.document, announced_on=event.announced_on
            )
        case ListProgressed():
            jobs = (msgspec.structs.replace(j, done=event.done) if j.doing == event.doing else j for j in state.jobs)
            return _with(state, jobs=tuple(jobs))
        case _:
            return state


def _added(state: ListState, event: ListMembersAdded) -> ListState:
    """Before freezing, the list's name is all that is known of its place."""
    _, authority, region, batch, purpose = event.list.split("-")
    added = (*state.added, *zip(event.cases, event.enterprises, strict=True))
    return _with(state, list=event.list, authority=authority, region=region, batch=batch, purpose=purpose, added=added)


def _counted(event: ListPublished | ListPublicityRecounted) -> dict[str, Any]:
    days = {"starts": event.starts, "ends": event.ends}
    return days | {"provisional": event.provisional, "counted_by": event.policies}


def _with(state: ListState, **changes: object) -> ListState:
    return msgspec.structs.replace(state, **changes)


def _begin(state: ListState, doing: Doing, over: Members, **changes: object) -> ListState:
    return _with(state, jobs=(*state.jobs, Job(doing, over)), **changes)


def _frozen(state: ListState, event: ListFrozen) -> ListState:
    members = Members.of([*state.added, *zip(event.cases, event.enterprises, strict=True)])
    return _begin(
        state,
        "freeze",
        members,
        list=event.list,
        authority=event.authority,
        region=event.region,
        level=event.level,
        batch=event.batch,
        purpose=event.purpose,
        kind=event.kind,
        tier=event.tier,
        added=(),
        frozen=True,
        members=members,
    )

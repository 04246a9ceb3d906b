"""A list's portion → one command to each of its cases: join, start and end of the notice, announcement."""

from datetime import date

from libs.events.contracts.actors import Level
from libs.events.contracts.review import ListProgressed
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.review.domain.case.commands import Announce, EndPublicity, JoinList, StartPublicity

SOURCE, HANDLES, START = "review", (ListProgressed,), "origin"


def react(event: Recorded[ListProgressed]) -> list[Command]:
    portion = event.data
    pairs = zip(portion.cases, portion.enterprises, strict=True)
    return [_command(event, case, enterprise) for case, enterprise in pairs]


def _command(event: Recorded[ListProgressed], case: str, enterprise: str) -> Command:
    portion, head = event.data, because(event)
    match portion.doing:
        case "freeze":
            return JoinList(
                **head,
                enterprise=enterprise,
                application=case,
                list=portion.list,
                purpose=portion.purpose,
                authority=portion.authority,
                region=portion.region,
                level=_known(portion.level),
                kind=portion.kind,
                tier=portion.tier,
                portion=portion.done - len(portion.cases),
                portion_size=len(portion.cases),
                cause=event.id,
            )
        case "publish":
            return StartPublicity(
                **head,
                enterprise=enterprise,
                application=case,
                list=portion.list,
                starts=_day(portion.starts),
                ends=_day(portion.ends),
                cause=event.id,
            )
        case "end":
            return EndPublicity(**head, enterprise=enterprise, application=case, list=portion.list, cause=event.id)
        case "announce":
            return Announce(
                **head,
                enterprise=enterprise,
                application=case,
                list=portion.list,
                document=portion.document,
                announced_on=_day(portion.announced_on),
                cause=event.id,
            )
        case other:
            raise ValueError(f"a list cannot be doing {other!r}")


def _known(level: Level | None) -> Level:
    if level is None:
        raise ValueError("a portion without its list's level")
    return level


def _day(day: date | None) -> date:
    if day is None:
        raise ValueError("a portion without its date")
    return day

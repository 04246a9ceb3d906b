"""How long a notice lasts: what was told, and what it comes to once the calendars of all its years are published."""

from datetime import date

import msgspec

from libs.events.contracts.actors import Level
from libs.events.contracts.base import PolicyPin
from libs.events.contracts.workdays import Calendar, Period
from libs.events.decider import Policies
from services.review.domain.chain import pinned_chain, publicity_of

CHAINS = "chains"


class Notice(msgspec.Struct, frozen=True):
    """A published notice as it was told last, both days counted; `counted_by` which rule and calendars.

    `provisional`: the calendar of a year in it was not published then.
    """

    starts: date
    ends: date
    provisional: bool
    level: Level
    kind: str
    tier: str | None
    counted_by: tuple[PolicyPin, ...]


def counted_anew(notice: Notice, policies: Policies) -> Period:
    """The days of the notice by the calendars that are published now, while it rested on a year without one.

    It never ends before the day that the public was told. Raises PolicyMissing where the chain it rests on is unknown.
    """
    pin = next((pin for pin in notice.counted_by if pin.kind == CHAINS), None)
    length = None
    if notice.provisional and pin is not None:
        length = publicity_of(pinned_chain(policies, pin, notice.kind, notice.tier), notice.level)
    if pin is None or length is None:
        return Period(notice.starts, notice.ends, notice.provisional, notice.counted_by)
    found = Calendar(policies).period(notice.starts, length)
    return Period(notice.starts, max(found.ends, notice.ends), found.provisional, (pin, *found.policies))

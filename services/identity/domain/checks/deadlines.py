"""By when a check is answered and when it lapses: working days of the calendars that are published, else provisional."""

from datetime import datetime

import msgspec

from libs.events.contracts.accounts import CheckRequested
from libs.events.contracts.base import PolicyPin
from libs.events.contracts.times import business_date, day_end
from libs.events.contracts.workdays import Calendar
from libs.events.decider import Policies, Policy

CHECKS = "account-checks"


class Deadlines(msgspec.Struct, frozen=True):
    """Last instants. Each may be provisional by itself: a year without a published calendar lies before it."""

    due: datetime
    lapses: datetime
    due_provisional: bool
    lapse_provisional: bool
    policies: tuple[PolicyPin, ...]

    @property
    def provisional(self) -> bool:
        return self.due_provisional or self.lapse_provisional


def counted(asked: datetime, rules: Policy, policies: Policies) -> Deadlines:
    """From the day after it was asked, in the working days that the rules give."""
    calendar, day = Calendar(policies), business_date(asked)
    due = calendar.deadline(day, rules.content["answer_working_days"])
    lapse = calendar.deadline(day, rules.content["lapse_working_days"])
    used = dict.fromkeys((rules.pin, *due.policies, *lapse.policies))
    return Deadlines(day_end(due.ends), day_end(lapse.ends), due.provisional, lapse.provisional, tuple(used))


def standing(requested: CheckRequested, policies: Policies) -> Deadlines:
    """As told, or counted anew by the calendars that are published now while that rested on a year without one.

    Never before the day that was told: whoever was told has planned with it.
    """
    pin = next((pin for pin in requested.policies if pin.kind == CHECKS), None)
    if pin is None or not requested.provisional:
        told = requested.provisional
        return Deadlines(requested.due, requested.lapses, told, told, requested.policies)
    found = counted(requested.received_at, policies.pinned(pin), policies)
    later = {"due": max(found.due, requested.due), "lapses": max(found.lapses, requested.lapses)}
    return msgspec.structs.replace(found, **later)

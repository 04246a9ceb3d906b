"""A manual check: what was stated, who looks at it, how it ended."""

from datetime import datetime
from typing import Literal

import msgspec

from libs.events.contracts.accounts import (
    CheckAnswered,
    CheckLapsed,
    CheckOverdue,
    CheckRequested,
    CheckTaken,
    CheckWithdrawn,
)
from libs.events.contracts.base import Event

Status = Literal["none", "waiting", "taken", "approved", "refused", "withdrawn", "lapsed"]


class CheckState(msgspec.Struct, frozen=True):
    requested: CheckRequested | None = None
    status: Status = "none"
    official: str = ""
    overdue: bool = False
    reasons: tuple[str, ...] = ()
    note: str = ""
    answered_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.status in ("waiting", "taken")


def initial() -> CheckState:
    return CheckState()


def evolve(state: CheckState, event: Event) -> CheckState:
    match event:
        case CheckRequested():
            return CheckState(requested=event, status="waiting")
        case CheckTaken():
            return msgspec.structs.replace(state, status="taken", official=event.official)
        case CheckAnswered():
            return msgspec.structs.replace(
                state,
                status="approved" if event.approved else "refused",
                reasons=event.reasons,
                note=event.note,
                answered_at=event.received_at,
            )
        case CheckWithdrawn():
            return msgspec.structs.replace(state, status="withdrawn", answered_at=event.received_at)
        case CheckLapsed():
            return msgspec.structs.replace(state, status="lapsed", answered_at=event.received_at)
        case CheckOverdue():
            return msgspec.structs.replace(state, overdue=True)
        case _:
            return state

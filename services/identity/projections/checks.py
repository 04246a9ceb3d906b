"""人工核验 as the checkers of a region see them: who waits, since when, until when. Personal values stay sealed."""

from typing import Any

from libs.events.contracts.accounts import (
    CheckAnswered,
    CheckLapsed,
    CheckOverdue,
    CheckRequested,
    CheckTaken,
    CheckWithdrawn,
)
from libs.events.contracts.actors import covering
from libs.events.contracts.times import time_text
from libs.events.recorded import Recorded

NAME = "checks"
VERSION = 1
SOURCES = ("identity",)
HANDLES = (CheckRequested, CheckTaken, CheckAnswered, CheckWithdrawn, CheckOverdue, CheckLapsed)
INDEXES = (("authority", "covering", "status", "due"), ("status", "due"), ("enterprise",))


def key(event: Recorded[Any]) -> str:
    return str(event.data.check)


def apply(document: dict[str, Any] | None, event: Recorded[Any]) -> dict[str, Any] | None:
    now = document or {}
    match event.data:
        case CheckRequested() as data:
            return {
                "check": data.check,
                "purpose": data.purpose,
                "enterprise": data.enterprise,
                "credit_code": data.credit_code,
                "name": data.name,
                "authority": data.authority,
                "region": data.region,
                "covering": list(covering(data.region)),
                "status": "waiting",
                "official": None,
                "overdue": False,
                "requested_at": time_text(data.received_at),
                "due": time_text(data.due),
            }
        case CheckTaken() as data:
            return {**now, "status": "taken", "official": data.official}
        case CheckAnswered() as data:
            return {**now, "status": "approved" if data.approved else "refused"}
        case CheckWithdrawn():
            return {**now, "status": "withdrawn"}
        case CheckOverdue():
            return {**now, "overdue": True}
        case CheckLapsed():
            return {**now, "status": "lapsed"}
        case _:
            return document

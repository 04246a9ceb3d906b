"""认定通知, 认定到期, 取消认定: the life of a title."""

from typing import assert_never

from libs.events.contracts.review import (
    CertificationExpiring,
    TitleAwaitingReReview,
    TitleCancelled,
    TitleExpired,
    TitleExtended,
    TitleGranted,
)
from libs.events.decider import Command
from libs.events.recorded import Recorded, because
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import to_enterprise

Change = TitleGranted | TitleExtended | CertificationExpiring | TitleAwaitingReReview | TitleExpired | TitleCancelled
SOURCE, START = "review", "origin"
HANDLES = (
    TitleGranted,
    TitleExtended,
    CertificationExpiring,
    TitleAwaitingReReview,
    TitleExpired,
    TitleCancelled,
)


def react(event: Recorded[Change]) -> list[Command]:
    data = event.data
    template, facts = told(data)
    return [
        PostMessage(
            **because(event),
            recipient=to_enterprise(data.enterprise),
            template=template,
            cause=event.id,
            facts={"tier": data.tier, **facts},
            authority=getattr(data, "authority", ""),
        )
    ]


def told(data: Change) -> tuple[str, dict[str, str]]:
    """The template, and what only this event knows."""
    match data:
        case TitleGranted():
            valid = {"valid_from": data.valid_from.isoformat(), "valid_to": data.valid_to.isoformat()}
            return "title-granted", {**valid, "document": data.document, "enterprise": data.enterprise_name}
        case TitleExtended():
            return "title-extended", {"valid_to": data.valid_to.isoformat()}
        case CertificationExpiring():
            return "certification-expiring", {"days": str(data.days), "valid_to": data.valid_to.isoformat()}
        case TitleAwaitingReReview():
            return "title-awaiting-re-review", {"valid_to": data.valid_to.isoformat()}
        case TitleExpired():
            return "title-expired", {"valid_to": data.valid_to.isoformat()}
        case TitleCancelled():
            until = data.ban_until.isoformat() if data.ban_until else ""
            return "title-cancelled", {"reason": data.reason, "document": data.document, "until": until}
        case _:
            assert_never(data)

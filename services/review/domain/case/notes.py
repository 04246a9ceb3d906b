"""What a case says of a message that fits nothing."""

from libs.events.contracts.base import Event
from libs.events.contracts.review import NoteDeclined
from services.review.domain.case.commands import OnCase


def declined(command: OnCase, cause: str, reason: str) -> list[Event]:
    """Nothing changes, and the log says why; `reason` is a stable code."""
    return [
        NoteDeclined(
            command.received_at,
            application=command.application,
            enterprise=command.enterprise,
            cause=cause,
            reason=reason,
        )
    ]

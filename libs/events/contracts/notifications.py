"""What `notifications` says: messages, addressed to an enterprise or to an office."""

import msgspec

from libs.events.contracts.actors import Office
from libs.events.contracts.base import Event, PolicyPin, event


class Recipient(msgspec.Struct, frozen=True, omit_defaults=True):
    """An enterprise, or an office (persons are found at reading or delivery)."""

    enterprise: str | None = None
    office: Office | None = None


@event("notifications")
class MessagePosted(Event, frozen=True):
    """One message for one cause; `group` is one of the seeds' groups (认定到期 … 审核进度)."""

    message: str
    recipient: Recipient
    group: str
    template: str
    title: str
    body: str
    link: str
    cause: str
    policies: tuple[PolicyPin, ...] = ()
    importance: str = "normal"
    application: str = ""


@event("notifications")
class MessageRead(Event, frozen=True):
    message: str
    reader: str


@event("notifications")
class MessageDeclined(Event, frozen=True):
    """A cause for which no template is in force: nobody was told, and why."""

    cause: str
    reason: str


@event("notifications")
class MatterNoted(Event, frozen=True):
    """事项: what later messages about a filing need to name it; the newest note counts. `duties` follow the reviews."""

    application: str
    enterprise: str
    enterprise_name: str
    kind: str
    tier: str | None
    batch: str
    authority: str
    region: str
    region_names: tuple[str, ...]
    duties: tuple[str, ...] = ()

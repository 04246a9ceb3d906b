"""Events that every service says of itself: the policies it follows."""

from libs.events.contracts.base import SERVICES, Event, event


@event(*SERVICES)
class PolicyPublished(Event, frozen=True):
    """政策发布: a form, pack, chain, calendar, template or reference table, once, whole.

    `text` is empty when `parts` > 0: then it is the parts of the same SHA-256, joined in order. `origin` is set
    where a service copied the text from the service that ships it.
    """

    kind: str
    id: str
    authority: str
    sha256: str
    title: str
    source: str
    effective_from: str
    effective_to: str | None = None
    text: str = ""
    parts: int = 0
    origin: str | None = None


@event(*SERVICES)
class PolicyPart(Event, frozen=True):
    """One piece of a text over 128 KiB, numbered from 1."""

    kind: str
    id: str
    sha256: str
    part: int
    parts: int
    text: str

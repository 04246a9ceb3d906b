"""Events that every service says of itself: the policies it follows, what it gave up, how far its access log is."""

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
class ParkedDiscarded(Event, frozen=True):
    """搁置事件作废: a record that a consumer of this service could not apply is given up; its effect never comes.

    `consumer` and `key` say where it waited, `event`, `topic`, `shard` and `position` what it was; `by` is the login of
    the operator, `reason` their words.
    """

    consumer: str
    key: str
    event: str
    type: str
    topic: str
    shard: int
    position: int
    error: str
    reason: str
    by: str


@event(*SERVICES)
class PolicyPart(Event, frozen=True):
    """One piece of a text over 128 KiB, numbered from 1."""

    kind: str
    id: str
    sha256: str
    part: int
    parts: int
    text: str


@event(*SERVICES)
class AccessLogAttested(Event, frozen=True):
    """访问日志存证: the service's access log has `n` entries, the last with the SHA-256 `head`, in hex."""

    n: int
    head: str

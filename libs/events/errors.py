"""The four kinds of failure: Refused (a business answer), Conflict, Transient, Poison."""

from datetime import datetime
from typing import Any, ClassVar


class Contact(dict[str, str]):
    """Whom to ask: name, phone, hours; JSON-ready."""


class Refused(Exception):
    """A business answer: which rule, since when, until when, whom to ask, and the way out. Subclasses name it."""

    code: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int] = 409

    def __init__(
        self,
        detail: str = "",
        *,
        rule: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        contact: dict[str, str] | None = None,
        way_out: str = "",
        **facts: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.rule, self.since, self.until, self.contact, self.way_out = rule, since, until, contact, way_out
        self.facts = facts


class RefusedTogether(Refused):
    """Several guards refused; all are answered at once so that nobody has to try again and again."""

    code = "platform.several-refusals"
    title = "有多项条件未满足"

    def __init__(self, refusals: list[Refused]) -> None:
        super().__init__("；".join(r.detail for r in refusals))
        self.refusals = refusals


class Conflict(Exception):
    """Somebody else was first. `expected` names the version the caller asked for, if any."""


class VersionMismatch(Conflict):
    """The caller named a stream version (If-Match) that is no longer the newest."""

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__(f"expected version {expected}, found {actual}")
        self.expected, self.actual = expected, actual


class KeyReused(Conflict):
    """The same Idempotency-Key came with another request."""


class Transient(Exception):
    """Something is away for a while; nothing is skipped. `retry_after` in seconds."""

    def __init__(self, message: str, retry_after: int = 2) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Transient):
    """A part that this process needs (store, broker, keys) does not answer."""


class TooLarge(Exception):
    """A commit over the limit; large things are blobs, the event holds their hash."""


class Poison(Exception):
    """An event whose body cannot be decoded or applied by this code."""


def refuse_if(condition: object, refusal: Refused) -> None:
    if condition:
        raise refusal


def refuse_unless(condition: object, refusal: Refused) -> None:
    if not condition:
        raise refusal


def refuse_together(refusals: list[Refused]) -> None:
    """Raise one refusal as itself, several as `RefusedTogether`, none not at all."""
    if len(refusals) == 1:
        raise refusals[0]
    if refusals:
        raise RefusedTogether(refusals)

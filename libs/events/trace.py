"""W3C trace context through the log: a commit is a span of its cause's trace."""

import re
from random import getrandbits

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def child_of(parent: str | None) -> str:
    """A `traceparent` in the parent's trace, or in a new one where none (or a broken one) came."""
    if parent is not None and _TRACEPARENT.fullmatch(parent):
        return f"00-{parent[3:35]}-{getrandbits(64):016x}-{parent[-2:]}"
    return f"00-{getrandbits(128):032x}-{getrandbits(64):016x}-01"

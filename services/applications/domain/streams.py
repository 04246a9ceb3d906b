"""The three streams of this service, by the names that never change."""

from libs.events.names import stream_name

NONE = "none"


def enterprise_stream(enterprise: str) -> str:
    return stream_name("enterprise", enterprise)


def window_stream(authority: str, window: str) -> str:
    return stream_name("window", authority, window)


def filing_stream(enterprise: str, kind: str, tier: str | None, window: str | None) -> str:
    return stream_name("filing", enterprise, kind, tier or NONE, window or NONE)

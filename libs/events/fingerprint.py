"""Fingerprints: an HMAC over route and canonical input, so that a reused Idempotency-Key is noticed."""

import hmac

NONE = "-"


class Fingerprints:
    """`secrets` are `<id>:<secret>`, separated by commas; the first is used, all are recognised."""

    def __init__(self, secrets: str) -> None:
        pairs = [part.strip().partition(":") for part in secrets.split(",")]
        self._secrets = {name: secret.encode() for name, _, secret in pairs}
        self._current = pairs[0][0]

    def of(self, canonical: str | None) -> str:
        """`<secret's id>.<hex>`; `-` where there is nothing to fingerprint (reactions and ticks)."""
        return NONE if canonical is None else self._with(self._current, canonical)

    def matches(self, stored: str, canonical: str | None) -> bool:
        if canonical is None or stored == NONE:
            return canonical is None and stored == NONE
        name = stored.partition(".")[0]
        return name in self._secrets and hmac.compare_digest(stored, self._with(name, canonical))

    def _with(self, name: str, canonical: str) -> str:
        return f"{name}.{hmac.digest(self._secrets[name], canonical.encode(), 'sha256').hex()}"

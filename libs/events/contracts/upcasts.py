"""One pure function per hop: the body of an old version becomes the body of the next one. The chain is checked at import."""

from collections.abc import Callable, Mapping
from typing import Any

from libs.events.contracts.base import Contract

Body = dict[str, Any]
Upcast = Callable[[Body], Body]


def _site_checked_2(body: Body) -> Body:
    """A yes or no becomes a result; what rested on one document rests on a list of them.

    A site that passed with remarks says `conforms`: v1 did not say whether a remark was a reservation.
    """
    kept = {name: value for name, value in body.items() if name != "passed"}
    findings = [
        finding | {"evidence": [finding["evidence"]] if finding.get("evidence") else []} for finding in body["findings"]
    ]
    return kept | {"result": "conforms" if body["passed"] else "does_not_conform", "findings": findings}


UPCASTS: Mapping[str, Upcast] = {
    "review.SiteChecked.v1": _site_checked_2,
}
"""Old wire type → the hop to the version after it."""


class ChainBroken(Exception):
    """A version of an event that today's readers could not bring to the newest, or a hop that leads nowhere."""


def following(wire_type: str) -> str:
    """`review.SiteChecked.v1` → `review.SiteChecked.v2`."""
    stem, _, number = wire_type.rpartition(".v")
    return f"{stem}.v{int(number) + 1}"


def chain_faults(known: Mapping[str, Contract], upcasts: Mapping[str, Upcast] = UPCASTS) -> list[str]:
    """Every version from 1 to the newest but one has its hop, and no hop starts elsewhere: empty when all is well."""
    needed = [f"{wire.rpartition('.v')[0]}.v{n}" for wire, c in known.items() for n in range(1, c.version)]
    missing = [f"{wire}: no upcast to {following(wire)} (libs/events/contracts/upcasts.py)" for wire in needed
               if wire not in upcasts]  # fmt: skip
    orphans = [f"{wire}: an upcast of a version that no contract is newer than" for wire in upcasts
               if wire not in needed]  # fmt: skip
    return missing + orphans


def check_chain(known: Mapping[str, Contract], upcasts: Mapping[str, Upcast] = UPCASTS) -> None:
    faults = chain_faults(known, upcasts)
    if faults:
        raise ChainBroken("; ".join(faults))

"""The checker: what a run has left in stores and topics, read raw and judged without the kernel's own verification.

Hashes, ids, order and folds are worked out here from the text of the architecture (3.0, 3.1, 3.2, 3.3, 3.7). It never
stops at the first fault.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from deploy.local.stack import Stack
from tests.faults.ledger import Ledger


@dataclass(frozen=True)
class Finding:
    """`kind` is `lost`, `doubled` or `broken`; `words` say where and what."""

    kind: str
    check: str
    words: str


@dataclass
class Expected:
    """What a scenario did on purpose and the checker accepts.

    `foreign`: how many records of each service's inbox of strays (reader service → number) are expected, exactly;
    `parked`: how many parked records per reader service; `stray_records`: topics may hold records that are no event.
    """

    foreign: dict[str, int] = field(default_factory=dict)
    parked: dict[str, int] = field(default_factory=dict)
    stray_records: bool = False


async def check(stack: Stack, ledger: Ledger, expected: Expected) -> list[Finding]:
    """Every finding; nothing found: nothing lost, nothing doubled, everything as it must be."""
    raise NotImplementedError

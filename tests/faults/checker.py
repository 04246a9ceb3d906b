"""The checker: what a run has left in stores and topics, read raw and judged without the kernel's own verification.

Hashes, ids, order and folds are worked out in `checks/` from the text of the architecture (3.0, 3.1, 3.2, 3.3, 3.7).
It never stops at the first fault.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable, Iterator

from deploy.local.stack import Stack
from tests.faults.checks import causes, commands, log, models, topic
from tests.faults.evidence import Evidence, Expected, Finding, gather
from tests.faults.ledger import Ledger

__all__ = ["CHECKS", "Expected", "Finding", "check", "judge"]

Check = Callable[[Evidence], Iterator[Finding]]
CHECKS: tuple[Check, ...] = (*log.CHECKS, *topic.CHECKS, *commands.CHECKS, *models.CHECKS, *causes.CHECKS)


async def check(stack: Stack, ledger: Ledger, expected: Expected) -> list[Finding]:
    """Every finding; nothing found: nothing lost, nothing doubled, everything as it must be."""
    return await asyncio.to_thread(judge, await gather(stack, ledger, expected))


def judge(evidence: Evidence) -> list[Finding]:
    """All checks, each to its end; one that breaks off is a finding itself, the others go on."""
    found: list[Finding] = []
    for one in CHECKS:
        try:
            found += one(evidence)
        except Exception:  # noqa: BLE001 - evidence may be anything; what cannot be judged is not proven
            found.append(Finding("broken", one.__name__, f"cannot be judged: {traceback.format_exc()}"))
    return found

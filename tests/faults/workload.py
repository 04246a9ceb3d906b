"""The load: whole cases through the gateway as real users, several at a time, for as long as a scenario lasts."""

from __future__ import annotations

from deploy.local.stack import Stack
from tests.faults.ledger import Ledger


class Workload:
    """`await prepare()` once (officials, windows); then `start()`, `await pause()`, `start()`, …, `await close()`."""

    def __init__(self, stack: Stack, ledger: Ledger, seed: int) -> None:
        self.stack, self.ledger, self.seed = stack, ledger, seed

    async def prepare(self) -> None:
        raise NotImplementedError

    def start(self) -> None:
        """Go on (or begin); returns at once."""

    async def pause(self) -> None:
        """Let every case finish the command it is at; nothing is under way afterwards."""

    async def close(self) -> None:
        """End for good."""

"""Filings that go round: submitted, seen at review, withdrawn or sent back, and when that is noted, submitted again.

So a few hundred drafts last as long as a load does, and every submission sets everything off that a first one does.
"""

from __future__ import annotations

import asyncio
from collections import deque
from time import monotonic

from bench.load import Loop
from bench.people import Receipt
from bench.town import Filing, Town

SETTLE_SECONDS = 0.5
LOOK_SECONDS = 0.02
LATER = 503
NONE_FREE = "bench.no-filing-free"
REASON = {
    "code": "figures-inconsistent",
    "text": "与审计报告不一致",
    "clause": "附件2 第一条",
    "field": "rd_expense_y1",
}


class Cycling:
    """`free` may be submitted; `waiting` are at review and not begun."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.free, self.waiting = deque(town.filings), deque[Filing]()
        self.submissions: list[Receipt] = []
        self.outstanding: list[tuple[float, int]] = []
        """(second of the run, submissions acknowledged and not yet seen at review)."""
        self._unseen = 0
        self._settling: set[asyncio.Task[None]] = set()

    def aside(self) -> list[Filing]:
        """A quarter of the drafts, to be saved and never submitted. Called before the first is submitted."""
        return [self.free.pop() for _ in range(len(self.free) // 4)]

    async def submit(self, n: int, loop: Loop, answered: str = "acknowledged", patience: float = 0.0) -> str:
        """Submit and look for it at review as the enterprise; marks `answered` with the receipt, and `visible`. Who is told to
        come again does so for `patience` seconds."""
        if not self.free:
            loop.mark(n, answered, NONE_FREE)
            return NONE_FREE
        filing = self.free.popleft()
        receipt = await filing.submit()
        if isinstance(receipt, str):
            self.free.append(filing)
            loop.mark(n, answered, receipt)
            return receipt
        loop.mark(n, answered)
        self.submissions.append(receipt)
        self._count(loop, +1)
        until = monotonic() + patience
        while (answer := await filing.person.get(filing.case, receipt.place)).status == LATER and monotonic() < until:
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        self._count(loop, -1)
        self.waiting.append(filing)
        if not answer.good:
            loop.mark(n, "visible", answer.code)
            return answer.code
        if answer.json()["status"] in ("withdrawn", "returned"):
            loop.mark(n, "visible", "bench.stale")
            return "bench.stale"
        loop.mark(n, "visible")
        return ""

    def _count(self, loop: Loop, by: int) -> None:
        self._unseen += by
        self.outstanding.append((loop.now(), self._unseen))

    async def withdraw(self, patience: float = 0.0) -> str:
        """`patience`: seconds in which one may come into sight that was submitted just before."""
        until = monotonic() + patience
        while not self.waiting:
            if monotonic() >= until:
                return NONE_FREE
            await asyncio.sleep(LOOK_SECONDS)
        filing = self.waiting.popleft()
        body, what = {"application": filing.application}, "recall"
        if not filing.begun:
            body, what = body | {"reason": "填写有误"}, "withdrawal"
        answer = await filing.person.command("POST", f"/applications/filings/{filing.path}/{what}", body)
        if not answer.good:
            self.waiting.append(filing)
            return answer.code
        self.settle(filing)
        return ""

    def settle(self, filing: Filing) -> None:
        """Free again when its owner sees that it has come to rest; looking is part of the load."""

        async def rest() -> None:
            await asyncio.sleep(SETTLE_SECONDS)
            await filing.until("withdrawn", "returned", pause=SETTLE_SECONDS)
            self.free.append(filing)

        task = asyncio.create_task(rest())
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def settled(self) -> None:
        """Until all have come to rest."""
        while self._settling:
            await asyncio.gather(*self._settling)

"""A case of 专精特新 from 提交 to the title, by robots that act as soon as they see that they may.

What only waits by rule is left out of the time: the notice of five working days, over which business time is moved.
"""

from __future__ import annotations

import asyncio
import time
from datetime import date, datetime, timedelta
from typing import Any

from bench.load import Loop
from bench.people import Firm, Person, Receipt, Refused
from bench.town import POOL, SRDI, Filing, Town, gather_few
from deploy.demo.stories import digital_answers
from libs.events.contracts.base import SERVICES
from libs.events.contracts.times import CHINA

LEVELS = ("js-county", "js-city", "js-province")
PUBLISHER = "js-province-publisher"
PLACE = "/review/lists/320000/320000"
NOTICE_DAYS = 20
"""More than five working days wherever a holiday falls."""
TRIES = 3_000
LOOK_SECONDS = 0.003


class Stuck(Exception):
    """What must come of a command has not come."""


class Chain:
    """`prepare()`, then `approve(n, loop)` for each case, `notice()`, then `announce(n, loop)` for each."""

    def __init__(self, town: Town) -> None:
        self.town, self.filings = town, list[Filing]()
        self.submissions: list[Receipt] = []

    # Before: a title of the tier below, in the pool, a digital level, and a finished draft.

    async def prepare(self) -> None:
        pool = await self.town.open_window(POOL, "pool")
        srdi = await self.town.open_window(SRDI, "srdi")
        for _, person in self.town.firms:
            person.saw([self.town.officers["js-windows"]])
        await gather_few([self._firm(known, person, pool, srdi) for known, person in self.town.firms])

    async def _firm(self, known: Firm, person: Person, pool: str, srdi: str) -> None:
        publisher = self.town.officers[PUBLISHER]
        title = {
            "enterprise_name": known.name, "authority": "320000", "region": known.region, "origin": "负载示例",
            "document": "示例〔2026〕1号", "valid_from": date.today().isoformat(), "valid_to": "2099-12-31",
        }  # fmt: skip
        await publisher.do("POST", f"/review/titles/{person.enterprise}/innovative/import", title)
        digital = {"industry": "3484", "answers": digital_answers()}
        await person.do("POST", f"/assessment/digital/{person.enterprise}", digital)
        entry = Filing(person, known, pool, POOL)
        await entry.draft()
        receipt = await entry.submit()
        if isinstance(receipt, str):
            raise Stuck(f"the entry into the pool is refused: {receipt}")
        officer = self.town.officers["js-county"]
        await self._see(officer, entry.case, receipt.place)
        await officer.do("POST", f"{entry.case}/start")
        await officer.do("POST", f"{entry.case}/approval", {"opinion": "属实，同意入库。"})
        await entry.until("approved")
        upper = Filing(person, known, srdi, SRDI)
        await upper.draft()
        for _ in range(TRIES):
            path = f"/applications/drafts/{upper.path}/check?region={known.region}"
            if not (refusals := (await person.do("GET", path))["refusals"]):
                self.filings.append(upper)
                return
            await asyncio.sleep(0.1)
        raise Stuck(f"a draft is still refused: {refusals}")

    # Three levels.

    async def approve(self, n: int, loop: Loop) -> str:
        """提交, then county (with its site check), city and province, one after another; marks each."""
        filing = self.filings[n]
        receipt = await filing.submit()
        if isinstance(receipt, str):
            return receipt
        self.submissions.append(receipt)
        await self._see(self.town.officers[LEVELS[0]], filing.case, receipt.place)
        loop.mark(n, "visible")
        for level in LEVELS:
            officer = self.town.officers[level]
            steps: list[tuple[str, Any]] = [("start", None), ("approval", {"opinion": "符合条件，同意。"})]
            if level == LEVELS[0]:
                steps.insert(1, ("site-check", {"result": "conforms", "findings": [{"text": "现场属实"}]}))
            for step, body in steps:
                answer = await officer.command("POST", f"{filing.case}/{step}", body)
                if not answer.good:
                    return f"{level} {step}: {answer.code}"
            loop.mark(n, level)
        return ""

    # The notice: all cases in one list, then business time moves on.

    async def notice(self) -> None:
        publisher = self.town.officers[PUBLISHER]
        place = f"{PLACE}/notice{self.town.first}/notice"
        body = {"level": "province", "tier": "srdi", "members": [self._member(f) for f in self.filings]}
        await publisher.do("POST", f"{place}/freezing", body)
        await self._list(publisher, place, "frozen")
        await publisher.do("POST", f"{place}/publication", {})
        await self._list(publisher, place, "published")
        await self._move_on()
        for filing in self.filings:
            await self._duty(publisher, filing, "announce")

    async def _move_on(self) -> None:
        """Business time, and everybody's token is made anew: their times are wall time, but none is to run out meanwhile."""
        admin = self.town.admin
        now = datetime.fromisoformat((await admin.do("GET", "/review/time"))["now"])
        later = (now + timedelta(days=NOTICE_DAYS)).astimezone(CHINA)
        await admin.do("POST", "/identity/clock", {"at": later.isoformat(), "reason": "负载示例"})
        offset = (await admin.do("GET", "/identity/clock"))["offset_ms"]
        for service in SERVICES:
            while abs((await admin.do("GET", f"/{service}/time"))["offset_ms"] - offset) > 1:
                await asyncio.sleep(0.02)

    # 公告, a list for each case, to the title.

    async def announce(self, n: int, loop: Loop) -> str:
        """Frozen, answered, announced, approved, titled; marks `title` when the register answers with it."""
        filing, publisher = self.filings[n], self.town.officers[PUBLISHER]
        place = f"{PLACE}/load{self.town.first}.{n}/announcement"
        body = {"level": "province", "tier": "srdi", "members": [self._member(filing)]}
        answer = await publisher.command("POST", f"{place}/freezing", body)
        if not answer.good:
            return answer.code
        await self._list(publisher, place, "frozen")
        answer = await publisher.command("POST", f"{place}/announcement", {"document": f"苏示例〔2026〕{n + 1}号"})
        if not answer.good:
            return answer.code
        path = f"/review/titles/{filing.person.enterprise}/srdi"
        for _ in range(TRIES):
            answer = await filing.person.get(path)
            if answer.good and answer.json()["status"] == "valid":
                loop.mark(n, "title")
                return ""
            await asyncio.sleep(LOOK_SECONDS)
        return "no title came"

    def _member(self, filing: Filing) -> dict[str, str]:
        return {"case": filing.application, "enterprise": filing.person.enterprise}

    async def _see(self, officer: Person, case: str, after: str) -> None:
        answer = await officer.get(case, after)
        if not answer.good:
            raise Refused(f"GET {case}", answer)

    async def _list(self, publisher: Person, place: str, status: str) -> None:
        seen: Any = None
        for _ in range(TRIES):
            answer = await publisher.get(place)
            seen = answer.json() if answer.good else answer.code
            if answer.good and seen["status"] == status and not seen.get("working"):
                return
            await asyncio.sleep(LOOK_SECONDS)
        raise Stuck(f"the list {place} is not {status}: {seen}")

    async def _duty(self, officer: Person, filing: Filing, duty: str) -> None:
        until = time.monotonic() + 120
        while (await officer.do("GET", filing.case))["duty"] != duty:
            if time.monotonic() > until:
                raise Stuck(f"{filing.case} does not come to {duty}")
            await asyncio.sleep(0.05)

"""What enterprises and officers do: registering, filing, review at county, city and province, and what is refused."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from deploy.demo.companies import PASSWORD
from deploy.demo.filing import PDF
from deploy.demo.stories import FIGURES, digital_answers
from tests.faults.firms import Firm
from tests.faults.people import Account, Person, Refusal, World

WAITED = 1_200
MOVES = 0.2
MOVED = "applications.jurisdiction-not-confirmed"
INNOVATIVE, POOL, SRDI = "innovative-2022", "jiangsu-pool", "jiangsu-srdi-2022"


class Town:
    """Officers by name and windows by name, as the load has made them."""

    def __init__(self) -> None:
        self.officers: dict[str, Account] = {}
        self.windows: dict[str, str] = {}


class Stuck(Exception):
    """Something that must come of a command did not come."""


class Life:
    """One enterprise and its cases; everything it chooses is drawn from `random`."""

    def __init__(self, world: World, town: Town, firm: Firm, random: Random) -> None:
        self.world, self.town, self.firm, self.random = world, town, firm, random
        self.person = Person(world, Account(firm.login, PASSWORD), random)
        self.registered = False

    @property
    def id(self) -> str:
        return self.person.account.enterprise

    async def live(self) -> None:
        """A whole life the first time; filings and small things again afterwards."""
        if not self.registered:
            await self._register()
            await self._become_known()
            self.registered = True
            # Who holds a title cannot say by itself that it is elsewhere: who is transferred has none.
            moves = self.sometimes(MOVES)
            further = [] if moves else [self._into_the_pool_and_on()]
            await asyncio.gather(self._first_tier(moves), self._small_things(), *further)
        else:
            await asyncio.gather(self._back_and_forth(), self._small_things())
        await self._read_messages()

    async def refused(self, *codes: str, path: str, body: Any = None, by: Person | None = None) -> None:
        """An invalid command: it must be refused, with one of these codes."""
        try:
            receipt = await (by or self.person).command(path, body)
        except Refusal as refusal:
            if refusal.code not in codes:
                self.world.ledger.defect(f"{path}: refused as {refusal}, not as {codes}")
        else:
            self.world.ledger.defect(f"{path}: accepted ({receipt.get('command')}), must be refused as {codes}")

    def sometimes(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def _times(self) -> int:
        """Mostly once, now and then several times at once."""
        return self.random.choice((1, 1, 1, 2, 3))

    # Registering.

    async def _register(self) -> None:
        person, firm = self.person, self.firm
        if self.sometimes(0.3):
            weak = firm.registration | {"email": "nobody"}
            await self._refused_publicly("identity.email-not-allowed", weak)
        key = person.new_key()
        await person.command("/identity/accounts", firm.registration, key=key, times=self._times(), public=True)
        if self.sometimes(0.3):
            await person.command("/identity/accounts", firm.registration, key=key, public=True)
        await person.sign_in()

    async def _refused_publicly(self, code: str, body: Any) -> None:
        try:
            await self.person.command("/identity/accounts", body, public=True)
        except Refusal as refusal:
            if refusal.code != code:
                self.world.ledger.defect(f"registration refused as {refusal}, not as {code}")
        else:
            self.world.ledger.defect(f"a registration was accepted that must be refused as {code}")

    async def _become_known(self) -> None:
        person, firm = self.person, self.firm
        await person.command("/identity/me/real-name", firm.real_name, times=self._times())
        person.account.token = ""
        await person.sign_in()
        await person.get(f"/applications/enterprises/{self.id}")
        await person.command(f"/applications/enterprises/{self.id}/profile", firm.profile(), times=self._times())
        await self._change_profile()

    async def _change_profile(self) -> None:
        product = f"微型精密齿轮 {self.random.randrange(10**6)}"
        body = self.firm.profile() | {"product": product}
        try:
            await self.person.command(f"/applications/enterprises/{self.id}/profile", body, method="PUT")
        except Refusal as refusal:
            if not refusal.code.startswith("applications."):
                raise

    # Filings.

    async def _first_tier(self, moves: bool) -> None:
        """创新型: withdrawn before review or not, then by county and city; returned, refused or transferred on the way."""
        filing = Case(self, "declaration", "innovative", "innovative", INNOVATIVE)
        await filing.draft(submit_early=self.sometimes())
        await filing.submit()
        if self.sometimes(0.4):
            await filing.withdraw()
            await filing.submit()
        route = "transfer" if moves else self.random.choice(("approve", "return", "reject", "late"))
        await filing.reviewed_by_county(route)
        if route not in ("reject",):
            await filing.approve("js-city", times=self._times())

    async def _into_the_pool_and_on(self) -> None:
        """A title from before, 入库, then 专精特新 by county, city and province."""
        publisher = self._officer("js-province-publisher")
        title = {
            "enterprise_name": self.firm.name, "authority": "320000", "region": self.firm.region, "origin": "示例",
            "document": "示例〔2026〕1号", "valid_from": self._today(), "valid_to": "2099-12-31",
        }  # fmt: skip
        await publisher.command(f"/review/titles/{self.id}/innovative/import", title, times=self._times())
        pool = Case(self, "pool_entry", None, "pool", POOL)
        await pool.draft()
        await pool.submit()
        await pool.approve("js-county")
        await pool.until("approved")
        await self.person.command(f"/assessment/digital/{self.id}", {"industry": "3484", "answers": digital_answers()})
        upper = Case(self, "declaration", "srdi", "srdi", SRDI)
        await upper.draft()
        await upper.until_allowed()
        await upper.submit()
        await upper.up_to_the_province()

    async def _back_and_forth(self) -> None:
        """In a window of one's own choice: submitted and withdrawn, again and again."""
        filing = Case(self, "declaration", "innovative", f"innovative-{self.random.randrange(2, 5)}", INNOVATIVE)
        await filing.draft()
        for _ in range(self.random.randrange(2, 5)):
            if await filing.status() in ("", "withdrawn", "returned"):
                await filing.submit()
            await filing.withdraw()

    async def _small_things(self) -> None:
        for _ in range(self.random.randrange(2, 5)):
            await self._change_profile()
            body = {"industry": "3484", "answers": digital_answers()}
            await self.person.command(f"/assessment/digital/{self.id}", body, times=self._times())
            await self.refused(
                "platform.not-permitted", path=f"/review/titles/{self.id}/innovative/cancellation",
                body={"reason": "无", "document": "无"},
            )  # fmt: skip

    async def _read_messages(self) -> None:
        found = await self.person.get("/notifications/inbox")
        for message in found["messages"][: self.random.randrange(3, 8)]:
            await self.person.command(f"/notifications/messages/{message['message']}/read", times=self._times())

    def _officer(self, name: str) -> Person:
        officer = Person(self.world, self.town.officers[name], self.random)
        officer.saw(self.person)
        return officer

    def _today(self) -> str:
        from datetime import date

        return date.today().isoformat()


class Case:
    """One filing on its way; `application` is known once it has been submitted."""

    def __init__(self, life: Life, kind: str, tier: str | None, window: str, form: str) -> None:
        self.life, self.kind, self.tier, self.form = life, kind, tier, form
        self.window = life.town.windows[window]
        self.person = life.person.at_desk(life.random)
        self.person.saw(life.person)
        self.path = f"{life.id}/{kind}/{tier or 'none'}/{self.window}"
        self.application = ""

    @property
    def case(self) -> str:
        return f"/review/cases/{self.life.id}/{self.application}"

    def officer(self, name: str) -> Person:
        officer = Person(self.life.world, self.life.town.officers[name], self.life.random)
        officer.saw(self.person)
        return officer

    async def draft(self, submit_early: bool = False) -> None:
        life = self.life
        body = {"kind": self.kind, "tier": self.tier, "window": self.window, "authority": life.firm.authority}
        await self.person.put_down("POST", f"/applications/drafts/{life.id}", json=body)
        if submit_early:
            await self._refused_early()
        form = (await self.person.get(f"/applications/forms/{self.form}"))["form"]
        for slot in (slot["name"] for slot in form["evidence"] if slot.get("required")):
            files = {"file": (f"{slot}.pdf", PDF, "application/pdf")}
            await self.person.put_down("POST", f"/applications/drafts/{self.path}/evidence/{slot}", files=files)
        await self.save(life.firm.answers(self.form))

    async def _refused_early(self) -> None:
        version = (await self.person.get(f"/applications/drafts/{self.path}"))["version"]
        body = {"version": version, "region": self.life.firm.region}
        await self.life.refused(
            "platform.several-refusals", "applications.form-faults", path=f"/applications/drafts/{self.path}/submission",
            body=body,
        )  # fmt: skip

    async def save(self, answers: dict[str, Any]) -> int:
        """Saved on whatever version there is: a repetition may meet its own first attempt."""
        path = f"/applications/drafts/{self.path}"
        for _ in range(5):
            current = await self.person.get(path)
            merged = {**current["answers"], **answers}
            try:
                saved = await self.person.put_down("PUT", path, json={"answers": merged}, version=current["version"])
            except Refusal as refusal:
                if refusal.status not in (409, 412):
                    raise
            else:
                return int(saved["version"])
        raise Stuck(f"{path} cannot be saved")

    async def submit(self, region: str | None = None) -> None:
        version = (await self.person.get(f"/applications/drafts/{self.path}"))["version"]
        body = {"version": version, "region": region or self.life.firm.region}
        path = f"/applications/drafts/{self.path}/submission"
        receipt = await self._confirming_the_place(path, body)
        self.application = receipt["application"]
        if self.life.sometimes(0.2):
            await self.life.refused("platform.idempotency-key-missing", path=path, body=body, by=_Keyless(self.person))

    async def _confirming_the_place(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A transfer of another case has moved the enterprise: it says again where it is."""
        for _ in range(20):
            try:
                return await self.person.command(path, body, key=self.person.new_key(), times=self.life._times())
            except Refusal as refusal:
                if refusal.code != MOVED:
                    raise
                await self.life._change_profile()
                await asyncio.sleep(0.5)
        raise Stuck(f"{path}: the place of registration does not hold")

    async def withdraw(self) -> None:
        body = {"application": self.application, "reason": "填写有误"}
        await self.person.command(f"/applications/filings/{self.path}/withdrawal", body, times=self.life._times())
        await self.until("withdrawn")

    async def status(self) -> str:
        try:
            found = await self.person.get(f"/applications/filings/{self.path}")
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            return ""
        self.application = found["application"]
        return str(found["status"])

    async def until(self, status: str) -> None:
        seen = ""
        for _ in range(WAITED):
            seen = await self.status()
            if seen == status:
                return
            await asyncio.sleep(0.1)
        raise Stuck(f"{self.path} waits for {status!r} in vain; it is {seen!r}")

    async def until_allowed(self) -> None:
        """Title, pool and digital level have arrived."""
        for _ in range(WAITED):
            path = f"/applications/drafts/{self.path}/check?region={self.life.firm.region}"
            found = (await self.person.get(path))["refusals"]
            if not found:
                return
            if {refusal["code"] for refusal in found} == {MOVED}:
                await self.life._change_profile()
            await asyncio.sleep(0.1)
        raise Stuck(f"{self.path} is still refused: {found}")

    # Review.

    async def _at_review(self, officer: Person, ready: str) -> None:
        """Until the case waits for this officer's level."""
        seen: Any = None
        for _ in range(WAITED):
            try:
                found = await officer.get(self.case)
                seen = (found["level"], found["duty"], found["status"])
                if found["level"] == ready and found["duty"] == "review":
                    return
            except Refusal as refusal:
                if refusal.status != 404:
                    raise
                seen = refusal.code
            await asyncio.sleep(0.1)
        raise Stuck(f"{self.case} does not reach {ready}: {seen}")

    async def start(self, name: str) -> Person:
        officer = self.officer(name)
        await self._at_review(officer, name.split("-")[1])
        if self.life.sometimes(0.3):
            await self.life.refused(
                "review.not-in-review", path=f"{self.case}/approval", body={"opinion": "尚未开始"}, by=officer
            )
        await officer.command(f"{self.case}/start", times=self.life._times())
        return officer

    async def approve(self, name: str, *, times: int = 1, check_site: bool = False) -> None:
        officer = await self.start(name)
        if check_site:
            await self.life.refused(
                "review.duties-open", path=f"{self.case}/approval", body={"opinion": "同意"}, by=officer
            )
            body = {"result": "conforms", "findings": [{"text": "现场属实"}]}
            await officer.command(f"{self.case}/site-check", body)
        await officer.command(f"{self.case}/approval", {"opinion": "材料齐全，同意。"}, times=times)
        self.person.saw(officer)

    async def reviewed_by_county(self, route: str) -> None:
        match route:
            case "return":
                await self._returned()
                await self.approve("js-county")
            case "reject":
                officer = await self.start("js-county")
                reason = {"code": "below-standard", "text": "未达标准", "clause": "附件1"}
                await officer.command(f"{self.case}/rejection", {"reasons": [reason]})
                self.person.saw(officer)
                await self.until("rejected")
            case "late":
                officer = await self.start("js-county")
                self.person.saw(officer)
                await self._withdrawn_too_late()
                await officer.command(f"{self.case}/approval", {"opinion": "同意。"})
                self.person.saw(officer)
            case "transfer":
                officer = await self.start("js-county")
                body = {"region": "320104", "reason": "企业注册地在秦淮区"}
                await officer.command(f"{self.case}/transfer", body, times=self.life._times())
                self.person.saw(officer)
                await self.approve("js-county-other")
            case _:
                await self.life.refused("platform.not-permitted", path=f"{self.case}/start", by=await self._stranger())
                await self.approve("js-county", times=self.life._times())

    async def _stranger(self) -> Person:
        """An officer of another county, once the case is there to be denied."""
        await self._at_review(self.officer("js-county"), "county")
        return self.officer("js-county-other")

    async def _returned(self) -> None:
        officer = await self.start("js-county")
        reasons = [{**FIGURES, "field": "rd_expense_y1"}]
        await officer.command(f"{self.case}/return", {"reasons": reasons}, times=self.life._times())
        self.person.saw(officer)
        await self.until("returned")
        await self.save({"rd_expense_y1": f"{self.life.random.randrange(36_500, 39_900) / 100:.2f}"})
        await self.submit()

    async def _withdrawn_too_late(self) -> None:
        """Refused at once, or answered by the officer's side; the filing stays in review."""
        body = {"application": self.application, "reason": "想再修改"}
        try:
            await self.person.command(f"/applications/filings/{self.path}/withdrawal", body)
        except Refusal as refusal:
            if not refusal.code.startswith("applications."):
                raise

    async def up_to_the_province(self) -> None:
        await self.approve("js-county-2", check_site=True)
        await self.approve("js-city")
        await self.approve("js-province", times=self.life._times())


class _Keyless(Person):
    """Sends commands without an Idempotency-Key."""

    def __init__(self, person: Person) -> None:
        super().__init__(person.world, person.account, person._keys)
        self.after = person.after

    async def _signed(
        self, method: str, path: str, headers: dict[str, str], public: bool = False, **options: Any
    ) -> Any:
        return await super()._signed(method, path, {}, public, **options)

"""A town that is ready for its deadline evening: officials in their offices, open windows, firms with finished drafts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.client import Answer, Client
from bench.people import Firm, Person, Receipt, Refused, firm, multipart
from deploy.demo.companies import PASSWORD
from deploy.demo.filing import PDF
from deploy.demo.world import CONTACT, OFFICES, china

AT_ONCE = 8
PACKS_COME_WITHIN = 600
LEVEL_TRIES = 600


@dataclass(frozen=True)
class Sort:
    """What is filed for; its form's evidence slots that are required are filled."""

    kind: str
    tier: str | None
    form: str
    pack: str | None
    slots: tuple[str, ...]


INNOVATIVE = Sort(
    "declaration", "innovative", "innovative-2022", "innovative@2022-63", ("business_licence", "compliance_commitment")
)
POOL = Sort("pool_entry", None, "jiangsu-pool", None, ("business_licence",))
SRDI = Sort(
    "declaration", "srdi", "jiangsu-srdi-2022", "srdi@2022-63",
    ("business_licence", "audit_reports", "social_security", "compliance_commitment"),
)  # fmt: skip


@dataclass
class Filing:
    """One draft that is finished, and what is submitted of it."""

    person: Person
    firm: Firm
    window: str
    sort: Sort = INNOVATIVE
    version: int = 0
    application: str = ""
    begun: bool = False
    """Review has begun on it some time: it cannot be withdrawn any more, only what was sent after a return taken back."""
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"{self.person.enterprise}/{self.sort.kind}/{self.sort.tier or 'none'}/{self.window}"

    @property
    def case(self) -> str:
        return f"/review/cases/{self.person.enterprise}/{self.application}"

    async def draft(self) -> None:
        person, sort = self.person, self.sort
        body = {"kind": sort.kind, "tier": sort.tier, "window": self.window, "authority": self.firm.authority}
        made = await person.do("POST", f"/applications/drafts/{person.enterprise}", body)
        version = made["version"]
        for slot in sort.slots:
            headers, content = multipart(f"{slot}.pdf", PDF)
            path = f"/applications/drafts/{self.path}/evidence/{slot}"
            answer = await person.do("POST", path, content, {**headers, "If-Match": f'"{version}"'})
            version = answer.get("version", version + 1)
        self.answers = {**made["answers"], **self.firm.answers(sort.form)}
        path, seen = f"/applications/drafts/{self.path}", {"If-Match": f'"{version}"'}
        self.version = (await person.do("PUT", path, {"answers": self.answers}, seen))["version"]

    async def save(self, more: dict[str, Any]) -> Answer:
        """As the page does by itself while somebody types."""
        headers = self.person.headers({"If-Match": f'"{self.version}"'})
        path, body = f"/api/applications/drafts/{self.path}", {"answers": {**self.answers, **more}}
        answer = await self.person.client.ask("PUT", path, headers, body)
        if answer.good:
            self.version = answer.json()["version"]
        return answer

    async def submit(self) -> Receipt | str:
        """Its receipt, or why not."""
        body = {"version": self.version, "region": self.firm.region}
        answer = await self.person.command("POST", f"/applications/drafts/{self.path}/submission", body)
        if not answer.good:
            return answer.code
        receipt = self.person.receipts[-1] if "position" in answer.headers else None
        if receipt is None:
            return "unchanged"
        self.application = receipt.content["application"]
        return receipt

    async def status(self) -> str:
        """As the enterprise sees it."""
        answer = await self.person.get(f"/applications/filings/{self.path}")
        return str(answer.json()["status"]) if answer.good else answer.code

    async def until(self, *statuses: str, pause: float = 0.25) -> None:
        """Raises TimeoutError."""
        for _ in range(LEVEL_TRIES):
            if (seen := await self.status()) in statuses:
                return
            await asyncio.sleep(pause)
        raise TimeoutError(f"a filing waits for {statuses} in vain, it is {seen}")


@dataclass
class Town:
    """Everybody. `first` is the serial number of its first firm; two towns of one deployment must not overlap."""

    client: Client
    admin: Person
    random: Random
    say: Callable[[str], None]
    first: int = 1
    officers: dict[str, Person] = field(default_factory=dict)
    windows: list[str] = field(default_factory=list)
    firms: list[tuple[Firm, Person]] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)

    @property
    def people(self) -> list[Person]:
        return [self.admin, *self.officers.values(), *(person for _, person in self.firms)]

    async def prepare(self, firms: int, windows: int, drafting: int | None = None) -> None:
        """Officials, `windows` open windows, and `firms`, of which `drafting` (all) have a finished draft in every one."""
        await self.admin.sign_in()
        await self._appoint()
        self.windows = [await self.open_window(INNOVATIVE, str(n)) for n in range(windows)]
        self.say(f"officials appointed, {windows} windows open; registering {firms} firms")
        await gather_few([self._register(firm(self.first + n)) for n in range(firms)])
        if windows:
            self.filings = [
                Filing(person, known, window) for window in self.windows for known, person in self.firms[:drafting]
            ]
            await gather_few([filing.draft() for filing in self.filings])
        self.say(f"{firms} firms registered, {len(self.filings)} drafts finished")

    async def _appoint(self) -> None:
        for n, name in enumerate(name for name in OFFICES if name.startswith("js-")):
            authority, level, region, role = OFFICES[name]
            login = f"load@{self.first}@{n}"
            office = {"authority": authority, "level": level, "region": region, "role": role}
            body = {
                "login": login, "password": PASSWORD, "name": f"负载{name}", "office": office, "document": "示例任〔2026〕1号",
            }  # fmt: skip
            await self.admin.do("POST", "/identity/officials", body)
            officer = Person(self.client, self.random, login)
            officer.saw([self.admin])
            await officer.sign_in()
            self.officers[name] = officer

    async def open_window(self, sort: Sort, batch: str) -> str:
        """Right after a first start the rule packs are still on their way to `applications`."""
        manager, pack = self.officers["js-windows"], {"pack": sort.pack} if sort.pack else {}
        body = {
            "authority": "320000", "batch": f"{self.first}.{batch}", "title": f"江苏省负载示例 {batch}", "regions": ["320000"],
            "opens": china("2024-09-01 00:00").isoformat(), "closes": china("2099-12-31 17:00").isoformat(),
            "contact": CONTACT, "kind": sort.kind, "tier": sort.tier, "form": sort.form, **pack,
        }  # fmt: skip
        for _ in range(PACKS_COME_WITHIN):
            try:
                return str((await manager.do("POST", "/applications/windows", body))["window"])
            except Refused as refused:
                if refused.code != "applications.unknown-pack":
                    raise
            await asyncio.sleep(0.2)
        raise TimeoutError("the rule packs did not reach applications")

    async def _register(self, known: Firm) -> None:
        person = Person(self.client, self.random, known.login)
        await person.do("POST", "/identity/accounts", known.registration)
        await person.sign_in()
        await person.do("POST", "/identity/me/real-name", known.real_name)
        await person.sign_in()
        await person.do("GET", f"/applications/enterprises/{person.enterprise}")
        await person.do("POST", f"/applications/enterprises/{person.enterprise}/profile", known.profile())
        person.saw([self.officers["js-windows"]])
        self.firms.append((known, person))


async def gather_few(work: Sequence[Awaitable[None]]) -> None:
    """A few at a time: more would only wait for each other."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(what: Awaitable[None]) -> None:
        async with room:
            await what

    await asyncio.gather(*(one(what) for what in work))


def town_of(
    gateway: str, admin: tuple[str, str], seed: int, say: Callable[[str], None], first: int = 1, most: int = 256
) -> Town:
    """A town on the deployment at this address; nobody is in it yet."""
    client, random = Client(gateway, most), Random(f"{seed}/town/{first}")
    return Town(client, Person(client, random, *admin), random, say, first)

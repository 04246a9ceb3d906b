"""The load: whole cases through the gateway as real users, several at a time, for as long as a scenario lasts."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from random import Random
from typing import Any

import httpx

from deploy.demo.companies import PASSWORD
from deploy.demo.world import CONTACT, OFFICES, china
from deploy.local.stack import Stack
from tests.faults.firms import Firm
from tests.faults.ledger import Ledger
from tests.faults.lives import Life, Town
from tests.faults.people import TOO_MANY, Account, Gate, Person, Refusal, World

AT_ONCE = 4
NEW_FIRMS = 0.6
"""So often a new firm registers instead of an old one filing again."""
PACKS_COME_WITHIN = 600
WINDOWS: Mapping[str, Mapping[str, Any]] = {
    "pool": {"kind": "pool_entry", "tier": None, "form": "jiangsu-pool"},
    "srdi": {"kind": "declaration", "tier": "srdi", "form": "jiangsu-srdi-2022", "pack": "srdi@2022-63"},
    "innovative": {"kind": "declaration", "tier": "innovative", "form": "innovative-2022", "pack": "innovative@2022-63"},
    "innovative-2": {"kind": "declaration", "tier": "innovative", "form": "innovative-2022", "pack": "innovative@2022-63"},
    "innovative-3": {"kind": "declaration", "tier": "innovative", "form": "innovative-2022", "pack": "innovative@2022-63"},
    "innovative-4": {"kind": "declaration", "tier": "innovative", "form": "innovative-2022", "pack": "innovative@2022-63"},
}  # fmt: skip


class Workload:
    """`await prepare()` once (officials, windows); then `start()`, `await pause()`, `start()`, …, `await close()`."""

    def __init__(self, stack: Stack, ledger: Ledger, seed: int, at_once: int = AT_ONCE) -> None:
        self.stack, self.ledger, self.at_once = stack, ledger, at_once
        self.random = Random(f"{seed}/load")
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
        http = httpx.AsyncClient(base_url=f"{stack.gateway}/api", timeout=30, limits=limits)
        self.world, self.town = World(http, ledger, Gate(), Random(f"{seed}/thinking")), Town()
        self.lives: list[Life] = []
        self.ended = 0
        self._idle: list[Life] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def prepare(self) -> None:
        self.world.gate.open()
        secrets = self.stack.secrets
        admin = Person(self.world, Account(secrets.system_admin_login, secrets.system_admin_password), self.random)
        await admin.sign_in()
        names = [name for name in OFFICES if name.startswith("js-")]
        await asyncio.gather(*(self._appoint(admin.at_desk(self.random), name) for name in names))
        manager = Person(self.world, self.town.officers["js-windows"], self.random)
        for n, (name, window) in enumerate(WINDOWS.items()):
            body = {
                "authority": "320000", "batch": f"2026.{n}", "title": f"江苏省示例申报 {n}", "regions": ["320000"],
                "opens": china("2024-09-01 00:00").isoformat(), "closes": china("2099-12-31 17:00").isoformat(),
                "contact": CONTACT, **window,
            }  # fmt: skip
            self.town.windows[name] = await self._window(manager, body)
        await self.world.gate.shut()

    async def _appoint(self, admin: Person, name: str) -> None:
        authority, level, region, role = OFFICES[name]
        login = name.replace("-", "@")[:16]
        office = {"authority": authority, "level": level, "region": region, "role": role}
        body = {
            "login": login, "password": PASSWORD, "name": f"示例{name}", "office": office, "document": "示例任〔2026〕1号",
        }  # fmt: skip
        await admin.command("/identity/officials", body)
        self.town.officers[name] = Account(login, PASSWORD)
        officer = Person(self.world, self.town.officers[name], self.random)
        await officer.sign_in()

    async def _window(self, manager: Person, body: dict[str, Any]) -> str:
        """Right after a first start the rule packs are still on their way to `applications`."""
        for _ in range(PACKS_COME_WITHIN):
            try:
                return str((await manager.command("/applications/windows", body))["window"])
            except Refusal as refusal:
                if refusal.code != "applications.unknown-pack":
                    raise
            await asyncio.sleep(0.2)
        raise TimeoutError("the rule packs did not reach applications")

    def start(self) -> None:
        """Go on (or begin); returns at once."""
        self.world.gate.open()
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._go_on(n)) for n in range(self.at_once)]

    async def pause(self) -> None:
        """Let every case finish the command it is at; nothing is under way afterwards."""
        await self.world.gate.shut()

    async def close(self) -> None:
        """End for good."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.world.http.aclose()

    async def _go_on(self, n: int) -> None:
        while True:
            life = self._next()
            try:
                await life.live()
                self.ended += 1
            except Refusal as refusal:
                if refusal.status != TOO_MANY:
                    self.ledger.defect(f"{life.firm.login}: {refusal}")
            except Exception:  # noqa: BLE001 - one case that breaks off is told of; the others go on
                self.ledger.defect(f"{life.firm.login}: {traceback.format_exc()}")
            if life.registered:
                self._idle.append(life)

    def _next(self) -> Life:
        if self._idle and self.random.random() > NEW_FIRMS:
            return self._idle.pop(self.random.randrange(len(self._idle)))
        serial = len(self.lives) + 1
        firm = Firm(serial, f"南京示例第{serial}精密科技有限公司", "320000", "320102")
        life = Life(self.world, self.town, firm, Random(f"{self.random.random()}"))
        self.lives.append(life)
        return life

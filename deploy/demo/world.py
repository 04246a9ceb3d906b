"""The demo's world: officers in their offices, windows, business time, and enterprises that have registered."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.demo.client import Refusal, User
from deploy.demo.companies import PASSWORD, Company
from deploy.demo.post import Post
from libs.events.contracts.base import SERVICES
from libs.events.contracts.times import CHINA

OFFICES = {
    "js-county": ("320000", "county", "320102", "reviewer"),
    "js-county-2": ("320000", "county", "320102", "reviewer"),
    "js-county-other": ("320000", "county", "320104", "reviewer"),
    "js-city": ("320000", "city", "320100", "reviewer"),
    "js-city-publisher": ("320000", "city", "320100", "publisher"),
    "js-province": ("320000", "province", "320000", "reviewer"),
    "js-province-publisher": ("320000", "province", "320000", "publisher"),
    "js-windows": ("320000", "province", "320000", "window_manager"),
    "xm-county": ("350200", "county", "350203", "reviewer"),
    "xm-county-publisher": ("350200", "county", "350203", "publisher"),
    "xm-city-publisher": ("350200", "city", "350200", "publisher"),
    "xm-windows": ("350200", "province", "350200", "window_manager"),
}
PACKS_COME_WITHIN = 30.0
CONTACT = {"name": "示例受理窗口", "phone": "000-00000000", "hours": "工作日 9:00—17:00"}


def china(text: str) -> datetime:
    """`2024-09-09 09:00` in China."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA)


@dataclass
class Enterprise:
    """A registered, verified enterprise and its user."""

    company: Company
    user: User
    id: str


class World:
    """Everybody who takes part; `now` moves business time for all five services."""

    def __init__(self, gateway: str, admin: tuple[str, str]) -> None:
        self.gateway = gateway
        self.admin = User(gateway, *admin)
        self.post = Post(gateway)
        self.officers: dict[str, User] = {}
        self.windows: dict[str, str] = {}
        self._users: list[User] = [self.admin]

    async def close(self) -> None:
        await self.post.close()
        for user in self._users:
            await user.close()

    async def move_to(self, text: str) -> None:
        """Move business time and wait until all five services have it."""
        body = {"at": china(text).isoformat(), "reason": "演示"}
        await self.admin.post("/identity/clock", body)
        offset = (await self.admin.get("/identity/clock"))["offset_ms"]
        for service in SERVICES:
            while abs((await self.admin.get(f"/{service}/time"))["offset_ms"] - offset) > 1:
                await asyncio.sleep(0.02)

    async def appoint_all(self) -> None:
        await self.admin.sign_in()
        await asyncio.gather(*(self._appoint(name, *office) for name, office in OFFICES.items()))

    async def _appoint(self, name: str, authority: str, level: str, region: str, role: str) -> None:
        login = name.replace("-", "@")[:16]
        office = {"authority": authority, "level": level, "region": region, "role": role}
        body = {
            "login": login, "password": PASSWORD, "name": f"示例{name}", "office": office, "document": "示例任〔2024〕1号",
        }  # fmt: skip
        await self.admin.post("/identity/officials", body)
        user = User(self.gateway, login, PASSWORD)
        self._users.append(user)
        user.saw(self.admin)
        await user.sign_in()
        self.officers[name] = user

    async def open_window(self, name: str, manager: str, kind: str, tier: str | None, batch: str, **more: Any) -> None:
        body = {
            "authority": more.pop("authority"), "kind": kind, "tier": tier, "batch": batch, "title": more.pop("title"),
            "regions": more.pop("regions"), "opens": china("2024-09-01 00:00").isoformat(),
            "closes": china(more.pop("closes")).isoformat(), "contact": CONTACT, **more,
        }  # fmt: skip
        receipt = await self._opened(self.officers[manager], body)
        self.windows[name] = receipt["window"]
        self.admin.saw(self.officers[manager])

    async def _opened(self, manager: User, body: dict[str, Any]) -> Any:
        """Right after a first start the rule packs are still on their way to `applications`: ask again for a while."""
        until = time.monotonic() + PACKS_COME_WITHIN
        while True:
            try:
                return await manager.post("/applications/windows", body)
            except Refusal as refusal:
                if refusal.code != "applications.unknown-pack" or time.monotonic() > until:
                    raise
            await asyncio.sleep(0.2)

    async def enterprise(self, company: Company, region: str | None = None) -> Enterprise:
        """Register, verify, sign in anew (the token now names the enterprise), complete the profile."""
        user = User(self.gateway, company.login, PASSWORD)
        self._users.append(user)
        # Where no code comes the number is bound later (绑定手机号): nobody is kept out by a message.
        code = await self.post.code(user, "registration", phone=company.registration["phone"]) or {}
        await user.post("/identity/accounts", company.registration | code)
        await user.sign_in()
        await user.post("/identity/me/real-name", company.real_name)
        found = (await user.sign_in())["enterprise"]
        await user.get(f"/applications/enterprises/{found}")
        await user.post(f"/applications/enterprises/{found}/profile", company.profile(region))
        return Enterprise(company, user, found)

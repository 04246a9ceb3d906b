"""Stories over HTTP on the memory store: what several of them begin with, from the profile to a submitted filing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from libs.events.contracts.times import time_text
from services.applications.domain.forms import form_from
from tests.unit.applications import kit as k
from tests.unit.applications.shell import Stage, open_stage

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
PROFILE: dict[str, Any] = {
    "authority": k.JIANGSU, "region": k.XUANWU, "address": "玄武大道 1 号", "postcode": "210000", "industry": "3983",
    "segment": "传感器", "product": "压力传感器", "registered_on": "2015-06-01", "capital": "1000.00", "size": "小型",
    "legal_representative": "张三", "contact": "李四", "contact_mobile": "13800138000", "email": "l@example.com",
}  # fmt: skip
WINDOW: dict[str, Any] = {
    "authority": k.JIANGSU, "kind": "declaration", "tier": "innovative", "batch": "2024-1", "title": "2024年度第一批",
    "regions": [k.JIANGSU], "opens": time_text(k.OPENS), "closes": time_text(k.CLOSES), "form": "innovative-2022",
    "pack": "innovative@2022-63", "prerequisites": [], "contact": k.CONTACT,
}  # fmt: skip
Story = Callable[[Stage], Awaitable[None]]


def on_stage(story: Story) -> Callable[[], None]:
    """Run a story on a fresh deployment."""

    def test() -> None:
        async def run() -> None:
            await story(await open_stage(k.INSIDE))

        asyncio.run(run())

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test


async def known(stage: Stage) -> None:
    await stage.verified()
    answer = await stage.ask("POST", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE)
    assert answer.status_code == 201, answer.text


async def window(stage: Stage, **changes: Any) -> str:
    answer = await stage.ask("POST", "/windows", WINDOW | changes, who="manager")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["window"])


def place(window_: str, kind: str = "declaration", tier: str = "innovative") -> str:
    return f"{k.ENTERPRISE}/{kind}/{tier}/{window_}"


async def draft(stage: Stage, window_: str) -> str:
    body = {"kind": "declaration", "tier": "innovative", "window": window_, "authority": k.JIANGSU}
    answer = await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body)
    assert answer.status_code in (200, 201), answer.text
    return f"/drafts/{place(window_)}"


async def save(stage: Stage, path: str, answers: dict[str, Any], version: int) -> Any:
    return await stage.ask("PUT", path, {"answers": answers}, headers={"If-Match": f'"{version}"'})


async def attach(stage: Stage, path: str, slot: str, content: bytes = PDF, name: str = "材料.pdf") -> Any:
    return await stage.ask("POST", f"{path}/evidence/{slot}", files={"file": (name, content)})


async def filled(stage: Stage, window_: str) -> tuple[str, int]:
    """A draft that may be submitted, and its version."""
    path = await draft(stage, window_)
    answer = await save(stage, path, k.answers_for("innovative-2022"), 1)
    assert answer.status_code == 200, answer.text
    for slot in form_from(k.FORMS["innovative-2022"]).evidence:
        answer = await attach(stage, path, slot.name)
        assert answer.status_code == 201, answer.text
    return path, answer.json()["version"]


async def submitted(stage: Stage) -> tuple[str, str, str]:
    """(draft path, filing path, application)."""
    await known(stage)
    window_ = await window(stage)
    path, version = await filled(stage, window_)
    answer = await stage.ask("POST", f"{path}/submission", {"version": version, "region": k.XUANWU})
    assert answer.status_code == 201, answer.text
    return path, f"/filings/{place(window_)}", answer.json()["application"]


async def heard(stage: Stage, kind: Any, filing: str, application: str, **more: Any) -> None:
    stream = f"filing-{filing.removeprefix('/filings/').replace('/', '-')}"
    content = {"level": "county", "authority": k.JIANGSU, "region": k.XUANWU, "reasons": [], "unlocked": []}
    await stage.review(kind, **(content | {"application": application, "filing": stream} | more))

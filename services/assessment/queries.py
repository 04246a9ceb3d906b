"""Look-ups on read models, within what the asker may see; the only place with filters."""

from typing import Any

from libs.events.store.ports import Document
from libs.events.web.authorization import Target
from libs.events.web.desk import Desk

HIDDEN = ("_id", "state", "covering")


async def scores_page(desk: Desk, verdict: str | None, page: int, size: int) -> Document:
    """Beside the digital level a score used stands the enterprise's latest."""
    wanted: dict[str, Any] = {"status": {"$ne": "none"}} | ({"verdict": verdict} if verdict else {})
    where = {"$and": [desk.scope("assessment.list_scores"), wanted]}
    view = desk.view("scores")
    found = await view.find(where, sort=("-at", "application"), skip=(page - 1) * size, limit=size)
    levels = await _levels(desk, sorted({one["enterprise"] for one in found}))
    items = [
        {name: value for name, value in one.items() if name not in HIDDEN}
        | {"latest_digital_level": levels.get(one["enterprise"])}
        for one in found
    ]
    return {"total": await view.count(where), "page": page, "size": size, "items": items}


async def _levels(desk: Desk, enterprises: list[str]) -> dict[str, int]:
    if not enterprises:
        return {}
    found = await desk.view("digital_levels").find({"_id": {"$in": enterprises}}, limit=len(enterprises))
    return {one["_id"]: one["level"] for one in found}


async def place_of(desk: Desk, enterprise: str) -> Target:
    """Where an enterprise's digital level may be read: for an official, where an application of it that he covers lies."""
    if desk.principal.kind != "official":
        return Target(enterprise=enterprise)
    seen = {"$and": [desk.scope("assessment.list_scores"), {"enterprise": enterprise}]}
    found = await desk.view("scores").find(seen, limit=1)
    return Target(enterprise, found[0]["authority"], found[0]["region"]) if found else Target(enterprise=enterprise)

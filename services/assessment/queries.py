"""Look-ups on read models, within what the asker may see; the only place with filters."""

from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Literal

from libs.events.contracts.actors import covering
from libs.events.store.ports import Document
from libs.events.web.authorization import Target
from libs.events.web.desk import Desk

PORTION = 100 * 100
"""Documents read at once while all are looked at."""

By = Literal["county", "city", "province"]
HIDDEN = ("_id", "state", "covering")


async def scores_page(desk: Desk, verdict: str | None, disputed: bool, page: int, size: int) -> Document:
    """Beside the digital level a score used stands the enterprise's latest."""
    wanted: dict[str, Any] = {"status": {"$ne": "none"}} | ({"verdict": verdict} if verdict else {})
    wanted |= {"dispute": {"$ne": None}} if disputed else {}
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


async def statistics(desk: Desk, by: By, pack: str | None) -> list[Document]:
    """Verdicts counted by pack and region, of the latest submission of each application; a zone counts as a county."""
    counted: Counter[tuple[str, str, str]] = Counter()
    async for one in _every(desk, {"pack": pack} if pack else {}):
        counted[one["pack"] or "", _region(one["region"], by), one["verdict"]] += 1
        counted[one["pack"] or "", _region(one["region"], by), "corrected"] += one["corrections"] > 0
    groups = sorted({(pack, region) for pack, region, _ in counted})
    return [
        {"pack": pack or None, "region": region}
        | {name: counted[pack, region, name] for name in ("pass", "fail", "open", "declined", "corrected")}
        for pack, region in groups
    ]


async def touched(desk: Desk, pack: str, sha256: str, after: str, size: int) -> list[Document]:
    """States of the scores under another text of a pack than `sha256`, in the order of their ids from `after` on."""
    other = {"pack": pack, "sha256": {"$ne": sha256}, "_id": {"$gt": after}}
    where = {"$and": [desk.scope("assessment.statistics"), other]}
    found = await desk.view("verdicts").find(where, sort=("_id",), limit=size)
    return await desk.view("scores").find({"_id": {"$in": [one["_id"] for one in found]}}, sort=("_id",), limit=size)


async def _every(desk: Desk, wanted: dict[str, Any]) -> AsyncIterator[Document]:
    after = ""
    while True:
        where = {"$and": [desk.scope("assessment.statistics"), wanted, {"_id": {"$gt": after}}]}
        found = await desk.view("verdicts").find(where, sort=("_id",), limit=PORTION)
        for one in found:
            yield one
        if len(found) < PORTION:
            return
        after = found[-1]["_id"]


def _region(region: str, by: By) -> str:
    """The county or zone itself, its city, or its province."""
    if by == "county" or not region:
        return region
    _, *above = covering(region)
    return above[0] if by == "city" and above else covering(region)[-1]

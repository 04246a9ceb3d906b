"""Attempts of strangers, counted before anything costly is done: per login name and address, and per address."""

from collections.abc import Mapping
from typing import Any

from libs.events.clock import TOLERATED_LEAD_MS
from libs.events.contracts.times import instant
from libs.events.errors import Refused
from libs.events.store.ports import AlreadyThere, Documents
from libs.events.web.desk import Desk
from libs.events.web.problems import address_of

COLLECTION = "attempts"


class TooManyAttempts(Refused):
    code = "identity.too-many-attempts"
    title = "尝试次数过多，请稍后再试"
    status = 429


def sign_in_key(desk: Desk) -> str:
    """Under which the sign-ins from the caller's address are counted, by whatever way."""
    return desk.blind("address", address_of(desk.request))


async def count_address(desk: Desk, what: str, rules: Mapping[str, Any]) -> None:
    """Count one more `what` from the caller's address. Raises TooManyAttempts."""
    key = desk.blind("address", f"{what}|{address_of(desk.request)}")
    await count(desk.documents(COLLECTION), key, rules["attempts_per_address"], desk.runtime.wall(), rules)


async def count(documents: Documents, key: str, limit: int, now_ms: int, rules: Mapping[str, Any]) -> None:
    """Count one more; wall time rules. Raises TooManyAttempts once `limit` is reached inside the window."""
    while True:
        found = await documents.get(key)
        latest = now_ms + rules["window_seconds"] * 1000
        # Farther ahead than a window lasts, a wrong clock wrote it: nobody is kept out for an hour because of that.
        if found is None or not now_ms < found["until"] <= latest + TOLERATED_LEAD_MS:
            if await _first(documents, key, found, latest):
                return
        elif found["count"] >= limit:
            raise TooManyAttempts(until=instant(found["until"]), way_out="请稍后再试")
        elif await documents.update(key, {"count": found["count"] + 1}, {"count": found["count"]}):
            return


async def _first(documents: Documents, key: str, before: Mapping[str, Any] | None, until: int) -> bool:
    document = {"_id": key, "count": 1, "until": until}
    if before is not None:
        return await documents.replace(document, {"until": before["until"]})
    try:
        await documents.insert(document)
    except AlreadyThere:
        return False
    return True


async def forget(documents: Documents, key: str) -> None:
    """After a success: the name starts anew."""
    await documents.delete({"_id": key})


async def take_back(documents: Documents, key: str) -> None:
    """After a success: it does not count against the address, where many may sit. Those who fail there still do."""
    while found := await documents.get(key):
        if await documents.update(key, {"count": max(0, found["count"] - 1)}, {"count": found["count"]}):
            return

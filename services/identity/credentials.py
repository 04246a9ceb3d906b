"""Credential documents: a holder's password hash. Never an event; written before the holder exists in the log."""

from collections.abc import Mapping
from typing import Any

from libs.events.store.ports import AlreadyThere, Documents
from services.identity.passwords import Passwords

COLLECTION = "credentials"


class Busy(Exception):
    """Somebody else is registering as the same holder right now, with another password."""


async def keep(
    documents: Documents, passwords: Passwords, holder: str, password: str, now_ms: int, expires_ms: int, **more: Any
) -> None:
    """Store the password of a holder that does not exist yet. One that broke off less than `expires_ms` ago can only
    be continued with the password it began with. Raises Busy."""
    found = await documents.get(holder)
    if found is not None and await passwords.fits(password, found["hash"]):
        if not await documents.update(holder, {"at": now_ms}, {"at": found["at"]}):
            raise Busy
        return
    document = {"_id": holder, "hash": await passwords.hash(password), "at": now_ms, **more}
    if found is None:
        await _first(documents, passwords, password, document)
    elif found["at"] + expires_ms > now_ms or not await documents.replace(document, {"hash": found["hash"]}):
        raise Busy


async def _first(documents: Documents, passwords: Passwords, password: str, document: dict[str, Any]) -> None:
    try:
        await documents.insert(document)
    except AlreadyThere:
        found = await documents.get(document["_id"])
        if found is None or not await passwords.fits(password, found["hash"]):
            raise Busy from None


async def abandoned(documents: Documents, before_ms: int) -> list[dict[str, Any]]:
    """Those begun before then that nobody has looked after since: registered by now, or never."""
    return await documents.find({"at": {"$lte": before_ms}, "settled": None}, limit=1_000)


async def settle(documents: Documents, credential: dict[str, Any], exists: bool) -> None:
    """Kept for good when its holder exists, else deleted; one that was taken up again meanwhile stays."""
    if exists:
        await documents.update(credential["_id"], {"settled": True}, {"at": credential["at"]})
    else:
        await documents.delete({"_id": credential["_id"], "at": credential["at"]})


async def fits(documents: Documents, passwords: Passwords, holder: str | None, password: str) -> dict[str, Any] | None:
    """The holder's credential if the password is right; as slow for nobody as for somebody."""
    found = await documents.get(holder or "nobody")
    right = await passwords.fits(password, found["hash"] if found else None)
    return found if right else None


async def change(documents: Documents, passwords: Passwords, holder: str, password: str, now_ms: int) -> None:
    """Another password for a holder that exists; the same again changes nothing that matters."""
    changed = {"hash": await passwords.hash(password), "settled": True, "initial": False, "changed": now_ms}
    await documents.update(holder, changed)


async def replace(
    documents: Documents, passwords: Passwords, credential: Mapping[str, Any], password: str, now_ms: int, initial: bool
) -> bool:
    """Another in place of the very one that was found; False when that is not the one any more. `initial`: somebody else
    than the holder sets it."""
    changed = {"hash": await passwords.hash(password), "initial": initial, "changed": now_ms}
    return await documents.update(credential["_id"], changed, {"hash": credential["hash"]})


def set_at(credential: Mapping[str, Any]) -> int:
    """Since when the password is this one, in wall milliseconds."""
    return int(credential.get("changed") or credential["at"])


async def remove(documents: Documents, holder: str) -> None:
    """From here nobody signs in as the holder; the answer is that of an unknown name."""
    await documents.delete({"_id": holder})

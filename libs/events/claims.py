"""Claims: of several processes one does a piece of work; another may when that one has died or has not come to an end."""

from libs.events.store.ports import AlreadyThere, Documents


async def claimed(documents: Documents, key: str, now: int, lasts: int) -> bool:
    """Whether `key` is this process's from `now` on for `lasts`, both in milliseconds of wall time.

    A claim farther ahead than any lasts was made by a clock that was wrong, and binds nobody.
    """
    found, until = await documents.get(key), now + lasts
    if found is not None:
        stale = not now < found["until"] <= until
        return stale and await documents.update(key, {"until": until}, {"until": found["until"]})
    try:
        await documents.insert({"_id": key, "until": until})
    except AlreadyThere:
        return False
    return True

"""Sessions: one document each; the refresh secret is kept as a hash and changes with every use."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from typing import Any

import msgspec

from libs.events.errors import Refused
from libs.events.store.ports import Documents

COLLECTION = "sessions"
MOST_SHOWN = 100


class Session(msgspec.Struct, frozen=True):
    """Times are wall milliseconds; `idle_until` moves with use, `ends` does not. `authority` is an official's. `amr` is how
    a second factor was proved, `proven` when it was last; `confirmed`, when the password was shown again."""

    sid: str
    kind: str
    holder: str
    authority: str
    appointment: str
    secret: str
    before: str
    rotated: int
    started: int
    idle_until: int
    ends: int
    amr: str = ""
    proven: int = 0
    confirmed: int = 0

    @property
    def document(self) -> dict[str, Any]:
        return {"_id": self.sid, **{k: v for k, v in msgspec.to_builtins(self).items() if k != "sid"}}


class SessionOver(Refused):
    code = "identity.session-over"
    title = "登录已失效，请重新登录"
    status = 401


class RefreshedElsewhere(Refused):
    code = "identity.refreshed-elsewhere"
    title = "登录状态刚刚已更新"
    status = 409


class SecretReused(Exception):
    """A refresh secret that was used long before comes again: somebody copied it."""

    def __init__(self, session: Session) -> None:
        super().__init__(session.sid)
        self.session = session


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _session(document: Mapping[str, Any]) -> Session:
    return msgspec.convert({**document, "sid": document["_id"]}, Session)


async def begin(
    documents: Documents,
    rules: Mapping[str, Any],
    now: int,
    *,
    kind: str,
    holder: str,
    authority: str,
    appointment: str,
    amr: str = "",
) -> tuple[Session, str]:
    """A new session and its cookie's value."""
    secret = token_urlsafe(32)
    session = Session(
        sid=token_hex(16),
        kind=kind,
        holder=holder,
        authority=authority,
        appointment=appointment,
        secret=_hash(secret),
        before="",
        rotated=now,
        started=now,
        idle_until=now + rules["refresh_idle_seconds"] * 1000,
        ends=now + rules["refresh_longest_seconds"] * 1000,
        amr=amr,
        proven=now if amr else 0,
    )
    await documents.insert(session.document)
    return session, f"{session.sid}.{secret}"


async def find(documents: Documents, cookie: str | None, now: int, rules: Mapping[str, Any]) -> Session:
    """The session a cookie's value belongs to. Raises SessionOver, RefreshedElsewhere, SecretReused."""
    sid, _, secret = (cookie or "").partition(".")
    document = await documents.get(sid) if sid else None
    if document is None:
        raise SessionOver()
    session, given = _session(document), _hash(secret)
    if hmac.compare_digest(given, session.secret):
        if now >= min(session.idle_until, session.ends):
            raise SessionOver()
        return session
    if session.before and hmac.compare_digest(given, session.before):
        if now - session.rotated <= rules["refresh_grace_seconds"] * 1000:
            raise RefreshedElsewhere(way_out="请重试")
        raise SecretReused(session)
    raise SessionOver()


async def by_id(documents: Documents, sid: str) -> Session | None:
    document = await documents.get(sid) if sid else None
    return None if document is None else _session(document)


async def rotate(
    documents: Documents, session: Session, rules: Mapping[str, Any], now: int, appointment: str
) -> tuple[Session, str]:
    """Another secret for the next use. Raises RefreshedElsewhere when somebody was quicker."""
    secret = token_urlsafe(32)
    idle_until = now + rules["refresh_idle_seconds"] * 1000
    changed = msgspec.structs.replace(
        session,
        secret=_hash(secret),
        before=session.secret,
        rotated=now,
        idle_until=idle_until,
        appointment=appointment,
    )
    if not await documents.replace(changed.document, {"secret": session.secret}):
        raise RefreshedElsewhere(way_out="请重试")
    return changed, f"{session.sid}.{secret}"


async def of(documents: Documents, holder: str, now: int) -> list[Session]:
    """Somebody's sessions that have not run out, the last used first."""
    found = [_session(one) for one in await documents.find({"holder": holder}, sort=("-rotated",), limit=MOST_SHOWN)]
    return [one for one in found if now < min(one.idle_until, one.ends)]


async def end(documents: Documents, sid: str) -> bool:
    """Whether there was one."""
    return await documents.delete({"_id": sid}) > 0


async def end_others(documents: Documents, holder: str, sid: str) -> int:
    """All of a holder's but this one."""
    return await documents.delete({"holder": holder, "_id": {"$ne": sid}})


async def end_all(documents: Documents, holder: str) -> int:
    return await documents.delete({"holder": holder})

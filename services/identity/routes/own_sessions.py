"""我的登录: the sessions somebody has, and ending one of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from libs.events.contracts.times import instant, time_text
from libs.events.web.desk import At
from services.identity import proving, sessions, signin

router = APIRouter(tags=["sessions"], prefix="/me/sessions")
ACTION = "identity.keep_sessions"
Sid = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("")
async def listed(desk: At) -> Response:
    """未结束的登录，最近使用的在前."""
    desk.allow(ACTION)
    found = await sessions.of(desk.documents(sessions.COLLECTION), desk.principal.id, desk.runtime.wall())
    return desk.respond({"sessions": [_shown(one, desk.principal.sid) for one in found]})


@router.delete("/{sid}", status_code=204)
async def end(desk: At, sid: Sid) -> Response:
    """结束其中一个登录, at once in every service; any but the present one after a recent proof. Another's is as if it did not
    exist."""
    desk.allow(ACTION)
    session = await sessions.by_id(desk.documents(sessions.COLLECTION), sid)
    if session is None or session.holder != desk.principal.id:
        desk.raise_not_found()
    if sid != desk.principal.sid:
        own = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
        proving.refuse_unless_recent(desk, own, ACTION)
    await signin.end_session(desk, session, "ended by its holder")
    return Response(status_code=204)


def _shown(session: sessions.Session, current: str) -> dict[str, Any]:
    times = {
        "started": session.started,
        "last_used": session.rotated,
        "idle_until": session.idle_until,
        "ends": session.ends,
    }
    told = {name: time_text(instant(at)) for name, at in times.items()}
    return {"sid": session.sid, "current": session.sid == current, "second_factor": session.amr or None, **told}

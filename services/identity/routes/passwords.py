"""Passwords of those who are signed in: one's own, and an initial one set anew for somebody who never came in."""

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.web.desk import At
from libs.events.web.models import Id
from services.identity import appointing, own_password, sessions
from services.identity.offices_bodies import InitialPassword, PasswordChange
from services.identity.passwords import passwords_of
from services.identity.routes.officials import APPOINTMENT, reach

router = APIRouter(tags=["passwords"])


@router.post("/me/password", status_code=201)
async def change(desk: At, body: PasswordChange) -> Response:
    """修改密码: the present and the new one; every other session ends."""
    desk.allow("identity.change_password")
    session = await sessions.by_id(desk.documents(sessions.COLLECTION), desk.principal.sid)
    if session is None:
        desk.raise_not_found()
    return await own_password.change(desk, passwords_of(desk.runtime.settings), session, body)


@router.post(f"{APPOINTMENT}/initial-password", status_code=201)
async def set_initial(desk: At, authority: Id, official: Id, appointment: Id, body: InitialPassword) -> Response:
    """重设初始密码 by whoever may fill all of the official's offices, while they have not set their own."""
    await reach(desk, authority, official, appointment)
    return await appointing.set_initial(desk, authority, official, body)

"""Sessions: signing in, refreshing, choosing an appointment, signing out; the public keys."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from libs.events.web.desk import At
from services.identity import signin, signing
from services.identity.bodies import ChooseAppointment, SignIn
from services.identity.passwords import passwords_of

router = APIRouter(tags=["sessions"])
JWKS_SECONDS = 60


@router.post("/session")
async def sign_in(desk: At, body: SignIn) -> Response:
    """登录: by login name, or by credit code for verified legal persons."""
    desk.allow("identity.sign_in")
    return await signin.sign_in(desk, passwords_of(desk.runtime.settings), body)


@router.post("/session/refresh")
async def refresh(desk: At) -> Response:
    """续期, by the refresh cookie alone."""
    return await signin.refresh(desk)


@router.post("/session/appointment")
async def choose_appointment(desk: At, body: ChooseAppointment) -> Response:
    """选择任职: an official acts under one appointment at a time."""
    return await signin.refresh(desk, body.appointment)


@router.delete("/session", status_code=204)
async def sign_out(desk: At) -> Response:
    """退出登录."""
    return await signin.sign_out(desk)


@router.get("/.well-known/jwks.json")
async def jwks(desk: At) -> Response:
    """The public keys that access tokens are signed with."""
    keys = (await signing.keys_now(desk.runtime)).keys.values()
    return JSONResponse({"keys": [key.jwk for key in keys]}, 200, {"Cache-Control": f"max-age={JWKS_SECONDS}"})

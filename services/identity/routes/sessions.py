"""Sessions: signing in, refreshing, choosing an appointment, signing out; the public keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from libs.events.runtime import Runtime
from libs.events.web.desk import Desk, desk_of
from libs.events.web.principals import ANYONE, NotSignedIn
from services.identity import signin, signing
from services.identity.bodies import ChooseAppointment
from services.identity.offices_bodies import ProvenSignIn, StepUp
from services.identity.passwords import passwords_of

router = APIRouter(tags=["sessions"])
JWKS_SECONDS = 60


async def visitor(request: Request) -> Desk:
    """A desk for somebody whose access token is of no matter: it may well have run out."""
    runtime: Runtime = request.app.state.runtime
    runtime.admit()
    return Desk(runtime, request, ANYONE)


async def leaving(request: Request) -> Desk:
    """With the token's session if it is still good, else without."""
    try:
        return await desk_of(request)
    except NotSignedIn:
        return await visitor(request)


Visiting = Annotated[Desk, Depends(visitor)]
Leaving = Annotated[Desk, Depends(leaving)]


@router.post("/session")
async def sign_in(desk: Visiting, body: ProvenSignIn) -> Response:
    """登录: by login name, or by credit code for verified legal persons."""
    desk.allow("identity.sign_in")
    return await signin.sign_in(desk, passwords_of(desk.runtime.settings), body)


@router.post("/session/refresh")
async def refresh(desk: Visiting) -> Response:
    """续期, by the refresh cookie alone."""
    return await signin.refresh(desk)


@router.post("/session/appointment")
async def choose_appointment(desk: Visiting, body: ChooseAppointment) -> Response:
    """选择任职: an official acts under one appointment at a time."""
    return await signin.refresh(desk, body.appointment)


@router.post("/session/step-up")
async def step_up(desk: Visiting, body: StepUp) -> Response:
    """再次验证, before what asks for a fresh proof of identity."""
    return await signin.step_up(desk, passwords_of(desk.runtime.settings), body)


@router.delete("/session", status_code=204)
async def sign_out(desk: Leaving) -> Response:
    """退出登录."""
    return await signin.sign_out(desk)


@router.get("/.well-known/jwks.json")
async def jwks(desk: Visiting) -> Response:
    """The public keys that access tokens are signed with."""
    keys = (await signing.keys_now(desk.runtime)).keys.values()
    return JSONResponse({"keys": [key.jwk for key in keys]}, 200, {"Cache-Control": f"max-age={JWKS_SECONDS}"})

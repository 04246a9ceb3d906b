"""统一登录: the providers there are, there and back, what comes of an identity without account, and one's own links."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from libs.events.web.desk import At
from services.identity.bodies import OutsideLinking, Unlinking
from services.identity.outside import arriving, configuration, linking, tickets, welcoming
from services.identity.passwords import passwords_of
from services.identity.routes.sessions import Visiting

router = APIRouter(tags=["outside sign-in"])
Provider = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,32}$")]
Identity = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
Text = Annotated[str, Query(max_length=2048)]
Word = Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")]
OWN = "/me/outside-identities"


@router.get("/providers")
async def providers(desk: Visiting) -> Response:
    """已开通的统一登录; none where none is configured."""
    desk.allow("identity.sign_in")
    return desk.respond({"providers": configuration.shown(desk)})


@router.get("/providers/{provider}/sign-in", status_code=303)
async def start(desk: Visiting, provider: Provider, return_to: Text = "/") -> Response:
    """用统一登录进入: the browser goes to the provider; `return_to` is a path of ours."""
    desk.allow("identity.sign_in")
    return await arriving.start(desk, provider, return_to)


@router.get("/providers/{provider}/callback", status_code=303)
async def finish(
    desk: Visiting, provider: Provider, state: Text = "", code: Text = "", iss: Text = "", error: Word = ""
) -> Response:
    """Back from the provider: signed in, or on with a ticket."""
    desk.allow("identity.sign_in")
    return await arriving.finish(desk, provider, arriving.Returned(state, code, iss, error))


@router.get("/outside-identity")
async def arrived(desk: Visiting) -> Response:
    """The identity this browser came with and that no account is linked with: why, and what to do next."""
    desk.allow("identity.sign_in")
    ticket = await tickets.held(desk)
    if ticket is None:
        raise tickets.over()
    return desk.respond(welcoming.shown(desk, ticket))


@router.post("/outside-identity/linking")
async def link(desk: Visiting, body: OutsideLinking) -> Response:
    """关联已有账户: by that account's own login name and password; signs in."""
    desk.allow("identity.sign_in")
    return await linking.link_by_password(desk, passwords_of(desk.runtime.settings), body)


@router.get(OWN)
async def own(desk: At) -> Response:
    """我关联的统一登录身份."""
    desk.allow("identity.maintain_own")
    return desk.respond({"identities": await linking.own(desk)})


@router.post(f"{OWN}/{{identity}}/removal", status_code=201)
async def unlink(desk: At, identity: Identity, body: Unlinking) -> Response:
    """解除关联, with the password; every session ends."""
    desk.allow("identity.maintain_own")
    return await linking.unlink(desk, passwords_of(desk.runtime.settings), identity, body)

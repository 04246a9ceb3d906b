"""The platform's own affairs: business time and signing keys (the system administrator)."""

import asyncio

import msgspec
from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.base import Event
from libs.events.contracts.identity import SigningKeyPublished
from libs.events.contracts.times import instant
from libs.events.web.desk import At, Desk
from libs.events.web.models import Body
from services.identity import queries, signing
from services.identity.bodies import ClockBody, Why
from services.identity.domain.businessclock.commands import MoveClock
from services.identity.domain.keys.commands import RetireSigningKey

router = APIRouter(tags=["platform"])
FOLLOWED_WITHIN_SECONDS = 5.0


@router.get("/clock")
async def clock(desk: At) -> Response:
    """业务时间, and whether it may be moved."""
    content, version = await queries.business_time(desk)
    return desk.respond(content, version)


@router.post("/clock", status_code=201)
async def move_clock(desk: At, body: ClockBody) -> Response:
    """调整业务时间; answered when this service follows it. Others are waited for with `Read-After`."""
    desk.allow("identity.move_clock")
    offset = body.offset(instant(desk.runtime.wall()))
    command = MoveClock(
        **desk.head,
        offset_ms=offset,
        reason=body.reason,
        production=desk.runtime.settings.profile == "production",
    )
    response = await desk.handle(command, body, show=lambda _: {"offset_ms": offset})
    await _followed(desk, offset)
    return response


async def _followed(desk: Desk, offset: int) -> None:
    """A repeated command's offset may have been passed by another move: then nothing is waited for in vain for long."""
    for _ in range(int(FOLLOWED_WITHIN_SECONDS / 0.01)):
        if desk.runtime.business.offset_ms == offset:
            return
        await asyncio.sleep(0.01)


@router.get("/signing-keys")
async def signing_keys(desk: At) -> Response:
    """签名密钥."""
    desk.allow("identity.manage_keys")
    keys = (await signing.keys_now(desk.runtime)).keys.values()
    return desk.respond({"keys": [{"kid": key.kid, "usable_from": key.usable_from} for key in keys]})


@router.post("/signing-keys", status_code=201)
async def rotate(desk: At, body: Body) -> Response:
    """更换签名密钥: published now, used when everybody has had time to see it."""
    desk.allow("identity.manage_keys")
    command = msgspec.structs.replace(await signing.new_key(desk.runtime), actor=desk.principal.actor)
    response = await desk.handle(command, body, show=_published)
    await signing.drop_unless_published(desk.runtime, command.kid)
    return response


def _published(events: list[Event]) -> dict[str, list[str]]:
    return {"published": [event.kid for event in events if isinstance(event, SigningKeyPublished)]}


@router.post("/signing-keys/{kid}/retirement", status_code=201)
async def retire(desk: At, kid: str, body: Why) -> Response:
    """停用签名密钥: its tokens are void at once."""
    desk.allow("identity.manage_keys")
    command = RetireSigningKey(
        **desk.head,
        deployment=desk.runtime.settings.deployment,
        kid=kid,
        reason=body.reason,
        now=instant(desk.runtime.wall()),
    )
    return await desk.handle(command, body)

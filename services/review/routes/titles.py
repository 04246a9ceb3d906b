"""Titles over HTTP: import and cancel; the register answers anyone, as of any date."""

from datetime import date
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from libs.events.web.authorization import Target
from libs.events.web.desk import At
from libs.events.web.models import Id
from services.review import queries
from services.review.domain.titles import decider
from services.review.domain.titles.commands import CancelTitle, ImportTitle, title_stream
from services.review.routes.bodies import Cancellation, Page, Size, Tier, TitleImport

router = APIRouter(tags=["titles"])
TITLE = "/titles/{enterprise}/{tier}"


@router.post(f"{TITLE}/import", status_code=201)
async def import_(desk: At, enterprise: Id, tier: Tier, body: TitleImport) -> Response:
    """Enter a title granted elsewhere or before."""
    desk.allow("review.import_title", Target(enterprise=enterprise, authority=body.authority, region=body.region))
    command = ImportTitle(
        **desk.head,
        enterprise=enterprise,
        tier=tier,
        enterprise_name=body.enterprise_name,
        authority=body.authority,
        region=body.region,
        origin=body.origin,
        document=body.document,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        sub_type=body.sub_type,
    )
    return await desk.handle(command, body)


@router.post(f"{TITLE}/cancellation", status_code=201)
async def cancel(desk: At, enterprise: Id, tier: Tier, body: Cancellation) -> Response:
    """取消认定, by the authority that announced it."""
    title, _ = await desk.state(decider, title_stream(enterprise, tier))
    desk.allow("review.cancel_title", Target(enterprise=enterprise, authority=title.authority, region=title.region))
    command = CancelTitle(
        **desk.head,
        enterprise=enterprise,
        tier=tier,
        reason=body.reason,
        document=body.document,
        ban_until=body.ban_until,
    )
    return await desk.handle(command, body)


@router.get(TITLE)
async def read(desk: At, enterprise: Id, tier: Tier) -> Response:
    """A title as it stands now."""
    desk.allow("review.read_register")
    title, version = await desk.state(decider, title_stream(enterprise, tier))
    if title.status == "none":
        desk.raise_not_found()
    return desk.respond(msgspec.to_builtins(title), version)


@router.get("/register")
async def register(
    desk: At,
    valid_on: date | None = None,
    authority: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None,
    region: Annotated[str | None, Query(pattern=r"^\d{6}(z\d{2})?$")] = None,
    tier: str | None = None,
    enterprise: str | None = None,
    enterprise_name: str | None = None,
    status: Literal["valid", "awaiting_re_review", "expired", "cancelled"] | None = None,
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """认定名录: who held which title, as of any date."""
    desk.allow("review.read_register")
    filters = {
        "authority": authority,
        "covering": region,
        "tier": tier,
        "enterprise": enterprise,
        "enterprise_name": enterprise_name,
        "status": status,
    }
    return desk.respond(await queries.register(desk, valid_on, filters, page, size))

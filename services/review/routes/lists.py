"""Lists over HTTP: compile, freeze, publish, announce; the public reads what is published."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from libs.events.contracts.review import Purpose
from libs.events.decider import Policies
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk
from services.review import queries
from services.review.domain.lists import decider
from services.review.domain.lists.commands import AddListMembers, AnnounceList, FreezeList, PublishList, list_stream
from services.review.domain.lists.state import ListState
from services.review.routes.bodies import Announcement, Batch, Freezing, Members, Page, Publication, Region, Size

router = APIRouter(tags=["lists"])
LIST = "/lists/{authority}/{region}/{batch}/{purpose}"


def allow(desk: Desk, action: str, authority: str, region: str) -> None:
    desk.allow(action, Target(authority=authority, region=region))


@router.post(f"{LIST}/members", status_code=201)
async def add(desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose, body: Members) -> Response:
    """Add a portion of a list that is too long for one request."""
    allow(desk, "review.compile_list", authority, region)
    command = AddListMembers(
        **desk.head,
        authority=authority,
        region=region,
        batch=batch,
        purpose=purpose,
        level=body.level,
        members=body.given(),
    )
    return await desk.handle(command, body)


@router.post(f"{LIST}/freezing", status_code=201)
async def freeze(
    desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose, body: Freezing
) -> Response:
    """名单冻结: each case on it then answers whether it may stand on it."""
    allow(desk, "review.freeze_list", authority, region)
    command = FreezeList(
        **desk.head,
        authority=authority,
        region=region,
        batch=batch,
        purpose=purpose,
        level=body.level,
        kind=body.kind,
        tier=body.tier,
        members=body.given(),
    )
    return await desk.handle(command, body)


@router.post(f"{LIST}/publication", status_code=201)
async def publish(
    desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose, body: Publication
) -> Response:
    """公示: as many days as the chain's policy says."""
    allow(desk, "review.publish_list", authority, region)
    command = PublishList(
        **desk.head, authority=authority, region=region, batch=batch, purpose=purpose, starts=body.starts
    )
    return await desk.handle(command, body)


@router.post(f"{LIST}/announcement", status_code=201)
async def announce(
    desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose, body: Announcement
) -> Response:
    """公告 with its document number: the cases on the list are approved one by one."""
    allow(desk, "review.announce_list", authority, region)
    command = AnnounceList(
        **desk.head, authority=authority, region=region, batch=batch, purpose=purpose, document=body.document
    )
    return await desk.handle(command, body)


@router.get("/lists")
async def all_lists(
    desk: At,
    status: str | None = None,
    level: str | None = None,
    batch: str | None = None,
    tier: str | None = None,
    purpose: Purpose | None = None,
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """名单 within the asker's jurisdiction, newest first."""
    filters = {"status": status, "level": level, "batch": batch, "tier": tier, "purpose": purpose}
    return desk.respond(await queries.lists(desk, filters, page, size))


@router.get(LIST)
async def read(desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose) -> Response:
    """A list: its state, period and how far its work has come."""
    allow(desk, "review.read_list", authority, region)
    state, version = await desk.state(decider, list_stream(authority, region, batch, purpose))
    if state.status == "none":
        desk.raise_not_found()
    return desk.respond(_shown(state, desk.policies()), version)


@router.get(f"{LIST}/members")
async def members(
    desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose, page: Page = 1, size: Size = 50
) -> Response:
    """The members with their answers."""
    allow(desk, "review.read_list", authority, region)
    state, version = await desk.state(decider, list_stream(authority, region, batch, purpose))
    return desk.respond(await queries.members(desk, state, False, page, size), version)


@router.get("/notices")
async def notices(
    desk: At,
    authority: Annotated[str | None, Query(pattern=r"^\d{6}$")] = None,
    region: Annotated[str | None, Query(pattern=r"^\d{6}(z\d{2})?$")] = None,
    tier: str | None = None,
    purpose: Purpose | None = None,
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """公示公告, for anyone."""
    desk.allow("review.read_notices")
    filters = {"authority": authority, "covering": region, "tier": tier, "purpose": purpose}
    return desk.respond(await queries.notices(desk, filters, page, size))


@router.get("/notices/{authority}/{region}/{batch}/{purpose}/members")
async def notice_members(
    desk: At, authority: Region, region: Region, batch: Batch, purpose: Purpose, page: Page = 1, size: Size = 50
) -> Response:
    """The enterprises on a published list, for anyone."""
    desk.allow("review.read_notices")
    state, version = await desk.state(decider, list_stream(authority, region, batch, purpose))
    if state.status not in queries.PUBLIC_STATES:
        desk.raise_not_found()
    return desk.respond(await queries.members(desk, state, True, page, size), version)


def _shown(state: ListState, policies: Policies) -> dict[str, Any]:
    days: dict[str, Any] = {"starts": state.starts, "ends": state.ends, "provisional": state.provisional}
    if state.notice is not None and not state.ended:
        days = queries.days_of(state.notice, policies)
    return {
        "list": state.list,
        "authority": state.authority,
        "region": state.region,
        "level": state.level,
        "batch": state.batch,
        "purpose": state.purpose,
        "kind": state.kind,
        "tier": state.tier,
        "status": state.status,
        "count": len(state.members) or len(state.added),
        "sha256": state.members.sha256 if state.frozen else None,
        "missing": state.members.missing,
        "declined": [{"application": case, "reason": reason} for case, reason in state.reasons],
        **days,
        "document": state.document or None,
        "announced_on": state.announced_on,
        "progress": [{"doing": job.doing, "done": job.done, "of": len(job.members)} for job in state.jobs],
    }

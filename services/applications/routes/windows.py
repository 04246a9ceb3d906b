"""申报时间: shown to everybody, kept by the authority's window managers."""

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.contracts.applications import FilingKind, WindowOpened
from libs.events.contracts.base import Event
from libs.events.contracts.times import time_text
from libs.events.web.authorization import Target
from libs.events.web.desk import At
from libs.events.web.models import Id
from services.applications import queries
from services.applications.domain import windows
from services.applications.domain.streams import window_stream
from services.applications.domain.windows.commands import ExtendWindow, OpenWindow, RebindWindow
from services.applications.routes.bodies import ExtendBody, RebindBody, WindowBody

router = APIRouter(tags=["申报时间"])


@router.get("/windows")
async def list_windows(
    desk: At,
    authority: str | None = None,
    kind: FilingKind | None = None,
    tier: str | None = Query(None, description="none: 不分梯度的申报"),
    region: str | None = None,
) -> Response:
    """申报入口一律显示：未开放的写明何时开放、向谁咨询."""
    found = await queries.windows_of(desk.view("windows"), desk.now, authority, kind, tier, region)
    return desk.respond({"now": time_text(desk.now), "entries": queries.entries(found), "windows": found})


@router.get("/windows/{authority}/{window}")
async def one_window(desk: At, authority: Id, window: Id) -> Response:
    state, version = await desk.state(windows.decider, window_stream(authority, window))
    if state.opened is None or state.closes is None:
        desk.raise_not_found()
    ended = state.has_ended(desk.now)
    now = "upcoming" if desk.now < state.opened.opens else "ended" if ended else "open"
    return desk.respond({"window": state.opened, "closes": time_text(state.closes), "state": now}, version)


@router.post("/windows", status_code=201)
async def open_window(desk: At, body: WindowBody) -> Response:
    """维护申报时间；不填标准即按规定适用，另用标准须写明依据."""
    desk.allow("applications.manage_windows", Target(authority=body.authority))
    command = OpenWindow(
        **desk.head,
        authority=body.authority,
        kind=body.kind,
        tier=body.tier,
        batch=body.batch,
        title=body.title,
        regions=tuple(body.regions),
        opens=body.opens,
        closes=body.closes,
        form=body.form,
        pack=body.pack,
        pack_reason=body.pack_reason,
        prerequisites=None if body.prerequisites is None else tuple(body.prerequisites),
        contact=dict(body.contact),
    )
    return await desk.handle(command, body, _show)


@router.post("/windows/{authority}/{window}/binding", status_code=201)
async def rebind(desk: At, authority: Id, window: Id, body: RebindBody) -> Response:
    """更换表单、标准或前置条件，写明理由."""
    desk.allow("applications.manage_windows", Target(authority=authority))
    command = RebindWindow(
        **desk.head,
        authority=authority,
        window=window,
        form=body.form,
        pack=body.pack,
        prerequisites=tuple(body.prerequisites),
        reason=body.reason,
    )
    return await desk.handle(command, body)


@router.post("/windows/{authority}/{window}/extension", status_code=201)
async def extend(desk: At, authority: Id, window: Id, body: ExtendBody) -> Response:
    """延长申报时间，写明理由."""
    desk.allow("applications.manage_windows", Target(authority=authority))
    command = ExtendWindow(**desk.head, authority=authority, window=window, closes=body.closes, reason=body.reason)
    return await desk.handle(command, body)


def _show(events: list[Event]) -> dict[str, str]:
    return {"window": next(event.window for event in events if isinstance(event, WindowOpened))}

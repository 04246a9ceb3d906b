"""Officials: appointing, ending appointments, revoking tokens (the system administrator)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.contracts.times import instant
from libs.events.web.desk import At
from libs.events.web.models import Id
from services.identity import appointing, queries, sessions
from services.identity.bodies import NewAppointment, NewOfficial, Why
from services.identity.domain.officials.commands import EndAppointment, RevokeOfficialTokens, official_stream
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.refusals import OfficialUnknown

router = APIRouter(tags=["officials"])
Filter = Annotated[str, Query(max_length=64)]
Page = Annotated[int, Query(ge=1, le=10_000)]


@router.post("/officials", status_code=201)
async def appoint(desk: At, body: NewOfficial) -> Response:
    """任命."""
    desk.allow("identity.appoint")
    return await appointing.appoint(desk, body)


@router.get("/officials")
async def listed(desk: At, authority: Filter = "", region: Filter = "", page: Page = 1) -> Response:
    """工作人员与任职列表."""
    return desk.respond(await queries.find_officials(desk, authority, region, page))


@router.get("/officials/{authority}/{official}")
async def one(desk: At, authority: Id, official: Id) -> Response:
    """一位工作人员的全部任职, always current."""
    desk.allow("identity.read_officials")
    state, version = await desk.state(officials, official_stream(authority, official))
    if not state.exists:
        raise OfficialUnknown()
    return desk.respond({"official": official, "appointments": queries.appointments_of(state)}, version)


@router.post("/officials/{official}/appointments", status_code=201)
async def appoint_again(desk: At, official: Id, body: NewAppointment) -> Response:
    """兼任."""
    desk.allow("identity.appoint")
    return await appointing.appoint_again(desk, official, body)


@router.post("/officials/{authority}/{official}/appointments/{appointment}/end", status_code=201)
async def end_appointment(desk: At, authority: Id, official: Id, appointment: Id, body: Why) -> Response:
    """免职, at once in every service."""
    desk.allow("identity.appoint")
    command = EndAppointment(
        **desk.head, authority=authority, official=official, appointment=appointment, reason=body.reason
    )
    return await desk.handle(command, body)


@router.post("/officials/{authority}/{official}/revocation", status_code=201)
async def revoke(desk: At, authority: Id, official: Id, body: Why) -> Response:
    """强制下线: every token and session of an official is void."""
    desk.allow("identity.revoke")
    before = instant(desk.runtime.wall())
    command = RevokeOfficialTokens(
        **desk.head, authority=authority, official=official, before=before, reason=body.reason
    )
    response = await desk.handle(command, body)
    await sessions.end_all(desk.documents(sessions.COLLECTION), official)
    return response

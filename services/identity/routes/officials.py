"""Officials: appointing, ending, suspending, handing over; revoking tokens. By the level above or the platform's administrators."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.contracts.times import instant
from libs.events.web.authorization import NotPermitted, Target
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.identity import appointing, queries, sessions
from services.identity.bodies import NewAppointment, NewOfficial, OfficeBody, Why
from services.identity.domain.officials.commands import (
    EndAppointment,
    HandOver,
    ResumeAppointment,
    RevokeOfficialTokens,
    SuspendAppointment,
    official_stream,
)
from services.identity.domain.officials.decide import decider as officials
from services.identity.domain.officials.refusals import AppointmentUnknown, OfficialUnknown
from services.identity.domain.officials.state import OfficialState
from services.identity.offices_bodies import Succession
from services.identity.routes import factors, oversight, own_office, own_sessions

router = APIRouter(tags=["officials"])
router.include_router(own_office.router)
router.include_router(factors.router)
router.include_router(own_sessions.router)
router.include_router(oversight.router)
Filter = Annotated[str, Query(max_length=64)]
Page = Annotated[int, Query(ge=1, le=10_000)]
ONE = "/officials/{authority}/{official}"
APPOINTMENT = ONE + "/appointments/{appointment}"


def office_target(office: OfficeBody) -> Target:
    """What is acted upon is the office; its role is its state: who may fill it the table says by that."""
    return Target(authority=office.authority, region=office.region, state=office.role)


async def reach(desk: Desk, authority: str, official: str, appointment: str) -> None:
    """Raises NotPermitted for an office that is not the principal's to fill; then OfficialUnknown, AppointmentUnknown."""
    state, _ = await desk.state(officials, official_stream(authority, official))
    found = state.appointments.get(appointment)
    if found is None:
        allow_reading(desk, state)
        raise AppointmentUnknown() if state.exists else OfficialUnknown()
    office = found.office
    desk.allow("identity.appoint", Target(authority=office.authority, region=office.region, state=office.role))


def allow_reading(desk: Desk, official: OfficialState) -> None:
    """Whoever may see one of the appointments may see the official. Raises NotPermitted."""
    places = [Target(authority=a.office.authority, region=a.office.region) for a in official.appointments.values()]
    for place in places:
        try:
            return desk.allow("identity.read_officials", place)
        except NotPermitted:
            continue
    desk.allow("identity.read_officials")


@router.post("/officials", status_code=201)
async def appoint(desk: At, body: NewOfficial) -> Response:
    """任命."""
    desk.allow("identity.appoint", office_target(body.office))
    return await appointing.appoint(desk, body)


@router.get("/officials")
async def listed(desk: At, authority: Filter = "", region: Filter = "", page: Page = 1) -> Response:
    """工作人员与任职列表."""
    return desk.respond(await queries.find_officials(desk, authority, region, page))


@router.get(ONE)
async def one(desk: At, authority: Id, official: Id) -> Response:
    """一位工作人员的全部任职, always current."""
    state, version = await desk.state(officials, official_stream(authority, official))
    allow_reading(desk, state)
    if not state.exists:
        raise OfficialUnknown()
    return desk.respond({"official": official, "appointments": queries.appointments_of(state)}, version)


@router.post("/officials/{official}/appointments", status_code=201)
async def appoint_again(desk: At, official: Id, body: NewAppointment) -> Response:
    """兼任."""
    desk.allow("identity.appoint", office_target(body.office))
    return await appointing.appoint_again(desk, official, body)


@router.post(f"{APPOINTMENT}/end", status_code=201)
async def end_appointment(desk: At, authority: Id, official: Id, appointment: Id, body: Why) -> Response:
    """免职, at once in every service."""
    await reach(desk, authority, official, appointment)
    command = EndAppointment(
        **desk.head, authority=authority, official=official, appointment=appointment, reason=body.reason
    )
    return await desk.handle(command, body)


@router.post(f"{APPOINTMENT}/suspension", status_code=201)
async def suspend(desk: At, authority: Id, official: Id, appointment: Id, body: Why) -> Response:
    """停职, at once in every service."""
    await reach(desk, authority, official, appointment)
    command = SuspendAppointment(
        **desk.head, authority=authority, official=official, appointment=appointment, reason=body.reason,
        before=instant(desk.runtime.wall()),
    )  # fmt: skip
    response = await desk.handle(command, body)
    await sessions.end_all(desk.documents(sessions.COLLECTION), official)
    return response


@router.post(f"{APPOINTMENT}/resumption", status_code=201)
async def resume(desk: At, authority: Id, official: Id, appointment: Id, body: Why) -> Response:
    """复职."""
    await reach(desk, authority, official, appointment)
    command = ResumeAppointment(
        **desk.head, authority=authority, official=official, appointment=appointment, reason=body.reason
    )
    return await desk.handle(command, body)


@router.post(f"{APPOINTMENT}/hand-over", status_code=201)
async def hand_over(desk: At, authority: Id, official: Id, appointment: Id, body: Succession) -> Response:
    """移交: the same office, with everything that waits for it, to a successor of the same authority."""
    await reach(desk, authority, official, appointment)
    command = HandOver(
        **desk.head, authority=authority, official=official, appointment=appointment, successor=body.successor,
        document=body.document, valid_to=body.valid_to,
    )  # fmt: skip
    return await desk.handle(command, body)


@router.post(f"{ONE}/revocation", status_code=201)
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

"""个人信息: finding a person's id, erasing, keeping (platform administrators)."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from libs.events.contracts.base import Event
from libs.events.contracts.identity import LegalHoldPlaced
from libs.events.errors import Refused, refuse_unless
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.identity import queries
from services.identity.bodies import Erasure, HoldAsked, Person, Why
from services.identity.domain.subjects.commands import EraseSubject, LiftHold, PlaceHold
from services.identity.erasing import destroy_key

router = APIRouter(tags=["subjects"], prefix="/subjects")


class SubjectUnknown(Refused):
    code = "identity.subject-unknown"
    title = "没有这个人的个人信息"
    status = 404


@router.post("/search")
async def search(desk: At, body: Person) -> Response:
    """一个人在企业、账户或任职中的编号; a name is looked for as it was typed for that enterprise."""
    desk.allow("identity.erase")
    return desk.respond({"subjects": await queries.subjects_of(desk, body)})


@router.get("/{subject}")
async def subject(desk: At, subject: Id) -> Response:
    """是否已删除, and who wants the values kept."""
    desk.allow("identity.read_subjects")
    content, version = await queries.subject(desk, subject)
    return desk.respond(content, version)


@router.post("/{subject}/erasure", status_code=201)
async def erase(desk: At, subject: Id, body: Erasure) -> Response:
    """删除个人信息: answered when the key is destroyed; a crash in between is made good by the next process."""
    desk.allow("identity.erase")
    await _known(desk, subject)
    command = EraseSubject(**desk.head, subject=subject, reason=body.reason, basis=body.basis)
    decided = await desk.decide(command, body)
    await destroy_key(desk.runtime, subject)
    return desk.receipt(decided)


@router.post("/{subject}/holds", status_code=201)
async def place_hold(desk: At, subject: Id, body: HoldAsked) -> Response:
    """依法保留."""
    desk.allow("identity.hold")
    await _known(desk, subject)
    command = PlaceHold(**desk.head, subject=subject, holder=body.holder, reason=body.reason, until=body.until)
    return await desk.handle(command, body, show=_placed)


@router.post("/{subject}/holds/{hold}/lifting", status_code=201)
async def lift_hold(desk: At, subject: Id, hold: Id, body: Why) -> Response:
    """解除保留."""
    desk.allow("identity.hold")
    return await desk.handle(LiftHold(**desk.head, subject=subject, hold=hold, reason=body.reason), body)


def _placed(events: list[Event]) -> dict[str, Any]:
    return {"hold": next(event.hold for event in events if isinstance(event, LegalHoldPlaced))}


async def _known(desk: Desk, subject: str) -> None:
    known = await desk.runtime.keys.known(subject)
    refuse_unless(known, SubjectUnknown(way_out="请先以企业和姓名、账户或工作人员查出编号"))

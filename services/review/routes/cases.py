"""Cases over HTTP: what officers do with them, and how they are read."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response

from libs.events.contracts.actors import Level
from libs.events.contracts.review import Duty
from libs.events.contracts.times import time_text
from libs.events.web.authorization import Target
from libs.events.web.desk import At, AtStates, Desk
from libs.events.web.models import Id
from libs.events.web.times import AsOf
from services.review import queries
from services.review.domain.case import decider
from services.review.domain.case.commands import (
    ApproveAtLevel,
    FileForRecord,
    RecordSiteCheck,
    RejectApplication,
    ReturnApplication,
    StartReview,
    TakeOverCase,
    TransferCase,
    case_stream,
)
from services.review.domain.case.overview import duties_open, next_acts, steps
from services.review.domain.case.state import CaseState
from services.review.routes.bodies import Opinion, Page, Reasons, Record, SiteCheck, Size, Transfer

router = APIRouter(tags=["cases"])
CASE = "/cases/{enterprise}/{application}"


async def reach(
    desk: Desk, action: str, enterprise: str, application: str, as_of: datetime | None = None
) -> tuple[CaseState, int]:
    """The case (as of then), if there is one and the principal may do this to it as it stands now."""
    stream = case_stream(enterprise, application)
    case, version = await desk.state(decider, stream)
    target = Target(enterprise=enterprise, authority=case.authority, region=case.region)
    await desk.allow_or_repeat(action, target, stream)
    if as_of is not None:
        case, version = await desk.state(decider, stream, time_text(as_of))
    if case.status == "none":
        desk.raise_not_found()
    return case, version


@router.post(f"{CASE}/start", status_code=201)
async def start(desk: AtStates, enterprise: Id, application: Id) -> Response:
    """开始审核: from here the enterprise cannot withdraw."""
    await reach(desk, "review.start", enterprise, application)
    return await desk.handle(StartReview(**desk.head, enterprise=enterprise, application=application))


@router.post(f"{CASE}/take-over", status_code=201)
async def take_over(desk: AtStates, enterprise: Id, application: Id) -> Response:
    """接办: take the case from the reviewer who holds it."""
    await reach(desk, "review.take_over", enterprise, application)
    return await desk.handle(TakeOverCase(**desk.head, enterprise=enterprise, application=application))


@router.post(f"{CASE}/return", status_code=201)
async def return_(desk: AtStates, enterprise: Id, application: Id, body: Reasons) -> Response:
    """退回修改: with reasons; the fields they name are unlocked, `region-wrong` unlocks the region."""
    await reach(desk, "review.return", enterprise, application)
    command = ReturnApplication(**desk.head, enterprise=enterprise, application=application, reasons=body.given())
    return await desk.handle(command, body)


@router.post(f"{CASE}/approval", status_code=201)
async def approve(desk: AtStates, enterprise: Id, application: Id, body: Opinion) -> Response:
    """通过 at the level that holds the case."""
    await reach(desk, "review.approve", enterprise, application)
    command = ApproveAtLevel(**desk.head, enterprise=enterprise, application=application, opinion=body.opinion)
    return await desk.handle(command, body)


@router.post(f"{CASE}/rejection", status_code=201)
async def reject(desk: AtStates, enterprise: Id, application: Id, body: Reasons) -> Response:
    """不通过, with reasons."""
    await reach(desk, "review.reject", enterprise, application)
    command = RejectApplication(**desk.head, enterprise=enterprise, application=application, reasons=body.given())
    return await desk.handle(command, body)


@router.post(f"{CASE}/site-check", status_code=201)
async def site_check(desk: AtStates, enterprise: Id, application: Id, body: SiteCheck) -> Response:
    """登记实地抽查: its result and findings."""
    await reach(desk, "review.check_site", enterprise, application)
    command = RecordSiteCheck(
        **desk.head, enterprise=enterprise, application=application, result=body.result, findings=body.given()
    )
    return await desk.handle(command, body)


@router.post(f"{CASE}/transfer", status_code=201)
async def transfer(desk: AtStates, enterprise: Id, application: Id, body: Transfer) -> Response:
    """移送 to the right jurisdiction of the same authority."""
    await reach(desk, "review.transfer", enterprise, application)
    command = TransferCase(
        **desk.head, enterprise=enterprise, application=application, region=body.region, reason=body.reason
    )
    return await desk.handle(command, body)


@router.post(f"{CASE}/record", status_code=201)
async def record(desk: AtStates, enterprise: Id, application: Id, body: Record) -> Response:
    """备案: the approved case is filed for record."""
    await reach(desk, "review.record", enterprise, application)
    command = FileForRecord(**desk.head, enterprise=enterprise, application=application, document=body.document)
    return await desk.handle(command, body)


@router.get(CASE)
async def read(desk: AtStates, enterprise: Id, application: Id, as_of: AsOf = None) -> Response:
    """案卷: every step, who holds it since when, duties open, what may come next and by whom."""
    case, version = await reach(desk, "review.read_case", enterprise, application, as_of)
    return desk.respond(_shown(case, official=desk.principal.kind == "official"), version)


@router.get(f"{CASE}/timeline")
async def timeline(desk: At, enterprise: Id, application: Id, as_of: AsOf = None) -> Response:
    """办理进度, in order."""
    await reach(desk, "review.read_case", enterprise, application)
    found = await queries.timeline(desk, application, time_text(as_of) if as_of else None)
    return desk.respond(found) if found else desk.raise_not_found()


@router.get(f"{CASE}/submission")
async def submission(desk: At, enterprise: Id, application: Id) -> Response:
    """What was submitted last: open answers, evidence, digital level."""
    await reach(desk, "review.read_case", enterprise, application)
    found = await queries.submission(desk, application)
    return desk.respond(found["current"]) if found else desk.raise_not_found()


@router.get(f"{CASE}/difference")
async def difference(desk: At, enterprise: Id, application: Id) -> Response:
    """The resubmission against the round before, with what the return had asked for."""
    case, _ = await reach(desk, "review.read_case", enterprise, application)
    found = await queries.difference(desk, application)
    if found is None:
        desk.raise_not_found()
    asked = msgspec.to_builtins(case.last_return)
    return desk.respond(found | {"asked": asked})


@router.get("/queue")
async def queue(
    desk: At,
    where: Annotated[Literal["office", "enterprise", "clock", "done", "any"], Query()] = "office",
    level: Level | None = None,
    duty: Duty | None = None,
    status: str | None = None,
    kind: str | None = None,
    tier: str | None = None,
    batch: str | None = None,
    region: Annotated[str | None, Query(pattern=r"^\d{6}(z\d{2})?$")] = None,
    mine: bool = False,
    page: Page = 1,
    size: Size = 20,
) -> Response:
    """待办: the cases within the asker's jurisdiction, longest waiting first."""
    filters: dict[str, Any] = {
        "where": None if where == "any" else where,
        "level": level,
        "duty": duty,
        "status": status,
        "kind": kind,
        "tier": tier,
        "batch": batch,
        "covering": region,
        "holder": desk.principal.actor.id if mine else None,
    }
    return desk.respond(await queries.queue(desk, filters, page, size))


@router.get("/reasons")
async def reasons(
    desk: At,
    authority: Annotated[str, Query(pattern=r"^\d{6}$")],
    purpose: Literal["return", "reject"] | None = None,
) -> Response:
    """原因代码: for returns and rejections, with what each unlocks and the way out."""
    desk.allow("review.read_reasons")
    policy = desk.policies().of_authority("reasons", authority)
    entries = [entry for entry in policy.content["reasons"] if purpose is None or purpose in entry["for"]]
    return desk.respond({"policy": policy.pin, "reasons": entries})


def _shown(case: CaseState, official: bool) -> dict[str, Any]:
    """An enterprise sees levels and offices, not which officer."""
    content: dict[str, Any] = msgspec.to_builtins(case)
    for name in ("approvals", "checks", "stage", "score", "status_before", "since_before"):
        del content[name]
    views: list[dict[str, Any]] = msgspec.to_builtins(steps(case))
    if not official:
        content["holder"] = None
        views = [view | {"officer": None} for view in views]
    stage = case.current
    return content | {
        "level": stage.level if stage else None,
        "duty": stage.duty if stage else None,
        "steps": views,
        "duties_open": list(duties_open(case)),
        "next": msgspec.to_builtins(next_acts(case)),
        "score": msgspec.to_builtins(case.current_score),
        "checks": msgspec.to_builtins(case.checks),
    }

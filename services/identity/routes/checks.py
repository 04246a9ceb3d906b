"""人工核验: asked for by whoever cannot go on, looked at and answered by the account checkers of the region."""

from typing import Annotated

from fastapi import APIRouter, File, Query, UploadFile
from starlette.responses import Response

from libs.events.web.desk import At
from libs.events.web.models import Body, Id
from services.identity import checks, licences
from services.identity.bodies import CheckAnswer, CheckAsked, Why
from services.identity.domain.checks.commands import WithdrawCheck, check_stream
from services.identity.domain.checks.decide import decider

router = APIRouter(tags=["checks"])
LARGEST_PAGE = 100
Page = Annotated[int, Query(ge=1, le=10_000)]
Status = Annotated[str, Query(pattern=r"^[a-z]{0,16}$")]


@router.post("/licences", status_code=201)
async def upload(desk: At, file: Annotated[UploadFile, File()]) -> Response:
    """上传营业执照扫描件（multipart，字段 file）; `scan` says whether it was looked at for malware."""
    desk.allow("identity.recover")
    return desk.respond(await licences.take(desk, await file.read()), status=201)


@router.post("/checks", status_code=201)
async def ask(desk: At, body: CheckAsked) -> Response:
    """申请人工核验: 手机号修改、账号找回, or 变更法定代表人."""
    desk.allow("identity.recover")
    return await checks.ask(desk, body)


@router.get("/checks/{check}/progress")
async def progress(desk: At, check: Id) -> Response:
    """进度, for whoever knows the number of the check."""
    desk.allow("identity.recover")
    state, version = await desk.state(decider, check_stream(check))
    return desk.respond(checks.progress(state, desk), version)


@router.post("/checks/{check}/withdrawal", status_code=201)
async def withdraw(desk: At, check: Id, body: Why) -> Response:
    """撤回申请, by whoever knows its number."""
    desk.allow("identity.recover")
    desk = desk.as_public(desk.blind("check", check))
    return await desk.handle(WithdrawCheck(**desk.head, check=check, reason=body.reason), body)


@router.get("/checks")
async def listed(desk: At, status: Status = "", page: Page = 1) -> Response:
    """辖区内的人工核验, the most urgent first."""
    where = desk.scope("identity.read_checks") | ({"status": status} if status else {})
    view = desk.view("checks")
    found = await view.find(where, sort=("due",), skip=(page - 1) * LARGEST_PAGE, limit=LARGEST_PAGE)
    shown = [{k: v for k, v in one.items() if k not in ("_id", "covering")} for one in found]
    return desk.respond({"total": await view.count(where), "checks": shown})


@router.get("/checks/{check}")
async def detail(desk: At, check: Id) -> Response:
    """What was stated, with what the account says, for a checker of the region."""
    return desk.respond(await checks.detail(desk, check))


@router.get("/checks/{check}/licence")
async def licence(desk: At, check: Id) -> Response:
    """营业执照扫描件."""
    state = await checks.permitted(desk, check, "identity.check")
    assert state.requested is not None
    scan = state.requested.licence
    stored = await desk.blobs.get(scan.blob)
    if stored is None:
        desk.raise_not_found()
    headers = {
        "Content-Disposition": "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
        "Cache-Control": "no-store",
        "ETag": f'"{scan.sha256}"',
    }
    return Response(await desk.decrypt_blob(scan.subject, stored), media_type=scan.media_type, headers=headers)


@router.post("/checks/{check}/taking", status_code=201)
async def take(desk: At, check: Id, body: Body) -> Response:
    """受理, or taking over from a colleague."""
    return await checks.take(desk, check)


@router.post("/checks/{check}/answer", status_code=201)
async def answer(desk: At, check: Id, body: CheckAnswer) -> Response:
    """答复: approved and carried out, or refused with reasons; told by SMS to the new number."""
    return await checks.answer(desk, check, body)

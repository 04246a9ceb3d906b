"""佐证材料: one file, one request; encrypted before it is stored, opened only for those who may read the filing."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, File, UploadFile
from starlette.responses import Response

from libs.events.contracts.applications import Evidence
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from services.applications import queries, saving
from services.applications.domain import filings, windows
from services.applications.domain.forms import Form, form_from, windowless_form
from services.applications.domain.streams import window_stream
from services.applications.drafts import Document, Draft, evidence_of
from services.applications.evidence import FileRefused, examined, normalised
from services.applications.routes.naming import PATH, Named

router = APIRouter(tags=["佐证材料"])
Name = Annotated[str, "a slot's name"]


@router.post("/drafts" + PATH + "/evidence/{slot}", status_code=201)
async def upload(desk: At, draft: Named, slot: Name, file: Annotated[UploadFile, File()]) -> Response:
    """上传一份佐证材料（multipart，字段 file，最大 20 MB）；文件名不限."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    found = await saving.load(desk, draft)
    form = await _form(desk, draft, found)
    place = form.slot(slot) if form else None
    if place is None:
        name = normalised(file.filename or "")
        raise FileRefused(name, f"表单中没有“{slot}”这一项佐证材料", "请从表单所列的项目上传")
    content = await file.read()
    evidence = examined(place, file.filename or "", content, draft.enterprise)
    await desk.blobs.put(evidence.blob, await desk.encrypt_blob(draft.enterprise, content))
    after = await saving.attach(desk, draft, evidence)
    return desk.respond({"evidence": evidence, "version": after["version"]}, after["version"], 201)


@router.delete("/drafts" + PATH + "/evidence/{slot}/{sha256}")
async def remove(desk: At, draft: Named, slot: Name, sha256: Id) -> Response:
    """从草稿移除；已随申报提交的仍保留在该次提交中."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    after = await saving.detach(desk, draft, slot, sha256)
    return desk.respond({"version": after["version"]}, after["version"])


@router.get("/drafts" + PATH + "/evidence/{sha256}")
async def own(desk: At, draft: Named, sha256: Id) -> Response:
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    found = await saving.load(desk, draft)
    return await _download(desk, draft.enterprise, evidence_of(found), sha256)


@router.get("/applications/{application}/evidence/{sha256}")
async def filed(desk: At, application: Id, sha256: Id) -> Response:
    """已提交的佐证材料，企业本身和有管辖权的主管部门可查看."""
    found = await queries.filing_called(desk, application)
    desk.allow("applications.read_filing", Target(found["enterprise"], found["authority"], found["region"]))
    await desk.note_export(f"evidence:{sha256}", "查看佐证材料")
    state, _ = await desk.state(filings.decider, found["filing"])
    files = state.submission.evidence if state.submission else ()
    return await _download(desk, found["enterprise"], files, sha256)


async def _download(desk: Desk, enterprise: str, files: tuple[Evidence, ...], sha256: str) -> Response:
    file = next((one for one in files if one.sha256 == sha256), None)
    stored = await desk.blobs.get(file.blob) if file else None
    if file is None or stored is None:
        desk.raise_not_found()
    content = await desk.decrypt_blob(enterprise, stored)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "X-Content-Type-Options": "nosniff",
        "ETag": f'"{file.sha256}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type=file.media_type, headers=headers)


async def _form(desk: Desk, draft: Draft, found: Document) -> Form | None:
    """The form whose slots count: of the filing that is corrected, else the window's, else the one without a window."""
    filing, _ = await desk.state(filings.decider, draft.id)
    if filing.status == "returned" and filing.submission is not None:
        return form_from(desk.policies().pinned(filing.submission.form))
    if draft.window is not None:
        window, _ = await desk.state(windows.decider, window_stream(found["authority"], draft.window))
        return form_from(desk.policies().pinned(window.opened.form)) if window.opened else None
    pin = windowless_form(desk.policies(), found["authority"], draft.kind, draft.tier)
    return form_from(desk.policies().pinned(pin)) if pin else None

"""谁看过: the access log over HTTP, for whom it is about and for auditors."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.attesting import last_attested
from libs.events.contracts.times import instant, time_text
from libs.events.ids import make_id
from libs.events.store.ports import Document
from libs.events.web.desk import At
from libs.events.web.principals import NotSignedIn, Principal

router = APIRouter(tags=["access log"])
Page = Annotated[int, Query(ge=1, le=10_000)]
Filter = Annotated[str, Query(max_length=80)]
PAGE = 50
TOLD = ("at", "kind", "office", "represents", "action", "label", "why")
"""What somebody is told of those who looked: which office, when, at what, why; not which person."""


@router.get("/me/accesses")
async def about_me(desk: At, page: Page = 1) -> Response:
    """谁看过我的个人信息：哪一机关的哪一角色，何时，哪一项，为何."""
    if desk.principal.kind == "public":
        raise NotSignedIn("请先登录")
    where = about(desk.principal)
    documents = desk.runtime.notes.documents
    found = await documents.find(where, sort=("-n",), skip=(page - 1) * PAGE, limit=PAGE)
    return desk.respond({"total": await documents.count(where), "page": page, "accesses": [told(one) for one in found]})


def about(principal: Principal) -> dict[str, Any]:
    """Readings of values that are the principal's own, or their enterprise's; never the principal's own doings."""
    subject = make_id("subject", principal.kind, principal.id)
    mine: list[dict[str, Any]] = [{"subject": subject}]
    if principal.enterprise is not None:
        mine.append({"enterprise": principal.enterprise})
    return {"kind": {"$in": ["read", "export"]}, "$or": mine}


def told(entry: Document) -> dict[str, Any]:
    return {name: entry.get(name) for name in TOLD} | {"at": time_text(instant(entry["at"]))}


@router.get("/accesses")
async def listed(
    desk: At, kind: Filter = "", who: Filter = "", subject: Filter = "", enterprise: Filter = "", page: Page = 1
) -> Response:
    """访问日志：审计管理员看全部，审计员看本机关辖区内的."""
    named = {"kind": kind, "who": who, "subject": subject, "enterprise": enterprise}
    scoped = desk.scope(f"{desk.runtime.service.name}.read_accesses")
    where = {"$and": [{"n": {"$gt": 0}}, *([scoped] if scoped else []), {k: v for k, v in named.items() if v}]}
    documents = desk.runtime.notes.documents
    found = await documents.find(where, sort=("-n",), skip=(page - 1) * PAGE, limit=PAGE)
    entries = [{k: v for k, v in one.items() if k not in ("_id", "covering")} for one in found]
    return desk.respond({"total": await documents.count(where), "page": page, "entries": entries})


@router.get("/accesses/verification")
async def verification(desk: At) -> Response:
    """校验：条数、末条的散列值、最近一次存证；有缺失、截断或改动的，指明第一处."""
    desk.allow(f"{desk.runtime.service.name}.verify_accesses")
    attested = await last_attested(desk.runtime)
    entries, head, broken = await desk.runtime.notes.verify(attested)
    content = {"entries": entries, "head": head, "attested": attested, "intact": broken is None, "fault": broken}
    return desk.respond({**content, "dropped": desk.runtime.notes.dropped})

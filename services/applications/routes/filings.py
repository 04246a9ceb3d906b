"""申报记录: where a filing stands, who has it since when, what may be done now and if not, why."""

from typing import Any

import msgspec
from fastapi import APIRouter, Query
from starlette.responses import Response

from libs.events.contracts.base import Personal
from libs.events.decider import Command
from libs.events.errors import Refused
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk
from libs.events.web.models import Id
from libs.events.web.problems import refusal_content
from libs.events.web.times import AsOf
from services.applications import queries
from services.applications.domain import filings, reference
from services.applications.domain.filings.commands import (
    RequestRecall,
    RequestWithdrawal,
    ReviveApplication,
    VoidApplication,
)
from services.applications.domain.filings.refusals import NoSuchFiling, OtherFilingOpen
from services.applications.domain.filings.state import FilingState
from services.applications.drafts import Draft
from services.applications.routes.bodies import ApplicationBody, VoidBody, WithdrawalBody
from services.applications.routes.naming import PATH, Named
from services.applications.routes.people import opened

router = APIRouter(tags=["申报记录"])


@router.get("/filings")
async def list_filings(
    desk: At,
    status: str | None = None,
    kind: str | None = None,
    tier: str | None = None,
    region: str | None = None,
    window: str | None = None,
    page: int = Query(1, ge=1, le=100_000),
    size: int = Query(50, ge=1, le=200),
) -> Response:
    """企业看到自己的申报，主管部门看到辖区内的申报."""
    named = {"status": status, "kind": kind, "tier": tier, "covering": region, "window": window}
    where = {name: value for name, value in named.items() if value is not None}
    return desk.respond(await queries.filings_page(desk, where, page, size))


@router.get("/filings" + PATH)
async def read(desk: At, named: Named, as_of: AsOf = None) -> Response:
    """一份申报的状态，现在可以做什么、不能做的为什么."""
    return await _read(desk, named.id, as_of)


@router.get("/applications/{application}")
async def by_application(desk: At, application: Id, as_of: AsOf = None) -> Response:
    found = await queries.filing_called(desk, application)
    return await _read(desk, found["filing"], as_of)


@router.get("/applications/{application}/submission")
async def submission(desk: At, application: Id, personal: bool = False) -> Response:
    """最近一次提交的全部内容；personal=true 时显示个人信息，查看会留痕."""
    found = await queries.filing_called(desk, application)
    desk.allow("applications.read_filing", Target(found["enterprise"], found["authority"], found["region"]))
    snapshot = await desk.view("submissions").get(application)
    if snapshot is None:
        desk.raise_not_found()
    sealed = msgspec.convert(snapshot.get("personal", {}), dict[str, Personal[str]])
    shown = await opened(desk, sealed, "查看申报材料") if personal else dict.fromkeys(sealed, "（已加密）")
    hidden = ("_id", "covering", "personal")
    return desk.respond({name: v for name, v in snapshot.items() if name not in hidden} | {"personal": shown})


@router.post("/filings" + PATH + "/withdrawal", status_code=201)
async def withdraw(desk: At, named: Named, body: WithdrawalBody) -> Response:
    """撤回：审核开始前可以；申报时间结束后撤回将无法重新提交，须确认知晓."""
    desk.allow("applications.withdraw", Target(enterprise=named.enterprise))
    filing, _ = await desk.state(filings.decider, named.id)
    command = _withdrawal(desk, named, filing, body.application)
    return await desk.handle(
        msgspec.structs.replace(command, reason=body.reason, knows_it_is_final=body.knows_it_is_final), body
    )


@router.post("/filings" + PATH + "/recall", status_code=201)
async def recall(desk: At, named: Named, body: ApplicationBody) -> Response:
    """取回：退回修改后重新提交、再次审核开始前，取回继续修改."""
    desk.allow("applications.withdraw", Target(enterprise=named.enterprise))
    return await desk.handle(RequestRecall(**desk.head, filing=named.id, application=body.application), body)


@router.post("/filings" + PATH + "/revival", status_code=201)
async def revive(desk: At, named: Named, body: ApplicationBody) -> Response:
    """恢复：申报时间延长后，恢复因到期失效的申报."""
    desk.allow("applications.withdraw", Target(enterprise=named.enterprise))
    filing, _ = await desk.state(filings.decider, named.id)
    return await desk.handle(_revival(desk, named, filing, body.application), body)


@router.post("/filings" + PATH + "/void", status_code=201)
async def void(desk: At, named: Named, body: VoidBody) -> Response:
    """终止：企业注销、处于禁止期或查实弄虚作假."""
    filing, _ = await desk.state(filings.decider, named.id)
    desk.allow("applications.void", _target(named.enterprise, filing))
    command = VoidApplication(**desk.head, filing=named.id, application=body.application, reason=body.reason)
    return await desk.handle(command, body)


async def _read(desk: Desk, stream: str, as_of: AsOf) -> Response:
    """Who may see it is asked of where it lies now, also when it is read as of another time."""
    filing, version = await desk.state(filings.decider, stream)
    enterprise = stream.split("-")[1]
    desk.allow("applications.read_filing", _target(enterprise, filing))
    if as_of is not None:
        filing, version = await desk.state(filings.decider, stream, queries.as_of_text(as_of))
    if filing.submission is None:
        raise NoSuchFiling()
    shown = _shown(desk, filing, stream)
    if as_of is None:
        shown["may"] = await _options(desk, stream, filing)
    return desk.respond(shown, version)


def _shown(desk: Desk, filing: FilingState, stream: str) -> dict[str, Any]:
    said = filing.submission
    assert said is not None
    authority = reference.authority(desk.policies(), said.authority)
    return {
        "filing": stream,
        "application": said.application,
        "enterprise": said.enterprise,
        "enterprise_name": said.enterprise_name,
        "kind": said.kind,
        "tier": said.tier,
        "window": said.window,
        "batch": said.batch,
        "authority": said.authority,
        "region": filing.region,
        "region_names": filing.region_names,
        "status": filing.status,
        "since": filing.since,
        "with_level": filing.level,
        "round": filing.round,
        "submitted_at": said.received_at,
        "draft_version": said.draft_version,
        "window_closes": filing.window_closes,
        "returned": filing.returned if filing.status == "returned" else None,
        "lapsed_because": filing.lapsed.reason if filing.lapsed and filing.status == "lapsed" else None,
        "recall_asked": filing.recall_asked,
        "contact": authority.contact if authority else None,
    }


async def _options(desk: Desk, stream: str, filing: FilingState) -> dict[str, Any]:
    """Each action: allowed, or why not, by the very rules that would decide it."""
    named = _named(filing)
    commands: dict[str, Command] = {
        "withdraw": _withdrawal(desk, named, filing, filing.application),
        "recall": RequestRecall(**desk.head, filing=stream, application=filing.application),
        "revive": _revival(desk, named, filing, filing.application),
    }
    may = {action: await _why_not(desk, filing, command) for action, command in commands.items()}
    return may | {"submit": _may_submit(filing)}


def _may_submit(filing: FilingState) -> dict[str, Any]:
    """Whether anything may be handed in now at all; what it lacks is said by the draft's check."""
    if not filing.is_open or filing.status in ("returned", "withdrawn"):
        return {"allowed": True}
    why = OtherFilingOpen(since=filing.since, way_out="审核开始前可以撤回；审核开始后请主管部门退回")
    return {"allowed": False, "why": refusal_content(why)}


async def _why_not(desk: Desk, filing: FilingState, command: Command) -> dict[str, Any]:
    try:
        filings.decider.decide(command, filing, await queries.facts_for(desk, command))
    except Refused as refusal:
        return {"allowed": False, "why": refusal_content(refusal)}
    return {"allowed": True}


def _named(filing: FilingState) -> Draft:
    said = filing.submission
    assert said is not None
    return Draft(said.enterprise, said.kind, said.tier, said.window)


def _withdrawal(desk: Desk, named: Draft, filing: FilingState, application: str) -> RequestWithdrawal:
    return RequestWithdrawal(
        **desk.head, filing=named.id, application=application, authority=_authority(filing), window=named.window
    )


def _revival(desk: Desk, named: Draft, filing: FilingState, application: str) -> ReviveApplication:
    return ReviveApplication(
        **desk.head, filing=named.id, application=application, authority=_authority(filing), window=named.window
    )


def _authority(filing: FilingState) -> str:
    if filing.submission is None:
        raise NoSuchFiling()
    return filing.submission.authority


def _target(enterprise: str, filing: FilingState) -> Target:
    said = filing.submission
    return Target(enterprise, said.authority if said else None, filing.region or None)

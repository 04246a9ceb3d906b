"""草稿 (暂存): saved at any time, wrong or not; submitted as the version that was shown."""

import asyncio
from typing import Annotated, Any, cast

import msgspec
from fastapi import APIRouter, Header
from starlette.responses import Response

from libs.events.contracts.applications import ApplicationSubmitted, FilingKind
from libs.events.contracts.base import Event, Personal
from libs.events.contracts.self_test import LinkBroken, SelfTestLink, read_link
from libs.events.decider import Facts
from libs.events.errors import Refused, RefusedTogether
from libs.events.web.authorization import Target
from libs.events.web.desk import At, Desk, HeaderInvalid
from libs.events.web.numbers import kept_exactly
from libs.events.web.problems import refusal_content
from services.applications import queries, saving
from services.applications.domain import filings, windows
from services.applications.domain.answers import answer_faults, evidence_faults
from services.applications.domain.filings.commands import SubmitApplication
from services.applications.domain.filings.state import FilingState
from services.applications.domain.filings.submission import Submission, filled_answers, filled_personal, gathered
from services.applications.domain.prerequisites import check
from services.applications.domain.streams import enterprise_stream, window_stream
from services.applications.domain.windows.refusals import UnknownWindow
from services.applications.drafts import Document, Draft, DraftMoved, evidence_of, fingerprint, from_self_test
from services.applications.routes.bodies import DraftBody, NewDraftBody, SubmissionBody
from services.applications.routes.naming import PATH, Named
from services.applications.routes.people import opened

router = APIRouter(tags=["草稿与提交"])


class SelfTestLinkInvalid(Refused):
    code = "applications.self-test-link-invalid"
    title = "自测链接无效"
    status = 422


IfMatch = Annotated[str | None, Header(alias="If-Match")]


@router.post("/drafts/{enterprise}", status_code=201)
async def create(desk: At, enterprise: str, body: NewDraftBody) -> Response:
    """开始填报：列出前置条件是否满足，带入企业信息、历史填报，以及自测链接的内容."""
    desk.allow("applications.draft", Target(enterprise=enterprise))
    draft = Draft(enterprise, body.kind, body.tier, body.window)
    if body.window is not None:
        window, _ = await desk.state(windows.decider, window_stream(body.authority, body.window))
        if window.opened is None:
            raise UnknownWindow()
    empty = _empty(draft, body.authority)
    asked = await _submission(desk, empty)
    test = _self_test(body.self_test)
    taken, left = from_self_test(asked.form, test) if asked.form and test else ({}, [])
    made, is_new = await saving.create(desk, draft, body.authority, asked.form, taken)
    content = await _shown(desk, made)
    if test is not None:
        content["self_test"] = {"applied": is_new, "taken": list(taken) if is_new else [], "not_taken": left}
    return desk.respond(content, made["version"], 201 if is_new else 200)


@router.get("/drafts/{enterprise}")
async def mine(desk: At, enterprise: str) -> Response:
    """全部草稿."""
    desk.allow("applications.draft", Target(enterprise=enterprise))
    found = await desk.documents("drafts").find({"enterprise": enterprise}, sort=("-saved_at",), limit=200)
    names = ("enterprise", "kind", "tier", "window", "authority", "version", "saved_at")
    return desk.respond([{name: draft[name] for name in names} for draft in found])


@router.get("/drafts" + PATH)
async def read(desk: At, draft: Named) -> Response:
    """草稿内容、前置条件和填写提示."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    found = await saving.load(desk, draft)
    return desk.respond(await _shown(desk, found), found["version"])


@router.put("/drafts" + PATH)
async def save(desk: At, draft: Named, body: DraftBody, if_match: IfMatch = None) -> Response:
    """暂存全部填写内容；须带 If-Match（所见版本），别处已保存时不会覆盖."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    before = await saving.load(desk, draft)
    asked = await _submission(desk, before)
    after = await saving.save_answers(desk, draft, before, _seen(if_match), body.answers, asked)
    return desk.respond(_advice(after, _with_draft(desk, asked, after)), after["version"])


@router.delete("/drafts" + PATH, status_code=204)
async def delete(desk: At, draft: Named, if_match: IfMatch = None) -> Response:
    """删除草稿；已提交的申报不受影响."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    form = (await _submission(desk, await saving.load(desk, draft))).form
    await saving.delete(desk, draft, _seen(if_match) if if_match else None, form)
    return Response(status_code=204)


@router.get("/drafts" + PATH + "/saves")
async def saves(desk: At, draft: Named) -> Response:
    """保存记录：时间和内容的 SHA-256."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    return desk.respond(await saving.saves(desk, draft))


@router.get("/drafts" + PATH + "/check")
async def dry_run(desk: At, draft: Named, region: str = "") -> Response:
    """若现在提交，会有哪些条件未满足."""
    desk.allow("applications.draft", Target(enterprise=draft.enterprise))
    found = await saving.load(desk, draft)
    command = _command(desk, found, region, None)
    return desk.respond({"version": found["version"], "refusals": await _refusals(desk, command)}, found["version"])


@router.post("/drafts" + PATH + "/submission", status_code=201)
async def submit(desk: At, draft: Named, body: SubmissionBody) -> Response:
    """提交所见的版本；未满足的条件一次全部列出."""
    desk.allow("applications.submit", Target(enterprise=draft.enterprise))
    found = await saving.load(desk, draft)
    command = _command(desk, found, body.region, body.profile_version)
    if not await _was_submitted(desk, command):
        found = await _version_shown(desk, draft, found, body)
        command = _command(desk, found, body.region, body.profile_version)
    return await desk.handle(command, body, _receipt)


def _self_test(link: str | None) -> SelfTestLink | None:
    if link is None:
        return None
    try:
        return read_link(link)
    except LinkBroken as broken:
        raise SelfTestLinkInvalid(str(broken), way_out="请检查链接是否完整，或不用自测结果直接填报") from broken


async def _was_submitted(desk: Desk, command: SubmitApplication) -> bool:
    """Whether this very request was accepted before; then its first result is its answer, whatever came after."""
    return bool(await desk.runtime.store.find([desk.command_id(command)]))


async def _version_shown(desk: Desk, draft: Draft, found: Document, body: SubmissionBody) -> Document:
    """The draft as the caller has it; 提交 saves first what the caller sends along."""
    if body.answers is None and found["version"] == body.version:
        return found
    asked = await _submission(desk, found)
    if body.answers is not None:
        return await saving.save_answers(desk, draft, found, body.version, body.answers, asked)
    raise DraftMoved(found, asked.form, body.version, None)


def _receipt(events: list[Event]) -> dict[str, Any]:
    said = next(event for event in events if isinstance(event, ApplicationSubmitted))
    return {"application": said.application, "round": said.round, "draft_version": said.draft_version}


def _command(desk: Desk, draft: Document, region: str, profile_version: int | None) -> SubmitApplication:
    return SubmitApplication(
        **desk.head,
        enterprise=draft["enterprise"],
        kind=cast(FilingKind, draft["kind"]),
        tier=draft["tier"],
        window=draft["window"],
        authority=draft["authority"],
        account=desk.principal.id,
        region=region,
        draft_version=draft["version"],
        answers=draft["answers"],
        personal=msgspec.convert(draft["personal"], dict[str, Personal[str]]),
        personal_faults=draft["personal_faults"],
        evidence=evidence_of(draft),
        profile_version=profile_version,
    )


async def _submission(desk: Desk, draft: Document) -> Submission:
    """What the draft would be judged by now, its 注册地 taken from the profile or from the filing that is corrected."""
    command = _command(desk, draft, "", None)
    filing, facts = await _looked_up(desk, command)
    profile = facts.reads[enterprise_stream(command.enterprise)].profile
    region = filing.region if filing.status == "returned" else profile.region if profile else ""
    return gathered(msgspec.structs.replace(command, region=region), filing, facts)


async def _looked_up(desk: Desk, command: SubmitApplication) -> tuple[FilingState, Facts]:
    """The filing and all that a decision on it looks at, side by side."""
    (filing, _), facts = await asyncio.gather(
        desk.state(filings.decider, command.stream), queries.facts_for(desk, command)
    )
    return filing, facts


def _with_draft(desk: Desk, asked: Submission, draft: Document) -> Submission:
    """The same with what the draft says now; on everything else it was judged a moment ago."""
    return msgspec.structs.replace(asked, command=_command(desk, draft, asked.command.region, None))


async def _refusals(desk: Desk, command: SubmitApplication) -> list[dict[str, Any]]:
    filing, facts = await _looked_up(desk, command)
    try:
        filings.decider.decide(command, filing, facts)
    except RefusedTogether as several:
        return [refusal_content(refusal) for refusal in several.refusals]
    except Refused as refusal:
        return [refusal_content(refusal)]
    return []


async def _shown(desk: Desk, draft: Document) -> dict[str, Any]:
    """The draft with everything that the platform fills in, each prerequisite, and the advice."""
    s = await _submission(desk, draft)
    codes = s.window.opened.prerequisites if s.window and s.window.opened else ()
    met = check(codes, s.enterprise, draft["authority"], s.today, s.policies)
    return {
        **{name: draft[name] for name in ("enterprise", "kind", "tier", "window", "authority", "created_at")},
        "prefilled_from": draft["prefilled_from"],
        "answers": draft["answers"],
        "personal": await _personal(desk, draft),
        "platform": _platform(s),
        "evidence": draft["evidence"],
        "form": s.form,
        "form_pin": s.form_pin,
        "prerequisites": [msgspec.to_builtins(one) for one in met],
        "profile_version": s.enterprise.profile_version,
        "filing": _progress(s),
        **_advice(draft, s),
    }


async def _personal(desk: Desk, draft: Document) -> dict[str, str]:
    sealed = msgspec.convert(draft["personal"], dict[str, Personal[str]])
    return await opened(desk, sealed, "查看草稿")


def _platform(s: Submission) -> dict[str, Any]:
    """What profile and assessment say, read-only; persons are sealed and shown in the profile."""
    if s.form is None:
        return {}
    filled = filled_answers(s)
    return {f.name: filled.get(f.name) for f in s.form.fields if f.origin != "form" and not f.personal}


def _progress(s: Submission) -> dict[str, Any]:
    filing = s.filing
    return {
        "application": filing.application,
        "status": filing.status,
        "round": filing.round,
        "unlocked": sorted(filing.unlocked) if filing.status == "returned" else [],
        "region_unlocked": filing.status == "returned" and filing.region_is_unlocked,
        "reasons": filing.returned.reasons if filing.status == "returned" and filing.returned else (),
    }


def _advice(draft: Document, s: Submission) -> dict[str, Any]:
    """Validation advises and never refuses to save."""
    advice: dict[str, Any] = {"version": draft["version"], "saved_at": draft["saved_at"], "sha256": fingerprint(draft)}
    if s.form is None:
        return advice
    answers, personal = filled_answers(s), filled_personal(s)
    return advice | {
        "faults": answer_faults(s.form, answers, personal, s.command.personal_faults),
        "evidence_faults": evidence_faults(s.form, answers, s.command.evidence),
    }


def _empty(draft: Draft, authority: str) -> Document:
    named = {"enterprise": draft.enterprise, "kind": draft.kind, "tier": draft.tier, "window": draft.window}
    content = {"version": 0, "answers": {}, "personal": {}, "personal_faults": {}, "evidence": []}
    return {**named, **content, "authority": authority}


def _seen(if_match: str | None) -> int:
    """The version in If-Match, which saving needs."""
    try:
        return int(kept_exactly(int((if_match or "").strip().removeprefix("W/").strip('"'))))
    except ValueError:
        raise HeaderInvalid("保存草稿须带 If-Match，值为所见版本的 ETag") from None

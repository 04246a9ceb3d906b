"""Look-ups on review's read models, within what the asker may see; the only place with filters."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec

from libs.events.contracts.actors import NATION, Office
from libs.events.decider import Policies
from libs.events.web.desk import Desk
from services.review.domain.lists.notice import Notice, counted_anew
from services.review.domain.lists.state import ListState

Document = dict[str, Any]
Files = dict[tuple[str, str], str]
PUBLIC_STATES = ("published", "ended", "announced")
HIDDEN = ("_id", "state", "covering", "counted_by")


async def page_of(
    desk: Desk,
    view: str,
    where: Mapping[str, Any],
    sort: tuple[str, ...],
    page: int,
    size: int,
    told: Callable[[Document], Document] = lambda document: document,
) -> Document:
    """`total` and the items of page number `page`, from 1; `told` brings a document to what is known now."""
    documents = desk.view(view)
    found = await documents.find(where, sort=sort, skip=(page - 1) * size, limit=size)
    return {"total": await documents.count(where), "page": page, "size": size, "items": [shown(told(d)) for d in found]}


def shown(document: Document) -> Document:
    return {name: value for name, value in document.items() if name not in HIDDEN}


def within(*filters: Mapping[str, Any]) -> Document:
    """All of them; None means not asked for."""
    asked = [{k: v for k, v in f.items() if v is not None} for f in filters]
    return {"$and": [f for f in asked if f]} if any(asked) else {}


async def queue(desk: Desk, filters: Mapping[str, Any], page: int, size: int) -> Document:
    """待办: what waits longest comes first."""
    found = await page_of(
        desk, "officer_queue", within(desk.scope("review.read_queue"), filters), ("since", "application"), page, size
    )
    if desk.principal.kind == "account":
        found["items"] = [item | {"holder": None} for item in found["items"]]
    return found


def held_by(official: str, office: Office, until: str) -> Document:
    """The filter of what an official has held in an office since `until` (ISO time) or before."""
    held = {"holder": official, "status": "in_review", "level": office.level, "since": {"$lte": until}}
    if office.authority == NATION:
        return held
    return held | {"authority": office.authority, "covering": office.region}


async def timeline(desk: Desk, application: str, as_of: str | None) -> Document | None:
    document = await desk.view("case_timeline").get(application)
    if document is None:
        return None
    entries = [e for e in document["entries"] if as_of is None or e["recorded_at"] <= as_of]
    return shown(document) | {"entries": entries}


async def submission(desk: Desk, application: str) -> Document | None:
    return await desk.view("submissions").get(application)


async def difference(desk: Desk, application: str) -> Document | None:
    """What the resubmission changed against the round before; personal fields by name only."""
    document = await submission(desk, application)
    if document is None:
        return None
    now, before = document["current"], document["before"]
    if before is None:
        return {"round": now["round"], "before": None, "fields": [], "evidence": []}
    return {
        "round": now["round"],
        "before": before["round"],
        "fields": _fields(now, before),
        "evidence": _evidence(now, before),
        "region": {"before": before["region"], "after": now["region"]} if now["region"] != before["region"] else None,
    }


def _fields(now: Document, before: Document) -> list[Document]:
    names = dict.fromkeys((*now["changed"], *before["answers"], *now["answers"]))
    old, new = before["answers"], now["answers"]
    return [
        {"field": name, "before": old.get(name), "after": new.get(name), "personal": name in now["personal"]}
        for name in names
        if name in now["changed"] or old.get(name) != new.get(name)
    ]


def _evidence(now: Document, before: Document) -> list[Document]:
    def files(submission: Document) -> Files:
        return {(e["slot"], e["sha256"]): e["name"] for e in submission["evidence"]}

    old, new = files(before), files(now)
    return [*_changed(old, new, "removed"), *_changed(new, old, "added")]


def _changed(have: Files, lack: Files, change: str) -> list[Document]:
    return [{"slot": slot, "name": name, "change": change} for (slot, h), name in have.items() if (slot, h) not in lack]


async def lists(desk: Desk, filters: Mapping[str, Any], page: int, size: int) -> Document:
    return await _lists(desk, within(desk.scope("review.read_list"), filters), page, size)


async def notices(desk: Desk, filters: Mapping[str, Any], page: int, size: int) -> Document:
    """公示公告: what anybody may see."""
    return await _lists(desk, within({"status": {"$in": list(PUBLIC_STATES)}}, filters), page, size)


async def _lists(desk: Desk, where: Mapping[str, Any], page: int, size: int) -> Document:
    policies = desk.policies()

    def told(document: Document) -> Document:
        if document["status"] != "published" or not document["provisional"]:
            return document
        return document | days_of(msgspec.convert(document, Notice), policies)

    return await page_of(desk, "lists", where, ("-frozen_at", "list"), page, size, told)


def days_of(notice: Notice, policies: Policies) -> Document:
    """The days of a notice that has not ended, by the calendars that are published now."""
    days = counted_anew(notice, policies)
    return {"starts": days.starts.isoformat(), "ends": days.ends.isoformat(), "provisional": days.provisional}


async def members(desk: Desk, state: ListState, public: bool, page: int, size: int) -> Document:
    """A list's members with their enterprises' names; the public sees those who were accepted."""
    chosen = state.members.accepted() if public else state.members
    start = (page - 1) * size
    cases = chosen.cases[start : start + size]
    named = {d["_id"]: d for d in await desk.view("officer_queue").find({"_id": {"$in": list(cases)}}, limit=size)}
    reasons = dict(state.reasons)
    items = []
    for case, enterprise in zip(cases, chosen.enterprises[start : start + size], strict=True):
        item: Document = {"application": case, "enterprise": enterprise}
        item["enterprise_name"] = named.get(case, {}).get("enterprise_name")
        if not public:
            item["answer"] = _answer(state, case, reasons)
            item["reason"] = reasons.get(case)
        items.append(item)
    return {"total": len(chosen), "page": page, "size": size, "items": items}


def _answer(state: ListState, case: str, reasons: Mapping[str, str]) -> str:
    place = state.members.place(case)
    if place is None or not state.members.has_answered(place):
        return "waiting"
    return "declined" if case in reasons else "accepted"


async def register(desk: Desk, valid_on: date | None, filters: Mapping[str, Any], page: int, size: int) -> Document:
    """认定名录, as of a business date when `valid_on` is given."""
    day = valid_on.isoformat() if valid_on else None
    dated = {"valid_from": {"$lte": day}, "until": {"$gte": day}} if day else {}
    return await page_of(desk, "public_register", within(dated, filters), ("valid_from", "enterprise"), page, size)

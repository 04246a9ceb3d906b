"""Look-ups on read models, policies and streams; the only place with filters."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from libs.events.contracts.actors import covers
from libs.events.contracts.times import CHINA, parse_time, time_text
from libs.events.decider import Command, Decider, Facts, Policies, Policy
from libs.events.names import category_of
from libs.events.store.ports import Document, Documents
from libs.events.web.desk import Desk
from services.applications.domain import enterprises, filings, reference, windows
from services.applications.domain.forms import Form, form_from
from services.applications.domain.lists import ListKind, concerns
from services.applications.domain.search import search
from services.applications.domain.streams import NONE

DECIDERS: Mapping[str, Decider[Any]] = {
    decider.category: decider for decider in (enterprises.decider, windows.decider, filings.decider)
}
LARGEST_PAGE = 200
MOST_WINDOWS = 2000
MOST_HITS = 50


async def facts_for(desk: Desk, command: Command) -> Facts:
    """What a command would be decided on now; for advice, never for the decision itself."""
    names = list(command.reads)
    found = await asyncio.gather(*(desk.state(DECIDERS[category_of(name)], name) for name in names))
    return Facts({name: state for name, (state, _) in zip(names, found, strict=True)}, desk.policies())


async def windows_of(
    view: Documents, now: datetime, authority: str | None, kind: str | None, tier: str | None, region: str | None
) -> list[Document]:
    """Every window, with its state at `now`; ended ones last, newest first."""
    named = {"authority": authority, "kind": kind, "tier": None if tier == NONE else tier}
    where = {name: value for name, value in named.items() if value is not None or (name == "tier" and tier == NONE)}
    found = await view.find(where, sort=("-opens",), limit=MOST_WINDOWS)
    shown = [shown_window(w, now) for w in found if region is None or any(covers(r, region) for r in w["regions"])]
    order = {"open": 0, "upcoming": 1, "ended": 2}
    return sorted(shown, key=lambda w: order[w["state"]])


def shown_window(window: Document, now: datetime) -> Document:
    content = {name: value for name, value in window.items() if name != "_id"}
    opens, closes = parse_time(window["opens"]), parse_time(window["closes"])
    state = "upcoming" if now < opens else "open" if now <= closes else "ended"
    return content | {"state": state}


def entries(shown: Iterable[Document]) -> list[Document]:
    """One entry per authority, kind and tier, always shown: the open window, else the next, else the last."""
    grouped: dict[tuple[str, str, str | None], list[Document]] = {}
    for window in shown:
        grouped.setdefault((window["authority"], window["kind"], window["tier"]), []).append(window)
    return [_entry(group) for group in grouped.values()]


def _entry(group: Sequence[Document]) -> Document:
    by_state = {state: [w for w in group if w["state"] == state] for state in ("open", "upcoming", "ended")}
    following = min(by_state["upcoming"], key=lambda w: w["opens"], default=None)
    current = next(iter(by_state["open"]), None) or following or max(by_state["ended"], key=lambda w: w["closes"])
    return {
        "authority": current["authority"],
        "kind": current["kind"],
        "tier": current["tier"],
        "state": current["state"],
        "window": current["window"],
        "next": following["window"] if following else None,
        "opens": current["opens"],
        "closes": current["closes"],
        "contact": current["contact"],
        "says": _words(current),
    }


def _words(window: Document) -> str:
    ask = f"咨询：{window['contact'].get('name', '')} {window['contact'].get('phone', '')}".strip()
    match window["state"]:
        case "open":
            return f"申报进行中，{_day(window['closes'])} 截止。{ask}"
        case "upcoming":
            return f"尚未开始，{_day(window['opens'])} 开放。{ask}"
        case _:
            return f"本批次已于 {_day(window['closes'])} 结束，下一批次的时间尚未公布。{ask}"


def _day(text: str) -> str:
    return parse_time(text).astimezone(CHINA).strftime("%Y年%m月%d日 %H:%M")


async def filings_page(desk: Desk, where: Mapping[str, Any], page: int, size: int) -> Document:
    """The filings that the principal may see, newest first: an enterprise's own, an official's jurisdiction."""
    scoped = {"$and": [desk.scope("applications.list_filings"), dict(where)]}
    view, size = desk.view("filings"), min(size, LARGEST_PAGE)
    found = await view.find(scoped, sort=("-submitted_at",), skip=(page - 1) * size, limit=size)
    return {
        "total": await view.count(scoped),
        "page": page,
        "items": [{name: value for name, value in one.items() if name not in ("_id", "covering")} for one in found],
    }


async def earlier_content(desk: Desk, enterprise: str, kind: str, tier: str | None) -> list[tuple[str, Document]]:
    """What a new draft may be filled from: lapsed drafts and submissions of the same title, then of any other."""
    drafts = await desk.documents("drafts").find({"enterprise": enterprise}, sort=("-saved_at",), limit=50)
    filed = await desk.view("submissions").find({"enterprise": enterprise}, sort=("-received_at",), limit=50)
    sources = [("草稿", d) for d in drafts] + [("历史申报", s) for s in filed]
    alike = [one for one in sources if (one[1]["kind"], one[1]["tier"]) == (kind, tier)]
    others = [one for one in sources if one not in alike]
    return [(title, document["answers"]) for title, document in [*alike, *others]]


async def filing_called(desk: Desk, application: str) -> Document:
    found = await desk.view("filings").get(application)
    if found is None:
        # Who is not signed in is told to sign in, whether there is one or not.
        desk.allow("applications.read_filing")
        desk.raise_not_found()
    return found


def forms_in_force(policies: Policies) -> list[tuple[Form, str]]:
    return [(form_from(policy), policy.sha256) for policy in policies.of_kind("form")]


def divisions(policies: Policies, under: str | None, text: str, limit: int = MOST_HITS) -> list[Document]:
    """For the picker: the places under a code (none: the provinces), or those that answer `text`, with their names
    from the province down."""
    if text:
        hits = search(reference.searchable_places(policies), text, reference.letters(policies), limit)
        names = reference.names_of_place
        return [dict(row) | {"names": list(names(policies, row["level"], row["code"]))} for row in hits]
    rows = (*reference.newest(policies, "divisions").rows, *reference.zone_rows(policies))
    return [dict(row) for row in rows if row["parent"] == (under or "")]


def industries(policies: Policies, under: str | None, text: str, limit: int = MOST_HITS) -> list[Document]:
    """For the picker: classes under a code (none: the sections), or those that answer `text`, with their names from
    the section down."""
    if text:
        hits = search(reference.searchable_industries(policies), text, reference.letters(policies), limit)
        return [dict(row) | {"names": list(reference.names_of_industry(policies, row["code"]))} for row in hits]
    rows = reference.newest(policies, "industries").rows
    return [dict(row) for row in rows if row["parent"] == (under or "")]


def lists(policies: Policies) -> list[Document]:
    """The lists that an operator may supply, each with its edition, or none yet."""
    kinds = reference.list_kinds(policies)
    return [_list_shown(name, kinds[name], reference.supplied(policies, name)) for name in kinds]


def list_items(
    policies: Policies, name: str, under: str | None, industry: str, text: str, limit: int = MOST_HITS
) -> Document | None:
    """Items of a list: those that answer `text`, else those under a code, within an industry if one is named. Where
    none is supplied: that words are fine, and industries that answer. None for an unknown list."""
    kinds = reference.list_kinds(policies)
    if name not in kinds:
        return None
    policy = reference.supplied(policies, name)
    head = _list_shown(name, kinds[name], policy)
    if policy is None:
        return head | {"items": [], "suggestions": industries(policies, None, text, limit) if text else []}
    table = [one for one in reference.searchable_list(policy) if not industry or concerns(one.row, industry)]
    if text:
        rows = search(table, text, reference.letters(policies), limit)
    else:
        rows = [one.row for one in table if under is None or one.row["parent"] == under][:limit]
    return head | {"items": [dict(row) for row in rows], "suggestions": []}


def _list_shown(name: str, kind: ListKind, policy: Policy | None) -> Document:
    edition = None if policy is None else {one: getattr(policy, one) for one in EDITION}
    certain = policy is not None and bool(policy.content["certain"])
    words = "" if policy else f"{kind.label}尚未由运营方提供，请填写文字"
    return {"list": name, "label": kind.label, "supplied": policy is not None, "edition": edition, "certain": certain,
            "free_text": policy is None, "says": words}  # fmt: skip


EDITION = ("kind", "id", "title", "source", "authority", "effective_from", "effective_to", "sha256")
TABLES = ("industries", "industry_amendment", "divisions", "zones", "authorities", "initials", "list_kinds", "list")


def editions(policies: Policies) -> list[Document]:
    """Every reference table in force: its edition, its source, what is 待核实 about it."""
    return [
        {name: getattr(policy, name) for name in EDITION}
        | {name: policy.content.get(name) for name in ("certain", "notes", "counts")}
        for kind in TABLES
        for policy in policies.of_kind(kind)
    ]


def as_of_text(as_of: datetime | None) -> str | None:
    return time_text(as_of) if as_of else None

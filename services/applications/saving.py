"""Drafts in the store: created once, saved by compare-and-set, every acknowledged save noted with time and hash."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from libs.events.contracts.applications import Evidence, Profile, Value
from libs.events.contracts.base import Personal
from libs.events.contracts.times import time_text
from libs.events.errors import Transient, Unavailable
from libs.events.ids import make_id
from libs.events.runtime import Runtime
from libs.events.store.ports import AlreadyThere
from libs.events.web.desk import Desk
from services.applications import queries
from services.applications.domain.answers import shape_fault
from services.applications.domain.filings.submission import Submission
from services.applications.domain.forms import Form
from services.applications.drafts import (
    Document,
    Draft,
    DraftMoved,
    fingerprint,
    new_draft,
    offered,
    plain_answers,
    saved,
)
from services.applications.persons import subject_of
from services.applications.settings import Settings

MOST_TRIES = 5
TIDY_SECONDS = 600.0
SELF_TEST = "自测"


async def make_indexes(runtime: Runtime) -> None:
    """At start: drafts by enterprise, saves by draft and by age."""
    await runtime.state_store.ensure_indexes("drafts", (("enterprise", "-saved_at"),))
    await runtime.state_store.ensure_indexes("draft_saves", (("draft", "version"), ("at",)))


async def tidy(runtime: Runtime) -> None:
    """Beside the service: a save, which somebody waits for, does not look for what is old."""
    while True:
        await asyncio.sleep(TIDY_SECONDS)
        with suppress(Unavailable):
            await tidy_once(runtime)


async def tidy_once(runtime: Runtime) -> None:
    """Saves noted longer ago than `draft_saves_days` are forgotten."""
    settings = runtime.settings
    days = settings.draft_saves_days if isinstance(settings, Settings) else Settings().draft_saves_days
    oldest = time_text(runtime.business.now() - timedelta(days=days))
    await runtime.documents("draft_saves").delete({"at": {"$lt": oldest}})


async def load(desk: Desk, draft: Draft) -> Document:
    found = await desk.documents("drafts").get(draft.id)
    if found is None:
        desk.raise_not_found()
    return found


async def create(
    desk: Desk, draft: Draft, authority: str, form: Form | None, tested: Mapping[str, Value]
) -> tuple[Document, bool]:
    """The draft of this filing stream, made now unless it is there; filled with what a self-test and earlier filings said."""
    there = await desk.documents("drafts").get(draft.id)
    if there is not None:
        return there, False
    sources = await queries.earlier_content(desk, draft.enterprise, draft.kind, draft.tier)
    content = offered(form, sources) if form else {}
    if tested:
        content["answers"] = {**content.get("answers", {}), **tested}
        content["from"] = [SELF_TEST, *content.get("from", [])]
    made = new_draft(draft, authority, desk.principal.id, desk.now, content)
    try:
        await desk.documents("drafts").insert(made)
    except AlreadyThere:
        return await load(desk, draft), False
    await _note(desk, made)
    return made, True


async def save_answers(
    desk: Desk, draft: Draft, before: Document, seen: int, given: Mapping[str, Any], asked: Submission
) -> Document:
    """All open and personal answers at once, on the draft as it was looked at. Raises DraftMoved when another version was
    saved after `seen`."""
    form, profile = asked.form, asked.enterprise.profile
    after = saved(before, await _content(desk, before, given, form, profile), desk.principal.id, desk.now)
    if after is before:
        return before
    if before["version"] != seen or not await _replace(desk, after, before["version"]):
        raise DraftMoved(await load(desk, draft), form, seen, plain_answers(given))
    await _note(desk, after)
    return after


async def attach(desk: Desk, draft: Draft, file: Evidence) -> Document:
    """A file more in its slot; the same content in the same slot is the same file."""
    return await _with_evidence(desk, draft, file.slot, file.sha256, [msgspec.to_builtins(file)])


async def detach(desk: Desk, draft: Draft, slot: str, sha256: str) -> Document:
    return await _with_evidence(desk, draft, slot, sha256, [])


async def _with_evidence(desk: Desk, draft: Draft, slot: str, sha256: str, instead: list[Document]) -> Document:
    """Adding and removing one file concerns no other, so it is tried again on whatever was saved meanwhile."""
    for _ in range(MOST_TRIES):
        before = await load(desk, draft)
        others = [f for f in before["evidence"] if (f["slot"], f["sha256"]) != (slot, sha256)]
        after = saved(before, {"evidence": [*others, *instead]}, desk.principal.id, desk.now)
        if after is before:
            return before
        if await _replace(desk, after, before["version"]):
            await _note(desk, after)
            return after
    raise Transient("the draft is being saved by others", retry_after=1)


async def delete(desk: Desk, draft: Draft, seen: int | None, form: Form | None) -> None:
    """Its saves stay noted until they are old."""
    before = await load(desk, draft)
    where: dict[str, Any] = {"_id": draft.id} | ({"version": seen} if seen is not None else {})
    if not await desk.documents("drafts").delete(where):
        raise DraftMoved(before, form, seen or 0, None)


async def saves(desk: Desk, draft: Draft) -> list[Document]:
    found = await desk.documents("draft_saves").find({"draft": draft.id}, sort=("-version",), limit=1000)
    return [{name: one[name] for name in ("version", "at", "sha256", "account")} for one in found]


async def _content(
    desk: Desk, before: Document, given: Mapping[str, Any], form: Form | None, profile: Profile | None
) -> Document:
    """Open answers apart from personal ones, which are looked at and then sealed."""
    fields = {field.name: field for field in form.fields if field.personal} if form else {}
    plain = plain_answers(given)
    texts: dict[str, str | None] = {name: str(plain.pop(name)) for name in list(plain) if name in fields}
    known = _persons_known(profile)
    personal, blind, faults = {}, {}, {}
    for name, text in texts.items():
        assert text is not None
        subject = subject_of(desk, before["enterprise"], name, texts, known)
        blind[name] = desk.blind(name, text)
        if blind[name] == before["blind"].get(name) and before["personal"][name]["subject"] == subject:
            personal[name] = before["personal"][name]
        else:
            personal[name] = msgspec.to_builtins(await desk.seal(subject, name, text))
        fault = shape_fault(fields[name], text)
        if fault:
            faults[name] = fault
    answers: dict[str, Value] = plain
    return {"answers": answers, "personal": personal, "blind": blind, "personal_faults": faults}


def _persons_known(profile: Profile | None) -> dict[str, Any]:
    """The persons of the profile, sealed."""
    fields = msgspec.structs.asdict(profile) if profile else {}
    return {name: value for name, value in fields.items() if isinstance(value, Personal)}


async def _replace(desk: Desk, after: Document, version: int) -> bool:
    return await desk.documents("drafts").replace(after, {"version": version})


async def _note(desk: Desk, draft: Document) -> None:
    """Time and hash of a save; a save made again after a deletion keeps both notes."""
    sha256 = fingerprint(draft)
    id_ = make_id("save", draft["_id"], str(draft["version"]), draft["saved_at"], sha256)
    note = {"draft": draft["_id"], "version": draft["version"], "at": draft["saved_at"], "sha256": sha256}
    with suppress(AlreadyThere):
        await desk.documents("draft_saves").insert({"_id": id_, **note, "account": draft["saved_by"]})

"""Drafts are documents, not events: versions, what changed in which, and the content that is offered at first."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from libs.events.contracts.applications import Evidence, Value
from libs.events.contracts.self_test import SelfTestLink
from libs.events.contracts.times import time_text
from libs.events.errors import Refused
from services.applications.domain.answers import is_blank, shape_fault
from services.applications.domain.forms import Field, Form
from services.applications.domain.streams import filing_stream

Document = dict[str, Any]
ELSEWHERE = "本表单没有这一项"
SEALED = "（已加密，不显示）"


class DraftMoved(Refused):
    """Another tab, or another person, has saved meanwhile: nothing was overwritten, here is the difference."""

    code = "applications.draft-moved"
    title = "草稿已在别处保存过"
    status = 412

    def __init__(self, draft: Document, form: Form | None, seen: int, yours: Mapping[str, Any] | None) -> None:
        super().__init__(
            f"您看到的是第 {seen} 版，现在是第 {draft['version']} 版，您的内容没有覆盖别处保存的内容",
            way_out="请核对不同之处，合并后按现在的版本再保存或提交",
            version=draft["version"],
            difference=difference(draft, form, seen, yours),
        )


class Draft(msgspec.Struct, frozen=True):
    """Which filing a draft is for; its id is the filing's stream, so there is one draft per filing stream."""

    enterprise: str
    kind: str
    tier: str | None
    window: str | None

    @property
    def id(self) -> str:
        return filing_stream(self.enterprise, self.kind, self.tier, self.window)


def new_draft(draft: Draft, authority: str, account: str, at: datetime, content: Document) -> Document:
    named = {**content.get("answers", {}), **{file["slot"]: 1 for file in content.get("evidence", ())}}
    return {
        "_id": draft.id,
        "enterprise": draft.enterprise,
        "kind": draft.kind,
        "tier": draft.tier,
        "window": draft.window,
        "authority": authority,
        "version": 1,
        "answers": content.get("answers", {}),
        "personal": {},
        "blind": {},
        "personal_faults": {},
        "evidence": content.get("evidence", []),
        "changed_in": dict.fromkeys(named, 1),
        "created_at": time_text(at),
        "saved_at": time_text(at),
        "saved_by": account,
        "prefilled_from": content.get("from", []),
    }


def saved(draft: Document, content: Document, account: str, at: datetime) -> Document:
    """The next version with new `answers`, sealed `personal` or `evidence`; the same content is no new version."""
    after = draft | content
    changed = changed_names(draft, after)
    if not changed:
        return draft
    version = draft["version"] + 1
    return after | {
        "version": version,
        "changed_in": {**draft["changed_in"], **dict.fromkeys(changed, version)},
        "saved_at": time_text(at),
        "saved_by": account,
    }


def changed_names(before: Document, after: Document) -> list[str]:
    """Fields and evidence slots that differ; personal answers by their blind index."""
    names = [
        name
        for part in ("answers", "blind")
        for name in dict.fromkeys((*before[part], *after[part]))
        if before[part].get(name) != after[part].get(name)
    ]
    old, new = (_files(draft["evidence"]) for draft in (before, after))
    return [*names, *sorted({slot for slot, _ in old ^ new})]


def difference(draft: Document, form: Form | None, seen: int, yours: Mapping[str, Any] | None) -> list[Document]:
    """What changed after the version that was seen: as it is stored now and, where given, as the caller has it."""
    differing = []
    for name, version in draft["changed_in"].items():
        if version > seen:
            stored = SEALED if name in draft["blind"] else draft["answers"].get(name, _slot(draft, name))
            one = {"field": name, "label": form.label_of(name) if form else name, "version": version, "stored": stored}
            differing.append(one if yours is None else one | {"yours": yours.get(name)})
    return differing


def fingerprint(draft: Document) -> str:
    """SHA-256 of what the enterprise typed and attached: enough to settle whether something had been saved."""
    content = {name: draft[name] for name in ("answers", "blind", "evidence")}
    return sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def plain_answers(given: Mapping[str, Any]) -> dict[str, Value]:
    """JSON values as answers: fractions become texts, so that no amount passes through a binary fraction."""
    return {name: _plain(value) for name, value in given.items() if not is_blank(value)}


def offered(form: Form, sources: Iterable[tuple[str, Mapping[str, Value]]]) -> Document:
    """Content for a new draft: for each field the first source with a right answer; declarations are made anew."""
    answers: dict[str, Value] = {}
    used: list[str] = []
    for title, source in sources:
        for field in form.fields:
            value = source.get(field.name)
            if field.origin != "form" or field.personal or field.type == "boolean" or field.name in answers:
                continue
            if not is_blank(value) and shape_fault(field, value) is None:
                answers[field.name] = value
                used.append(title)
    return {"answers": answers, "from": list(dict.fromkeys(used))}


def from_self_test(form: Form, test: SelfTestLink) -> tuple[dict[str, Value], list[Document]]:
    """The answers of a self-test that the form takes, and each of the others with the reason.

    A commitment is made in the draft itself; what the profile or the assessment fills is never taken from anybody.
    """
    taken: dict[str, Value] = {}
    left: list[Document] = []
    for name, given in test.answers.items():
        field, value = form.field(name), _plain(given)
        reason = ELSEWHERE if field is None else _unfit(field, value)
        if reason is None:
            taken[name] = value
        else:
            left.append({"field": name, "label": form.label_of(name), "reason": reason})
    if test.digital_level is not None:
        left.append({"field": "digital_level", "label": "数字化水平", "reason": "以数字化水平评测的最新结果为准"})
    return taken, left


def _unfit(field: Field, value: Value) -> str | None:
    if field.personal or field.origin not in ("form", "import"):
        return "由企业信息或评测结果带入"
    if field.must_equal is not None:
        return "须在申报时重新确认"
    return shape_fault(field, value)


def evidence_of(draft: Document) -> tuple[Evidence, ...]:
    return msgspec.convert(draft["evidence"], tuple[Evidence, ...])


def _plain(value: Any) -> Value:
    match value:
        case float():
            return repr(value)
        case list():
            return [str(item) for item in value]
        case str() | int() | bool() | None:
            return value
        case _:
            return str(value)


def _files(evidence: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    return {(file["slot"], file["sha256"]) for file in evidence}


def _slot(draft: Document, name: str) -> list[str] | None:
    return [file["name"] for file in draft["evidence"] if file["slot"] == name] or None

"""Every form that names rule packs, filled in completely: a window opens with it, it is submitted and scored, and nothing is missing."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import applications as said
from libs.events.contracts.assessment import ApplicationScored
from services.applications.domain import windows
from services.applications.domain.filings import refusals
from services.applications.domain.filings.commands import SubmitApplication
from services.applications.domain.forms import form_from
from services.applications.domain.streams import window_stream
from services.applications.domain.windows.commands import OpenWindow
from services.assessment.domain.scores.commands import ScoreApplication
from services.assessment.reactions import when_application_submitted_then_score as scoring
from tests.unit.applications import kit as k
from tests.unit.assessment.kit import given_score, recorded

OPENS = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
AT, CLOSES = OPENS + timedelta(days=9), OPENS + timedelta(days=29)
FORMS = {id: form_from(policy) for id, policy in k.FORMS.items()}
BOUND = [
    (form.id, kind, pack)
    for form in FORMS.values()
    for pack in form.packs
    for kind in form.filing.kinds
    if kind in k.PACKS[pack].content["kinds"]
]
"""Form, kind, pack: each way in which a filing on a national or provincial form can be bound."""

WAIVED = {
    "giant@2022-63+2025-re_review": {"main_revenue_y2", "main_revenue_y3"},
    "giant@2026-2+re_review": {"revenue_y3"},
}
"""Inputs of growth, which these do not examine."""

WITHOUT = {"growth@350200", "srdi@2022-63+370000"}
"""成长型 asks for nothing that is known; 山东's form of 特色化 was not found."""


def opened(form: str, kind: str, pack: str) -> said.WindowOpened:
    """By the authority itself, in the year of the new law."""
    command = OpenWindow(
        **k.head(k.EARLIER.replace(year=2026, month=5), k.MANAGER), authority=k.JIANGSU, kind=kind,  # type: ignore[arg-type]
        tier=FORMS[form].filing.tier, batch="2026-1", title="2026年度第一批", regions=(k.JIANGSU,), opens=OPENS,
        closes=CLOSES, form=form, pack=pack, prerequisites=(), contact=k.CONTACT,
        pack_reason="另有规定",
    )  # fmt: skip
    event = k.given_window().when(command).then_types(said.WindowOpened).events[0]
    assert isinstance(event, said.WindowOpened)
    return event


def filing(form: str, window: said.WindowOpened, **answers: Any) -> SubmitApplication:
    given = {name: value for name, value in (k.answers_for(form) | answers).items() if value is not ...}
    return msgspec.structs.replace(
        k.submit(at=AT), window=window.window, kind=window.kind, tier=window.tier, answers=given,
        evidence=k.evidence_for(form),
    )  # fmt: skip


def submitted(form: str, window: said.WindowOpened, **answers: Any) -> Any:
    reads = k.reads(enterprise=(*k.KNOWN, k.DIGITAL))
    reads |= {window_stream(k.JIANGSU, window.window): windows.decider.fold([window])}
    return k.given_filing().with_reads(reads).when(filing(form, window, **answers))


def explained(parts: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for part in parts:
        yield part
        yield from explained(part.get("parts") or [])


@pytest.mark.parametrize(("form", "kind", "pack"), BOUND)
def test_a_complete_filing_is_scored_without_a_missing_input(form: str, kind: str, pack: str) -> None:
    window = opened(form, kind, pack)
    (filed,) = submitted(form, window).then_types(said.ApplicationSubmitted).events
    (command,) = scoring.react(recorded(filed, k.FILING))
    assert isinstance(command, ScoreApplication)
    (scored,) = given_score().when(command).then_types(ApplicationScored).events
    assert isinstance(scored, ApplicationScored) and scored.pack == k.PACKS[pack].pin
    result: Mapping[str, Any] = scored.result
    conditions = list(explained([*result["gates"], *result["direct"]]))
    used = [shown for part in (*conditions, *result["indicators"]) for shown in part.get("inputs") or []]
    assert {shown["field"]: shown["reason"] for shown in used if shown.get("value") is None} == {}
    asked = set(k.PACKS[pack].content["inputs"]) - WAIVED.get(pack, set())
    assert {shown["field"] for shown in used} == asked
    assert {one["state"] for one in result["indicators"]} <= {"computed", "awaiting-authority"}
    waiting = [one for one in conditions if one["state"] == "open"]
    assert all("待认定机关评定" in one["reason"] for one in waiting)


@pytest.mark.parametrize(("form", "kind", "pack"), BOUND)
def test_what_a_standard_asks_must_be_filled_in(form: str, kind: str, pack: str) -> None:
    window = opened(form, kind, pack)
    asked = [FORMS[form].field(name) for name in set(k.PACKS[pack].content["inputs"]) - WAIVED.get(pack, set())]
    for field in asked:
        assert field is not None
        if field.origin in ("form", "import"):
            refusal = submitted(form, window, **{field.name: ...}).then_refused(refusals.FormIncomplete).refusal
            assert [one["field"] for one in refusal.facts["errors"]] == [field.name]


def test_every_pack_has_a_form_but_those_whose_form_nobody_has_seen() -> None:
    assert {pack for form in FORMS.values() for pack in form.packs} == set(k.PACKS) - WITHOUT

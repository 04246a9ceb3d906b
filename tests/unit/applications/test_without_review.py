"""Filings without a window, and filings that nobody reviews: both only where a policy says so."""

from typing import Any

import msgspec

from libs.events.contracts import applications as said
from libs.events.decider import Policy
from libs.events.testing.scenario import scenario
from services.applications.domain import filings
from services.applications.domain.filings import refusals as r
from tests.unit.applications import kit as k
from tests.unit.applications.kit import submit


def pool_form(without_window: bool) -> Policy:
    form = k.FORMS["jiangsu-pool"]
    content = {**form.content, "filing": {"kinds": ["pool_entry"], "tier": None, "without_window": without_window}}
    return msgspec.structs.replace(form, content=content, sha256=f"{without_window:d}" * 64)


def chains(*steps: Any, kind: str = "pool_entry", tier: str = "none") -> Policy:
    content = {"chains": [{"kind": kind, "tier": tier, "steps": list(steps)}]}
    return Policy("chains", "chains-320000", k.JIANGSU, "c" * 64, "链条", "文件", "2022-01-01", None, content)


def given(*policies: Policy) -> Any:
    others = [policy for policy in k.POLICIES if policy.id not in {p.id for p in policies}]
    return scenario(filings.decider, (*others, *policies))().with_reads(k.reads())


def test_a_kind_whose_form_says_so_needs_no_window() -> None:
    command = submit(None, "pool_entry", window=None, at=k.LATER)
    event = given(pool_form(True)).when(command).then_types(said.ApplicationSubmitted).events[0]
    assert (event.window, event.window_closes, event.form.id) == (None, None, "jiangsu-pool")
    given(pool_form(False)).when(command).then_refused(r.WindowNeeded)


def test_without_window_and_reviewers_it_is_accepted_at_once() -> None:
    command = submit(None, "pool_entry", window=None, at=k.LATER)
    outcome = given(pool_form(True), chains()).when(command)
    outcome.then_types(said.ApplicationSubmitted, said.ApplicationAccepted)
    accepted = outcome.events[1]
    assert (accepted.kind, accepted.authority, accepted.year) == ("pool_entry", k.JIANGSU, 2024)
    assert outcome.state.status == "approved"


def test_without_the_promise_nothing_is_submitted() -> None:
    answers = {**k.answers_for("innovative-2022"), "commitment": False}
    outcome = given().when(submit(answers=answers)).then_refused(r.FormIncomplete)
    assert [error["field"] for error in outcome.refusal.facts["errors"]] == ["commitment"]


def test_with_a_window_it_waits_for_its_end_and_can_be_withdrawn_until_then() -> None:
    event = given(chains(kind="declaration", tier="innovative")).when(submit()).then_types(said.ApplicationSubmitted)
    assert event.events[0].empty_chain
    assert "chains" in {pin.kind for pin in event.events[0].policies}


def test_a_chain_with_steps_means_that_somebody_reviews() -> None:
    policy = chains({"level": "county", "duties": ["review"]}, kind="declaration", tier="innovative")
    assert not given(policy).when(submit()).events[0].empty_chain

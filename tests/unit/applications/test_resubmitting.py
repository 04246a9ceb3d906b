"""提交 again: after a return, after a withdrawal, after a lapse; 注册地 corrected; taking back."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from libs.events.contracts import applications as said
from libs.events.testing.scenario import scenario
from services.applications.domain import filings
from services.applications.domain.filings import refusals as r
from tests.unit.applications import kit as k
from tests.unit.applications.kit import given_filing, submit

CHANGED = {**k.answers_for("innovative-2022"), "revenue_y1": "60.00"}
BACK = (k.SUBMITTED, k.started(), k.returned("revenue_y1"))


def test_after_a_return_it_is_resubmitted_in_the_next_round_even_when_the_window_has_closed() -> None:
    outcome = given_filing(*BACK).with_reads(k.reads()).when(submit(answers=CHANGED, at=k.LATER))
    event = outcome.then_types(said.ApplicationSubmitted).events[0]
    assert (event.application, event.round, event.changed) == (k.APPLICATION, 2, ("revenue_y1",))
    assert outcome.state.status == "submitted"
    assert outcome.state.count == 1


@pytest.mark.parametrize("what", ["replaced", "ended"])
def test_a_correction_is_judged_by_the_very_form_that_was_submitted(what: str) -> None:
    shipped = k.FORMS["innovative-2022"]
    end = "2024-05-01"
    ended = msgspec.structs.replace(shipped, effective_to=end)
    content = {**shipped.content, "sections": [], "evidence": []}
    newer = msgspec.structs.replace(shipped, content=content, sha256="f" * 64, effective_from=end)
    others = tuple(one for one in k.POLICIES if one is not shipped)
    policies = (*others, shipped, newer) if what == "replaced" else (*others, ended)
    given = scenario(filings.decider, policies)
    outcome = given(*BACK).with_reads(k.reads()).when(submit(answers=CHANGED, at=k.LATER))
    event = outcome.then_types(said.ApplicationSubmitted).events[0]
    assert (event.form, event.pack) == (k.SUBMITTED.form, k.SUBMITTED.pack)
    assert event.changed == ("revenue_y1",)


def test_only_the_unlocked_may_change_and_the_others_are_named() -> None:
    answers = {**CHANGED, "net_profit_y1": "1.00", "main_product_name": "别的"}
    outcome = given_filing(*BACK).with_reads(k.reads()).when(submit(answers=answers, at=k.LATER))
    refusal = outcome.then_refused(r.FieldsLocked).refusal
    assert set(refusal.facts["fields"]) == {"net_profit_y1", "main_product_name"}
    assert "主导产品名称" in refusal.detail


def test_locked_evidence_stays_and_unlocked_evidence_may_change() -> None:
    files = (*k.evidence_for("innovative-2022"), k.file("audit_reports", "2"))
    locked = given_filing(*BACK).with_reads(k.reads()).when(submit(evidence=files))
    assert locked.then_refused(r.FieldsLocked).refusal.facts["fields"] == ["audit_reports"]
    free = (k.SUBMITTED, k.started(), k.returned("audit_reports"))
    event = given_filing(*free).with_reads(k.reads()).when(submit(evidence=files)).events[0]
    assert event.changed == ("audit_reports",)


def test_the_same_amount_written_otherwise_is_no_change() -> None:
    answers = {**CHANGED, "net_profit_y1": "50"}
    given_filing(*BACK).with_reads(k.reads()).when(submit(answers=answers)).then_types(said.ApplicationSubmitted)


def test_a_correction_keeps_what_the_profile_said_unless_it_was_unlocked() -> None:
    moved = said.ProfileChanged(
        k.INSIDE, k.ENTERPRISE, k.ACCOUNT, k.completed(address="新地址 2 号").profile, ("address",)
    )
    reads = k.reads(enterprise=(*k.KNOWN, moved))
    kept = given_filing(*BACK).with_reads(reads).when(submit(answers=CHANGED)).events[0]
    assert kept.answers["address"] == "玄武大道 1 号"
    free = (k.SUBMITTED, k.started(), k.returned("address"))
    new = given_filing(*free).with_reads(reads).when(submit()).events[0]
    assert new.answers["address"] == "新地址 2 号"
    assert new.changed == ("address",)


def test_a_correction_needs_no_prerequisite_again() -> None:
    window = (k.window_opened(prerequisites=("pool-member",)),)
    outcome = given_filing(*BACK).with_reads(k.reads(window=window)).when(submit(answers=CHANGED))
    outcome.then_types(said.ApplicationSubmitted)


def test_a_correction_must_be_right_too() -> None:
    answers = {**CHANGED, "revenue_y1": "六十"}
    given_filing(*BACK).with_reads(k.reads()).when(submit(answers=answers)).then_refused(r.FormIncomplete)


def test_the_correction_deadline_includes_its_last_millisecond() -> None:
    deadline = k.LATER
    back = (k.SUBMITTED, k.started(), k.returned("revenue_y1", deadline=deadline))
    given_filing(*back).with_reads(k.reads()).when(submit(answers=CHANGED, at=deadline)).then_types(
        said.ApplicationSubmitted
    )
    late = given_filing(*back).with_reads(k.reads()).when(submit(answers=CHANGED, at=deadline + k.MS))
    late.then_refused(r.CorrectionLate)


def test_the_region_stays_unless_it_was_unlocked() -> None:
    outcome = given_filing(*BACK).with_reads(k.reads()).when(submit(answers=CHANGED, region=k.QINHUAI))
    assert outcome.then_refused(r.FieldsLocked).refusal.facts["fields"] == ["region"]


def test_a_corrected_region_says_so_in_the_same_commit() -> None:
    back = (k.SUBMITTED, k.started(), k.returned(region=True))
    outcome = given_filing(*back).with_reads(k.reads()).when(submit(region=k.QINHUAI, at=k.LATER))
    outcome.then_types(said.JurisdictionChanged, said.ApplicationSubmitted)
    change, event = outcome.events
    assert (change.before, change.region, change.cause) == (k.XUANWU, k.QINHUAI, None)
    assert event.region_names == ("江苏省", "南京市", "秦淮区")
    assert event.answers["region"] == k.QINHUAI
    assert outcome.state.region == k.QINHUAI


@pytest.mark.parametrize("region", ["", "320100", "999999", k.SIMING])
def test_a_corrected_region_must_be_a_county_or_zone_of_the_authority(region: str) -> None:
    back = (k.SUBMITTED, k.started(), k.returned(region=True))
    outcome = given_filing(*back).with_reads(k.reads()).when(submit(region=region))
    assert r.JurisdictionNotConfirmed.code in k.codes(outcome.refusal)


def test_with_the_region_unlocked_it_may_also_stay() -> None:
    back = (k.SUBMITTED, k.started(), k.returned("revenue_y1", region=True))
    outcome = given_filing(*back).with_reads(k.reads()).when(submit(answers=CHANGED))
    outcome.then_types(said.ApplicationSubmitted)


def test_after_a_withdrawal_it_is_the_same_round_and_anything_may_change() -> None:
    answers = {**CHANGED, "main_product_name": "别的"}
    outcome = given_filing(k.SUBMITTED, k.ASKED, k.WITHDRAWN).with_reads(k.reads()).when(submit(answers=answers))
    event = outcome.then_types(said.ApplicationSubmitted).events[0]
    assert (event.application, event.round) == (k.APPLICATION, 1)
    assert set(event.changed) == {"revenue_y1", "main_product_name"}


def test_after_a_withdrawal_only_inside_the_window() -> None:
    history = (k.SUBMITTED, k.ASKED, k.WITHDRAWN)
    given_filing(*history).with_reads(k.reads()).when(submit(at=k.CLOSES)).then_types(said.ApplicationSubmitted)
    given_filing(*history).with_reads(k.reads()).when(submit(at=k.CLOSES + k.MS)).then_refused(r.WindowEnded)


def lapse(why: str = "window_end") -> said.ApplicationLapsed:
    return said.ApplicationLapsed(k.LATER, k.APPLICATION, k.ENTERPRISE, "期限已过", why)  # type: ignore[arg-type]


def test_a_filing_that_lapsed_with_its_window_lives_again_when_it_is_extended() -> None:
    until = k.LATER + timedelta(days=7)
    reads = k.reads(window=(k.window_opened(), k.extended(until)))
    history = (k.SUBMITTED, k.ASKED, k.WITHDRAWN, lapse())
    outcome = given_filing(*history).with_reads(reads).when(submit(at=until))
    outcome.then_types(said.ApplicationRevived, said.ApplicationSubmitted)
    assert (outcome.events[1].application, outcome.events[1].round) == (k.APPLICATION, 1)
    assert outcome.events[0].reason == "系统故障"
    assert outcome.state.status == "submitted"


def test_a_lapsed_filing_stays_lapsed_without_an_extension() -> None:
    history = (k.SUBMITTED, k.ASKED, k.WITHDRAWN, lapse())
    given_filing(*history).with_reads(k.reads()).when(submit(at=k.LATER)).then_refused(r.WindowEnded)


def test_while_a_withdrawal_waits_nothing_can_be_submitted() -> None:
    given_filing(k.SUBMITTED, k.ASKED).with_reads(k.reads()).when(submit()).then_refused(r.OtherFilingOpen)


RESUBMITTED = msgspec.structs.replace(k.SUBMITTED, round=2)


def test_a_recalled_correction_keeps_its_round_and_what_was_unlocked() -> None:
    recalled = (
        *BACK,
        RESUBMITTED,
        said.RecallRequested(k.INSIDE, k.APPLICATION, k.ENTERPRISE, 2),
        said.RecallNoted(k.INSIDE, k.APPLICATION, k.ENTERPRISE, 2, True, "cause"),
    )
    outcome = given_filing(*recalled).with_reads(k.reads()).when(submit(answers=CHANGED, at=k.LATER))
    assert outcome.then_types(said.ApplicationSubmitted).events[0].round == 2
    locked = (
        given_filing(*recalled)
        .with_reads(k.reads())
        .when(submit(answers={**CHANGED, "main_product_name": "别的"}, at=k.LATER))
    )
    locked.then_refused(r.FieldsLocked)


def test_a_digital_result_is_kept_by_a_correction_unless_it_was_unlocked() -> None:
    newer = said.DigitalLevelNoted(k.INSIDE, k.ENTERPRISE, said.DigitalResult("as2", 3, "70.00", "ev2"))
    reads = _srdi(newer)
    first = given_filing().with_reads(_srdi()).when(submit("srdi")).events[0]
    application = first.application

    def back(*unlocked: str) -> Any:
        return said.ReturnNoted(k.INSIDE, application, k.ENTERPRISE, 1, "county", unlocked, False, "cause")

    kept = given_filing(first, back("revenue_y1")).with_reads(reads).when(submit("srdi")).events[0]
    assert kept.digital.assessment == "as1"
    taken = given_filing(first, back("digital_level")).with_reads(reads).when(submit("srdi")).events[0]
    assert (taken.digital.assessment, taken.answers["digital_level"]) == ("as2", "3")


def _srdi(*more: Any) -> dict[str, Any]:
    known = (*k.KNOWN, k.DIGITAL, k.IN_POOL, k.INNOVATIVE, *more)
    return k.reads(enterprise=known, window=(k.window_opened(tier="srdi"),))

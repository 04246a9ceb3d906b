"""提交: every guard, alone and together, to the millisecond."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given as cases
from hypothesis import strategies as st

from libs.events.contracts import applications as said
from libs.events.contracts.times import day_end, day_start
from libs.events.errors import Refused
from libs.events.ids import entity_id
from services.applications.domain.enterprises.refusals import NoProfile, NotVerified
from services.applications.domain.filings import refusals as r
from services.applications.domain.windows.refusals import UnknownWindow
from tests.unit.applications import kit as k
from tests.unit.applications.kit import given_filing, submit


def test_a_complete_filing_inside_its_window_is_submitted_with_all_that_it_rests_on() -> None:
    outcome = given_filing().with_reads(k.reads()).when(submit()).then_types(said.ApplicationSubmitted)
    event = outcome.events[0]
    assert event.application == entity_id(k.FILING, 1)
    assert (event.round, event.region, event.region_names) == (1, k.XUANWU, ("江苏省", "南京市", "玄武区"))
    assert event.form == k.pin()
    assert event.pack == k.PACKS["innovative@2022-63"].pin
    assert event.window_closes == k.CLOSES
    assert event.answers["credit_code"] == k.CREDIT_CODE
    assert event.answers["registered_on"] == "2015-06-01"
    assert event.personal["contact"] == k.BASICS.contact
    assert "contact" not in event.answers
    assert event.policies
    assert outcome.state.status == "submitted"


@pytest.mark.parametrize("at", [k.OPENS, k.CLOSES, k.INSIDE])
def test_both_ends_belong_to_the_window(at: Any) -> None:
    given_filing().with_reads(k.reads()).when(submit(at=at)).then_types(said.ApplicationSubmitted)


def test_a_millisecond_before_the_window_is_too_early() -> None:
    outcome = given_filing().with_reads(k.reads()).when(submit(at=k.OPENS - k.MS)).then_refused(r.NotOpenYet)
    assert outcome.refusal.since == k.OPENS
    assert outcome.refusal.until == k.CLOSES
    assert outcome.refusal.contact == k.CONTACT


def test_a_millisecond_after_the_window_is_too_late() -> None:
    given_filing().with_reads(k.reads()).when(submit(at=k.CLOSES + k.MS)).then_refused(r.WindowEnded)


def test_only_the_time_of_receipt_counts_not_whether_the_window_was_closed() -> None:
    closed = said.WindowClosed(k.LATER, "w1", k.CLOSES)
    window = (k.window_opened(), closed)
    given_filing().with_reads(k.reads(window=window)).when(submit(at=k.CLOSES)).then_types(said.ApplicationSubmitted)


def test_an_extension_moves_the_end() -> None:
    until = k.CLOSES + timedelta(days=7)
    window = (k.window_opened(), k.extended(until))
    outcome = given_filing().with_reads(k.reads(window=window)).when(submit(at=until))
    assert outcome.then_types(said.ApplicationSubmitted).events[0].window_closes == until
    given_filing().with_reads(k.reads(window=window)).when(submit(at=until + k.MS)).then_refused(r.WindowEnded)


@cases(st.integers(-5_000, 5_000))
def test_the_window_guard_is_exact(offset: int) -> None:
    outcome = given_filing().with_reads(k.reads()).when(submit(at=k.CLOSES + offset * k.MS))
    assert (outcome.refusal is None) == (offset <= 0)


def test_an_account_that_was_not_verified_for_this_enterprise_cannot_submit() -> None:
    given_filing().with_reads(k.reads()).when(submit(account="someone")).then_refused(NotVerified)


def test_without_a_profile_nothing_can_be_submitted() -> None:
    reads = k.reads(enterprise=(k.VERIFIED,))
    outcome = given_filing().with_reads(reads).when(submit(region=""))
    assert NoProfile.code in k.codes(outcome.refusal)


def test_a_profile_that_changed_after_it_was_shown_is_shown_again_first() -> None:
    given_filing().with_reads(k.reads()).when(submit(profile_version=0)).then_refused(r.ProfileMoved)
    given_filing().with_reads(k.reads()).when(submit(profile_version=1)).then_types(said.ApplicationSubmitted)


def test_an_unknown_window_is_refused() -> None:
    outcome = given_filing().with_reads(k.reads(window=())).when(submit())
    outcome.then_refused(UnknownWindow)


def test_without_a_window_only_what_a_rule_allows() -> None:
    given_filing().with_reads(k.reads()).when(submit(window=None)).then_refused(r.WindowNeeded)


def test_a_window_of_another_kind_does_not_fit() -> None:
    window = (k.window_opened(kind="re_review"),)
    given_filing().with_reads(k.reads(window=window)).when(submit()).then_refused(r.WindowDoesNotFit)


def test_a_window_of_another_city_does_not_cover() -> None:
    window = (k.window_opened(regions=("320500",)),)
    outcome = given_filing().with_reads(k.reads(window=window)).when(submit()).then_refused(r.RegionNotCovered)
    assert "玄武区" in outcome.refusal.detail


def test_a_window_of_the_province_does_not_take_its_separate_city() -> None:
    reads = k.reads(enterprise=(k.VERIFIED, k.completed(authority=k.XIAMEN, region=k.SIMING)))
    outcome = given_filing().with_reads(reads).when(submit(region=k.SIMING))
    outcome.then_refused(r.RegionNotCovered)


def test_a_second_filing_waits_until_the_first_is_decided() -> None:
    outcome = given_filing(k.SUBMITTED).with_reads(k.reads()).when(submit()).then_refused(r.OtherFilingOpen)
    assert outcome.refusal.facts["application"] == k.APPLICATION


@pytest.mark.parametrize(
    "end",
    [
        said.RejectionNoted(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "cause"),
        said.ApplicationVoided(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "注销"),
        said.ApprovalNoted(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "cause"),
        said.ApplicationLapsed(k.INSIDE, k.APPLICATION, k.ENTERPRISE, "期限已过", "correction_deadline"),
    ],
)
def test_after_an_end_the_same_stream_takes_another_filing(end: Any) -> None:
    outcome = given_filing(k.SUBMITTED, end).with_reads(k.reads()).when(submit())
    event = outcome.then_types(said.ApplicationSubmitted).events[0]
    assert event.application == entity_id(k.FILING, 2)
    assert event.round == 1
    assert outcome.state.count == 2


def srdi(*more: Any) -> dict[str, Any]:
    return k.reads(enterprise=(*k.KNOWN, *more), window=(k.window_opened(tier="srdi"),))


def test_all_missing_prerequisites_are_answered_at_once() -> None:
    outcome = given_filing().with_reads(srdi(k.DIGITAL)).when(submit("srdi")).then_refused(r.PrerequisiteMissing)
    assert {one.facts["prerequisite"] for one in outcome.refusal.refusals} == {
        "prior-title:innovative",
        "pool-member",
    }
    assert all(one.way_out and one.contact for one in outcome.refusal.refusals)


def test_with_title_pool_and_assessment_it_may_be_submitted_and_pins_the_result() -> None:
    reads = srdi(k.DIGITAL, k.IN_POOL, k.INNOVATIVE)
    event = given_filing().with_reads(reads).when(submit("srdi")).then_types(said.ApplicationSubmitted).events[0]
    assert event.digital == k.DIGITAL.result
    assert event.answers["digital_level"] == "2"


def test_level_none_is_a_level_too() -> None:
    none = said.DigitalLevelNoted(k.EARLIER, k.ENTERPRISE, said.DigitalResult("as", 0, "10", "ev"))
    event = given_filing().with_reads(srdi(none, k.IN_POOL, k.INNOVATIVE)).when(submit("srdi")).events[0]
    assert event.answers["digital_level"] == "none"


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "met"),
    [
        (date(2024, 4, 10), date(2024, 4, 10), True),
        (date(2021, 4, 10), date(2024, 4, 9), False),
        (date(2024, 4, 11), date(2027, 4, 10), False),
    ],
)
def test_a_prior_title_must_be_valid_on_the_day(valid_from: date, valid_to: date, met: bool) -> None:
    title = said.TitleNoted(k.EARLIER, k.ENTERPRISE, "innovative", valid_from, valid_to, "cause")
    outcome = given_filing().with_reads(srdi(k.DIGITAL, k.IN_POOL, title)).when(submit("srdi"))
    assert (outcome.refusal is None) == met


def test_last_years_pool_data_do_not_count() -> None:
    last = said.PoolJoined(k.EARLIER, k.ENTERPRISE, k.JIANGSU, 2023, "cause")
    outcome = given_filing().with_reads(srdi(k.DIGITAL, last, k.INNOVATIVE)).when(submit("srdi"))
    assert outcome.then_refused(r.PrerequisiteMissing).refusal.facts["prerequisite"] == "pool-member"


def test_a_title_that_ended_no_longer_counts() -> None:
    end = said.TitleEndNoted(k.EARLIER, k.ENTERPRISE, "innovative", "取消", "cause")
    outcome = given_filing().with_reads(srdi(k.DIGITAL, k.IN_POOL, k.INNOVATIVE, end)).when(submit("srdi"))
    assert outcome.then_refused(r.PrerequisiteMissing).refusal.facts["prerequisite"] == "prior-title:innovative"


def test_the_yearly_update_is_asked_for_but_nothing_is_due_yet() -> None:
    window = (k.window_opened(prerequisites=("annual-update",)),)
    reads = k.reads(enterprise=(*k.KNOWN, k.INNOVATIVE), window=window)
    given_filing().with_reads(reads).when(submit()).then_types(said.ApplicationSubmitted)


def test_a_ban_holds_until_the_end_of_its_last_day() -> None:
    banned = msgspec.structs.replace(k.BANNED, until=date(2024, 4, 20))
    reads = k.reads(enterprise=(*k.KNOWN, banned))
    last = day_end(date(2024, 4, 20))
    outcome = given_filing().with_reads(reads).when(submit(at=last)).then_refused(r.Banned)
    assert outcome.refusal.until == last
    next_day = day_start(date(2024, 4, 21))
    given_filing().with_reads(reads).when(submit(at=next_day)).then_types(said.ApplicationSubmitted)


def test_every_wrong_field_is_listed_with_its_name() -> None:
    wrong = {
        **k.answers_for("innovative-2022"),
        "revenue_y1": "1,000.00",
        "staff_total": 0,
        "rd_institution_level": "galactic",
        "valid_honours": ["high_tech", "none"],
        "main_product_name": "",
        "unheard_of": "x",
    }
    outcome = given_filing().with_reads(k.reads()).when(submit(answers=wrong)).then_refused(r.FormIncomplete)
    fields = {error["field"] for error in outcome.refusal.facts["errors"]}
    assert fields == {
        "revenue_y1", "staff_total", "rd_institution_level", "valid_honours", "main_product_name", "unheard_of",
    }  # fmt: skip
    assert outcome.refusal.status == 422


def test_missing_evidence_is_named() -> None:
    outcome = given_filing().with_reads(k.reads()).when(submit(evidence=())).then_refused(r.EvidenceIncomplete)
    assert "business_licence" in {error["field"] for error in outcome.refusal.facts["errors"]}


def test_evidence_that_an_answer_makes_necessary_is_asked_for() -> None:
    answers = {**k.answers_for("innovative-2022"), "science_award_3y": True}
    files = tuple(f for f in k.evidence_for("innovative-2022") if f.slot != "direct_condition_proof")
    given_filing().with_reads(k.reads()).when(submit(evidence=files)).then_types(said.ApplicationSubmitted)
    outcome = given_filing().with_reads(k.reads()).when(submit(answers=answers, evidence=files))
    outcome.then_refused(r.EvidenceIncomplete)


def test_evidence_in_a_slot_that_the_form_lacks_is_refused() -> None:
    files = (*k.evidence_for("innovative-2022"), k.file("selfie"))
    given_filing().with_reads(k.reads()).when(submit(evidence=files)).then_refused(r.EvidenceIncomplete)


@pytest.mark.parametrize("region", ["", k.QINHUAI])
def test_the_jurisdiction_must_be_confirmed(region: str) -> None:
    outcome = given_filing().with_reads(k.reads()).when(submit(region=region))
    assert "玄武区" in outcome.then_refused(r.JurisdictionNotConfirmed).refusal.detail


def test_everything_that_is_wrong_is_answered_together() -> None:
    reads = k.reads(enterprise=(*k.KNOWN, k.BANNED), window=(k.window_opened(tier="srdi"),))
    command = submit("srdi", at=k.LATER, account="other", answers={}, evidence=(), region=k.QINHUAI)
    given_filing().with_reads(reads).when(command).then_refused(
        NotVerified,
        r.WindowEnded,
        r.PrerequisiteMissing,
        r.Banned,
        r.FormIncomplete,
        r.EvidenceIncomplete,
        r.JurisdictionNotConfirmed,
    )


def test_every_refusal_has_a_stable_code_and_a_chinese_title() -> None:
    named = [cls for cls in Refused.__subclasses__() if cls.__module__.startswith("services.applications")]
    assert named
    public = [cls for cls in named if not cls.__name__.startswith("_")]
    assert all(cls.code.startswith("applications.") for cls in public)
    assert all(any("一" <= char <= "鿿" for char in cls.title) for cls in public)
    assert len({cls.code for cls in public}) == len(public)


def test_amounts_and_integers_are_written_in_one_way() -> None:
    answers = {**k.answers_for("innovative-2022"), "revenue_y1": "1000.5", "staff_total": "12", "net_profit_y1": "-3"}
    event = given_filing().with_reads(k.reads()).when(submit(answers=answers)).events[0]
    assert (event.answers["revenue_y1"], event.answers["staff_total"]) == ("1000.50", 12)
    assert event.answers["net_profit_y1"] == "-3.00"


def test_what_the_platform_knows_is_never_taken_from_the_caller() -> None:
    answers = {**k.answers_for("innovative-2022"), "credit_code": "FAKE", "enterprise_size": "大型"}
    event = given_filing().with_reads(k.reads()).when(submit(answers=answers)).events[0]
    assert event.answers["credit_code"] == k.CREDIT_CODE
    assert event.answers["enterprise_size"] == "小型"


def test_what_was_wrong_before_sealing_is_listed_with_the_rest() -> None:
    outcome = given_filing().with_reads(k.reads()).when(submit(personal_faults={"contact": "不能为空"}))
    assert "contact" in {error["field"] for error in outcome.then_refused(r.FormIncomplete).refusal.facts["errors"]}


def test_pool_entry_goes_by_its_own_form() -> None:
    reads = k.reads(window=(k.window_opened(kind="pool_entry", tier=None),))
    command = submit(None, "pool_entry")
    event = given_filing().with_reads(reads).when(command).then_types(said.ApplicationSubmitted).events[0]
    assert event.form.id == "jiangsu-pool"
    assert event.tier is None

"""What officers do with a case: every command's happy path, its refusals, its repetition, and out of order."""

from typing import Any

import pytest

from libs.events.contracts.base import Event
from libs.events.contracts.review import (
    ApplicationApproved,
    ApplicationRejected,
    ApplicationReturned,
    CaseTakenOver,
    CaseTransferred,
    FiledForRecord,
    LevelApproved,
    Reason,
    ReviewStarted,
    SiteChecked,
)
from libs.events.contracts.times import business_date
from libs.events.decider import PolicyMissing
from libs.events.errors import Refused
from libs.events.testing.scenario import scenario
from services.review.domain import case as case_aggregate
from services.review.domain.case import refusals as no
from services.review.domain.reasons import ReasonsMissing, ReasonUnknown
from services.review.domain.regions import RegionUnknown
from tests import histories as h
from tests.unit.review.kit import (
    CITY1,
    COUNTY1,
    PROVINCE1,
    approve,
    check_site,
    day,
    given,
    officer,
    publisher,
    record,
    reject,
    send_back,
    start,
    take_over,
    transfer,
)

COUNTY2 = officer("county", "county2")


def test_the_county_starts() -> None:
    outcome = given(*h.opened()).when(start()).then_types(ReviewStarted)
    assert (outcome.state.status, outcome.state.holder) == ("in_review", "county1")


def test_a_city_officer_cannot_start_before_the_county() -> None:
    given(*h.opened()).when(start(CITY1)).then_refused(no.NotYourLevel)


@pytest.mark.parametrize(
    "stranger",
    [
        officer("county", region="320102"),
        officer("county", authority="350000"),
        publisher("county"),
        officer("province"),
    ],
)
def test_only_the_current_level_and_jurisdiction_may_act(stranger: Any) -> None:
    given(*h.opened()).when(start(stranger)).then_refused(no.NotYourLevel)


def test_fujian_cannot_act_on_a_case_of_xiamen_though_it_lies_there() -> None:
    fujian = officer("county", authority="350000", region=h.HULI)
    given(*h.opened("xiamen")).when(start(fujian)).then_refused(no.NotYourLevel)


def test_starting_again_is_already_so_and_another_is_told_to_take_over() -> None:
    given(*h.in_review_at_county()).when(start()).then_nothing()
    given(*h.in_review_at_county()).when(start(COUNTY2)).then_refused(no.AlreadyInReview)


def test_another_reviewer_of_the_level_takes_over() -> None:
    outcome = given(*h.in_review_at_county()).when(take_over(COUNTY2)).then_types(CaseTakenOver)
    assert outcome.state.holder == "county2"
    given(*outcome.history).when(approve(COUNTY1)).then_refused(no.NotTheHolder)
    given(*outcome.history).when(take_over(COUNTY2)).then_nothing()


def test_nobody_takes_over_what_has_not_started_or_is_elsewhere() -> None:
    given(*h.opened()).when(take_over(COUNTY2)).then_refused(no.NotInReview)
    given(*h.in_review_at_county()).when(take_over(CITY1)).then_refused(no.NotYourLevel)


def test_a_return_names_reasons_and_unlocks_their_fields_only() -> None:
    reasons = (
        Reason("figures-inconsistent", "", "revenue", "附件1"),
        Reason("evidence-missing", "缺审计报告", "audit"),
    )
    outcome = given(*h.in_review_at_county()).when(send_back(COUNTY1, *reasons)).then_types(ApplicationReturned)
    said = outcome.events[0]
    assert (said.unlocked, said.region_unlocked, said.deadline) == (("revenue", "audit"), False, None)
    assert said.reasons[0].text == "数据前后不一致" and said.reasons[1].text == "缺审计报告"
    assert [pin.kind for pin in said.policies] == ["reasons"]
    assert (outcome.state.status, outcome.state.holder) == ("returned", None)


def test_a_wrong_region_unlocks_the_region() -> None:
    [said] = given(*h.in_review_at_county()).when(send_back(COUNTY1, Reason("region-wrong", ""))).events
    assert said.region_unlocked and said.unlocked == ()


def test_a_correction_deadline_counts_working_days_from_the_day_after() -> None:
    monday_before_the_holiday = day(2024, 4, 29)
    history = [*h.opened(correction_days=5, hours=-24 * 14), h.started(hours=-24 * 13)]
    [said] = given(*history).when(send_back(COUNTY1, at=monday_before_the_holiday)).events
    assert business_date(said.deadline).isoformat() == "2024-05-09"
    assert {pin.id for pin in said.policies} == {"reasons-national", "calendar-2024"}


def test_a_return_without_a_reason_with_an_unknown_one_or_unlocking_nothing_is_refused() -> None:
    empty = send_back()
    given(*h.in_review_at_county()).when(type(empty)(**_fields(empty) | {"reasons": ()})).then_refused(ReasonsMissing)
    given(*h.in_review_at_county()).when(send_back(COUNTY1, Reason("no-such-code", "?", "x"))).then_refused(
        ReasonUnknown
    )
    given(*h.in_review_at_county()).when(send_back(COUNTY1, Reason("below-standard", "", "x"))).then_refused(
        ReasonUnknown
    )
    given(*h.in_review_at_county()).when(send_back(COUNTY1, Reason("figures-inconsistent", ""))).then_refused(
        no.NothingUnlocked
    )


def _fields(command: object) -> dict[str, object]:
    return {name: getattr(command, name) for name in command.__struct_fields__}  # type: ignore[attr-defined]


def test_without_a_policy_of_reasons_nobody_can_return() -> None:
    bare = scenario(case_aggregate.decider)
    bare(*h.in_review_at_county()).when(send_back()).then_refused(PolicyMissing)


def test_duties_of_the_step_come_before_its_approval() -> None:
    given(*h.in_review_at_county()).when(approve()).then_refused(no.DutiesOpen)
    failed = given(*h.in_review_at_county()).when(check_site(result="does_not_conform")).then_types(SiteChecked)
    given(*failed.history).when(approve()).then_refused(no.DutiesOpen)
    passed = given(*failed.history).when(check_site()).then_types(SiteChecked)
    outcome = given(*passed.history).when(approve()).then_types(LevelApproved)
    assert (outcome.events[0].next_level, outcome.state.current.level, outcome.state.status) == (
        "city",
        "city",
        "waiting",
    )


def test_a_site_that_conforms_with_findings_suffices_and_names_them() -> None:
    reserved = given(*h.in_review_at_county()).when(check_site(result="conforms_with_findings")).then_types(SiteChecked)
    given(*reserved.history).when(approve()).then_types(LevelApproved)
    for result in ("conforms_with_findings", "does_not_conform"):
        given(*h.in_review_at_county()).when(check_site(result=result, findings=())).then_refused(no.FindingsMissing)
    given(*h.in_review_at_county()).when(check_site(findings=())).then_types(SiteChecked)


def test_a_site_check_is_recorded_where_the_step_asks_for_it_by_anyone_of_the_level() -> None:
    given(*h.in_review_at_county()).when(check_site(COUNTY2)).then_types(SiteChecked)
    given(*h.opened()).when(check_site()).then_refused(no.NotInReview)
    given(*h.in_review_at_city()).when(check_site(CITY1)).then_refused(no.NoSiteCheckHere)
    given(*h.in_review_at_city()).when(check_site(COUNTY1)).then_refused(no.NotYourLevel)


def test_nobody_approves_twice_in_one_chain() -> None:
    both = officer("city", "county1")
    history = [*h.waiting_at_city(), h.started("city", "county1")]
    given(*history).when(approve(both)).then_refused(no.SamePersonTwice)


def test_nor_by_standing_in_for_somebody() -> None:
    stand_in = CITY1.__class__("official", "city9", CITY1.office, represents="county1")
    history = [*h.waiting_at_city(), h.started("city", "city9")]
    given(*history).when(approve(stand_in)).then_refused(no.SamePersonTwice)


def test_the_same_level_may_approve_again_in_a_later_round() -> None:
    history = [*h.returned_by_city(resubmission="first_level"), h.resubmitted("county"), h.started(round=2)]
    given(*history).when(approve()).then_types(LevelApproved)


def test_the_last_level_of_a_route_without_announcement_approves_as_a_whole() -> None:
    outcome = given(*h.in_review_at_county("pool")).when(approve()).then_types(LevelApproved, ApplicationApproved)
    assert outcome.state.status == "approved"
    assert outcome.events[1].filing == h.FILING and outcome.events[1].document is None


def test_the_last_level_of_a_route_with_announcement_does_not() -> None:
    outcome = given(*h.in_review_at_province()).when(approve(PROVINCE1)).then_types(LevelApproved)
    assert (outcome.events[0].next_level, outcome.state.current.duty) == (None, "publicity")


def test_a_rejection_has_reasons_and_ends_the_case() -> None:
    outcome = given(*h.in_review_at_county()).when(reject()).then_types(ApplicationRejected)
    assert outcome.state.status == "rejected"
    given(*h.in_review_at_county()).when(reject(COUNTY1, Reason("seal-missing", ""))).then_refused(ReasonUnknown)


def test_a_transfer_starts_the_chain_of_the_other_jurisdiction() -> None:
    outcome = given(*h.waiting_at_city()).when(transfer(CITY1)).then_types(CaseTransferred)
    case, said = outcome.state, outcome.events[0]
    assert (case.region, case.current.level, case.approvals) == ("320506", "county", ())
    assert said.region_names == ("江苏省", "苏州市", "吴中区") and said.before == h.COUNTY


def test_a_transfer_into_a_zone() -> None:
    huli = officer("county", authority=h.XIAMEN, region=h.HULI)
    outcome = given(*h.opened("xiamen")).when(transfer(huli, h.TORCH)).then_types(CaseTransferred)
    assert outcome.events[0].region_names == ("福建省", "厦门市", "厦门火炬高新区")


TRANSFERS: list[tuple[list[Event], object, type[Refused]]] = [
    (h.opened(), transfer(region=h.COUNTY), no.RegionUnchanged),
    (h.opened(), transfer(region="330106"), no.OtherAuthority),
    (h.opened(), transfer(region="320599"), RegionUnknown),
    (h.opened(), transfer(region="320500"), RegionUnknown),
    (h.opened(), transfer(CITY1), no.NotYourLevel),
    (h.in_review_at_county(), transfer(COUNTY2), no.NotTheHolder),
    (h.waiting_for_notice(), transfer(PROVINCE1), no.NotAtReview),
]


@pytest.mark.parametrize(("history", "command", "refusal"), TRANSFERS)
def test_a_transfer_is_refused(history: list[Event], command: object, refusal: type[Refused]) -> None:
    given(*history).when(command).then_refused(refusal)


def test_a_case_of_fujian_is_not_transferred_to_xiamen() -> None:
    import msgspec

    [opened] = h.opened()
    fujian = msgspec.structs.replace(opened, authority="350000", region="350102")
    fuzhou = officer("county", authority="350000", region="350102")
    given(fujian).when(transfer(fuzhou, h.HULI)).then_refused(no.OtherAuthority)


def test_filing_for_record_follows_the_approval_and_changes_no_state() -> None:
    history = [*h.opened("innovative"), h.started(), h.approved("county"), h.started("city"), h.approved("city")]
    city_list = f"list-{h.JIANGSU}-{h.CITY}-2024.1-announcement"
    history += [h.notice_over("x", "city"), h.listed(city_list, "city"), h.announced("city")]
    outcome = given(*history).when(record()).then_types(FiledForRecord)
    assert (outcome.state.status, outcome.state.current) == ("approved", None)
    given(*outcome.history).when(record()).then_refused(no.RecordNotDue)
    given(*history).when(record(CITY1)).then_refused(no.NotYourLevel)
    given(*h.certified()).when(record()).then_refused(no.RecordNotDue)
    given(*h.opened("innovative")).when(record()).then_refused(no.RecordNotDue)

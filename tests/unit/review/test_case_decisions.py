"""What the log says after each act on a case, word for word, and what somebody hears who is refused."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from libs.events.contracts.review import Finding, Reason, ScoreNoted
from libs.events.testing.scenario import Outcome
from services.review.domain import case
from services.review.domain.case import commands as c
from services.review.domain.case.overview import duties_open, next_acts, steps
from tests import histories as h
from tests.frozen import frozen, names, plain, told
from tests.unit.review import kit as k

COUNTY2 = k.officer("county", "county2")
SECOND_ROUND = [*h.in_review_at_county(), h.returned(), h.resubmitted()]
OTHER_LIST = "list-320000-320000-2024.2-notice"


def listed(list_: str = h.NOTICE_LIST) -> list[Any]:
    return [*h.waiting_for_notice(), h.listed(list_, "province")]


def start_notice(list_: str = h.NOTICE_LIST) -> Any:
    dates = {"starts": date(2024, 5, 8), "ends": date(2024, 5, 13)}
    return k.on_case(c.StartPublicity, k.REVIEW, list=list_, cause="p.1", **dates)


def end_notice(list_: str = h.NOTICE_LIST) -> Any:
    return k.on_case(c.EndPublicity, k.REVIEW, list=list_, cause="p.2")


def announce(list_: str = h.FINAL_LIST) -> Any:
    told = {"document": "苏工信企业〔2024〕1号", "announced_on": date(2024, 5, 18)}
    return k.on_case(c.Announce, k.REVIEW, list=list_, cause="p.3", **told)


def waits_for_record() -> list[Any]:
    history = [*h.opened("innovative"), h.started(), h.approved("county"), h.started("city"), h.approved("city")]
    city_list = f"list-{h.JIANGSU}-{h.CITY}-2024.1-announcement"
    return [*history, h.notice_over("x", "city"), h.listed(city_list, "city"), h.announced("city")]


SITUATIONS: Mapping[str, Callable[[], Outcome[Any]]] = {
    "a first submission": lambda: k.given().when(k.submit()),
    "a first submission in a zone of Xiamen": lambda: k.given().when(
        k.submit(authority=h.XIAMEN, region=h.TORCH, tier="innovative")
    ),
    "a submission without a chain": lambda: k.given().when(k.submit(kind="supplement", tier=None)),
    "a submission of an open case": lambda: k.given(*h.opened()).when(k.submit()),
    "a submission after the return by the city": lambda: k.given(*h.returned_by_city()).when(k.submit(2)),
    "a submission from the first level after a return": lambda: k.given(
        *h.returned_by_city(resubmission="first_level")
    ).when(k.submit(2)),
    "a submission in another region": lambda: k.given(*h.returned_by_city()).when(k.submit(2, "320506")),
    "a submission after a withdrawal": lambda: k.given(*h.opened(), h.withdrawn()).when(k.submit()),
    "a withdrawal before the start": lambda: k.given(*h.opened()).when(k.withdraw()),
    "a withdrawal after the start": lambda: k.given(*h.in_review_at_county()).when(k.withdraw()),
    "a withdrawal of another round": lambda: k.given(*h.opened()).when(k.withdraw(2)),
    "a withdrawal of nothing": lambda: k.given().when(k.withdraw()),
    "a recall": lambda: k.given(*SECOND_ROUND).when(k.recall()),
    "a recall in the first round": lambda: k.given(*h.opened()).when(k.recall(1)),
    "a recall after the start": lambda: k.given(*SECOND_ROUND, h.started(round=2)).when(k.recall()),
    "a lapse": lambda: k.given(*h.in_review_at_county(), h.returned()).when(k.close()),
    "a voiding while in review": lambda: k.given(*h.in_review_at_county()).when(k.close("voided")),
    "a voiding while on a list": lambda: k.given(*listed()).when(k.close("voided")),
    "a voiding after a lapse": lambda: k.given(*h.lapsed()).when(k.close("voided")),
    "a lapse of nothing": lambda: k.given().when(k.close()),
    "a return to life": lambda: k.given(*h.lapsed()).when(k.reopen()),
    "a return to life of what was voided": lambda: k.given(*h.opened(), h.closed("voided")).when(k.reopen()),
    "a score": lambda: k.given(*h.opened()).when(k.score()),
    "a score of an older round": lambda: k.given(*SECOND_ROUND).when(k.score(1)),
    "a score before the submission": lambda: k.given().when(k.score()),
    "the county starts": lambda: k.given(*h.opened()).when(k.start()),
    "the county starts what another holds": lambda: k.given(*h.in_review_at_county()).when(k.start(COUNTY2)),
    "the city starts before the county": lambda: k.given(*h.opened()).when(k.start(k.CITY1)),
    "a start of nothing": lambda: k.given().when(k.start()),
    "a start with the enterprise": lambda: k.given(*h.in_review_at_county(), h.returned()).when(k.start()),
    "a start after the end": lambda: k.given(*h.certified()).when(k.start()),
    "a start of a lapsed case": lambda: k.given(*h.lapsed()).when(k.start()),
    "a start at the notice": lambda: k.given(*h.waiting_for_notice()).when(k.start(k.PROVINCE1)),
    "the city starts": lambda: k.given(*h.waiting_at_city()).when(k.start(k.CITY1)),
    "another takes over": lambda: k.given(*h.in_review_at_county()).when(k.take_over(COUNTY2)),
    "another takes over what nobody started": lambda: k.given(*h.opened()).when(k.take_over(COUNTY2)),
    "the office is handed over": lambda: k.given(*h.in_review_at_county()).when(k.hand_on()),
    "the office of another is handed over": lambda: k.given(*h.in_review_at_county()).when(k.hand_on(before="county3")),
    "a return": lambda: k.given(*h.in_review_at_county()).when(
        k.send_back(
            k.COUNTY1,
            Reason("figures-inconsistent", "", "revenue", "附件1"),
            Reason("evidence-missing", "缺审计报告", "audit"),
        )
    ),
    "a return with a deadline": lambda: k.given(*h.opened(correction_days=5), h.started()).when(k.send_back()),
    "a return for the wrong region": lambda: k.given(*h.in_review_at_county()).when(
        k.send_back(k.COUNTY1, Reason("region-wrong", ""))
    ),
    "a return that unlocks nothing": lambda: k.given(*h.in_review_at_county()).when(
        k.send_back(k.COUNTY1, Reason("figures-inconsistent", ""))
    ),
    "a return for an unknown reason": lambda: k.given(*h.in_review_at_county()).when(
        k.send_back(k.COUNTY1, Reason("no-such-code", "?", "x"))
    ),
    "a return without reasons": lambda: k.given(*h.in_review_at_county()).when(
        k.on_case(c.ReturnApplication, k.COUNTY1, reasons=())
    ),
    "a return by one who does not hold it": lambda: k.given(*h.in_review_at_county()).when(k.send_back(COUNTY2)),
    "a return before the start": lambda: k.given(*h.opened()).when(k.send_back()),
    "an approval before the site check": lambda: k.given(*h.in_review_at_county()).when(k.approve()),
    "an approval by the county": lambda: k.given(*h.in_review_at_county(), h.checked()).when(k.approve()),
    "an approval by the city": lambda: k.given(*h.in_review_at_city()).when(k.approve(k.CITY1)),
    "the last approval": lambda: k.given(*h.in_review_at_province()).when(k.approve(k.PROVINCE1)),
    "the last approval without announcement": lambda: k.given(*h.in_review_at_county("pool")).when(k.approve()),
    "an approval by the same person twice": lambda: k.given(*h.waiting_at_city(), h.started("city", "county1")).when(
        k.approve(k.officer("city", "county1"))
    ),
    "a rejection": lambda: k.given(*h.in_review_at_county()).when(k.reject()),
    "a site check": lambda: k.given(*h.in_review_at_county()).when(k.check_site()),
    "a second site check": lambda: k.given(*h.in_review_at_county(), h.checked(result="does_not_conform")).when(
        k.check_site(result="conforms_with_findings", findings=(Finding("消防通道已整改"),))
    ),
    "a site check without findings": lambda: k.given(*h.in_review_at_county()).when(
        k.check_site(result="does_not_conform", findings=())
    ),
    "a site check before the start": lambda: k.given(*h.opened()).when(k.check_site()),
    "a site check that the step has not": lambda: k.given(*h.in_review_at_city()).when(k.check_site(k.CITY1)),
    "a transfer": lambda: k.given(*h.waiting_at_city()).when(k.transfer(k.CITY1)),
    "a transfer to where it is": lambda: k.given(*h.opened()).when(k.transfer(region=h.COUNTY)),
    "a transfer to another province": lambda: k.given(*h.opened()).when(k.transfer(region="330106")),
    "a transfer to no county": lambda: k.given(*h.opened()).when(k.transfer(region="320599")),
    "a case joins the notice": lambda: k.given(*h.waiting_for_notice()).when(k.join()),
    "a case joins too early": lambda: k.given(*h.waiting_at_city()).when(k.join()),
    "a case joins another list": lambda: k.given(*listed()).when(k.join(OTHER_LIST)),
    "a case joins a list of another region": lambda: k.given(*h.waiting_for_notice()).when(k.join(region="320100")),
    "a case joins a list of another tier": lambda: k.given(*h.waiting_for_notice()).when(k.join(tier="innovative")),
    "the notice begins": lambda: k.given(*listed()).when(start_notice()),
    "another notice begins": lambda: k.given(*listed()).when(start_notice(OTHER_LIST)),
    "the notice ends": lambda: k.given(*h.in_notice()).when(end_notice()),
    "another notice ends": lambda: k.given(*h.in_notice()).when(end_notice(OTHER_LIST)),
    "the announcement": lambda: k.given(*h.on_the_final_list()).when(announce()),
    "another announcement": lambda: k.given(*h.on_the_final_list()).when(announce(h.NOTICE_LIST)),
    "filing for record": lambda: k.given(*waits_for_record()).when(k.record()),
    "filing for record that is not due": lambda: k.given(*h.certified()).when(k.record()),
    "filing for record by the city": lambda: k.given(*waits_for_record()).when(k.record(k.CITY1)),
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_said_of_a_case(name: str) -> None:
    found = told(SITUATIONS[name]())
    assert found == frozen("review-case", name, found)


def test_every_frozen_decision_is_still_asked_for() -> None:
    assert names("review-case") == set(SITUATIONS)


STORIES: Mapping[str, Callable[[], list[Any]]] = {
    "opened": h.opened,
    "in review at the county": h.in_review_at_county,
    "checked": lambda: [*h.in_review_at_county(), h.checked()],
    "checked and found wanting": lambda: [*h.in_review_at_county(), h.checked(result="does_not_conform")],
    "waiting at the city": h.waiting_at_city,
    "in review at the city": h.in_review_at_city,
    "returned by the city": h.returned_by_city,
    "second round": lambda: SECOND_ROUND,
    "second round in review": lambda: [*SECOND_ROUND, h.started(round=2)],
    "withdrawn": lambda: [*h.opened(), h.withdrawn()],
    "rejected": lambda: [*h.in_review_at_county(), h.rejected()],
    "lapsed": h.lapsed,
    "lapsed and back": lambda: [*h.lapsed(), h.reopened()],
    "waiting for the notice": h.waiting_for_notice,
    "listed": listed,
    "in notice": h.in_notice,
    "waiting for the announcement": h.waiting_for_announcement,
    "on the final list": h.on_the_final_list,
    "certified": h.certified,
    "waits for record": waits_for_record,
    "Xiamen": lambda: h.in_review_at_county("xiamen"),
    "scored": lambda: [*h.opened(), ScoreNoted(h.at(2), h.CASE, h.ENTERPRISE, 1, "pass", "68", "83", "q.1")],
}


@pytest.mark.parametrize("name", STORIES)
def test_what_anybody_sees_of_a_case_at_a_glance(name: str) -> None:
    state = case.decider.fold(STORIES[name]())
    glance = {"steps": steps(state), "open": duties_open(state), "next": next_acts(state)}
    more = {"left": state.remaining(), "score": state.current_score, "is_open": state.is_open}
    found = plain(glance | more)
    assert found == frozen("review-case-at-a-glance", name, found)

"""Read models folded from histories: the queue, the timeline, submissions, lists, the register."""

import json
from collections.abc import Sequence
from datetime import date
from types import ModuleType
from typing import Any

import msgspec
import pytest

from libs.events.contracts import review as r
from libs.events.contracts.applications import ApplicationSubmitted, Evidence
from libs.events.contracts.base import Event, PolicyPin
from libs.events.contracts.times import time_text
from libs.events.store.matching import matches
from services.review.domain import case, titles
from services.review.projections import case_timeline, lists, officer_queue, public_register, submissions
from services.review.queries import _evidence, _fields, shown, within
from tests import histories as h
from tests.unit.review.kit import day, given_list, given_title, recorded
from tests.unit.review.test_lists import answered, publish, tick
from tests.unit.review.test_titles import cancel
from tests.unit.review.test_titles import tick as title_tick

CASE_STREAM = f"case-{h.ENTERPRISE}-{h.CASE}"


def fold(model: ModuleType, events: Sequence[Event], stream: str = CASE_STREAM) -> dict[str, Any]:
    """All documents by key, through JSON and back after every event, as the store would keep them."""
    documents: dict[str, Any] = {}
    for n, data in enumerate(events, start=1):
        event = recorded(data, stream, n)
        if type(data) not in model.HANDLES:
            continue
        key = model.key(event)
        after = model.apply(documents.get(key), event)
        documents[key] = json.loads(json.dumps(after)) if after is not None else None
    return documents


def queue(events: Sequence[Event]) -> dict[str, Any]:
    document: dict[str, Any] = fold(officer_queue, events)[h.CASE]
    return document


QUEUE: list[tuple[list[Event], tuple[str, str | None, str | None, str | None]]] = [
    (h.opened(), ("office", "county", "review", None)),
    (h.in_review_at_county(), ("office", "county", "review", "county1")),
    (h.waiting_at_city(), ("office", "city", "review", None)),
    (h.returned_by_city(), ("enterprise", "city", "review", None)),
    ([*h.opened(), h.withdrawn()], ("enterprise", "county", "review", None)),
    (h.waiting_for_notice(), ("office", "province", "publicity", None)),
    (h.in_notice(), ("clock", "province", "publicity", None)),
    (h.waiting_for_announcement(), ("office", "province", "announce", None)),
    (h.certified(), ("done", None, None, None)),
    (h.lapsed(), ("done", "county", "review", None)),
]


@pytest.mark.parametrize(("history", "place"), QUEUE)
def test_the_queue_knows_whose_turn_it_is(history: list[Event], place: tuple[str, ...]) -> None:
    found = queue(history)
    assert tuple(found[name] for name in ("where", "level", "duty", "holder")) == place


@pytest.mark.parametrize("history", [history for history, _ in QUEUE])
def test_the_queue_is_the_cases_own_fold(history: list[Event]) -> None:
    assert msgspec.convert(queue(history)["state"], case.decider.initial().__class__) == case.decider.fold(history)


def test_the_queue_holds_jurisdiction_since_and_score() -> None:
    scored = r.ScoreNoted(
        h.at(0), application=h.CASE, enterprise=h.ENTERPRISE, round=1, verdict="fail", low="40", high="55", cause="q"
    )
    found = queue([scored, *h.opened()])
    assert (found["authority"], found["covering"]) == (h.JIANGSU, [h.COUNTY, h.CITY, h.JIANGSU])
    assert found["score"] == {"round": 1, "verdict": "fail", "low": "40", "high": "55"}
    assert found["since"] == found["opened_at"] == time_text(h.at(0))
    assert "state" not in shown(found)


def test_an_approved_case_waits_for_its_record_where_the_route_says_so() -> None:
    history = [*h.opened("innovative"), h.started(), h.approved("county"), h.started("city"), h.approved("city")]
    history += [h.notice_over("x", "city"), h.announced("city")]
    assert [queue(history)[name] for name in ("where", "level", "duty", "status")] == [
        "office", "province", "record", "approved"
    ]  # fmt: skip


def test_the_timeline_says_everything_in_order_and_no_officer() -> None:
    document = fold(case_timeline, h.returned_by_city())[h.CASE]
    titles_ = [entry["title"] for entry in document["entries"]]
    assert titles_ == ["立案", "开始审核", "实地抽查", "审核通过", "开始审核", "退回修改"]
    assert document["entries"][-1]["details"]["reasons"][0]["field"] == "revenue"
    assert "county1" not in json.dumps(document)


def test_every_event_that_a_case_may_hold_has_a_title() -> None:
    said = {r.NoteDeclined, *(type(event) for event in [*h.certified(), *h.lapsed(), h.reopened(), h.withdrawn()])}
    assert said <= set(case_timeline.HANDLES)
    assert set(officer_queue.HANDLES) <= set(case_timeline.HANDLES)


def submission(round: int, **answers: Any) -> ApplicationSubmitted:
    return ApplicationSubmitted(
        h.at(round),
        application=h.CASE,
        enterprise=h.ENTERPRISE,
        account="acc",
        kind="declaration",
        tier="srdi",
        window="w1",
        batch="2024-1",
        authority=h.JIANGSU,
        region=h.COUNTY,
        region_names=("江苏省", "苏州市", "虎丘区"),
        round=round,
        draft_version=1,
        enterprise_name="苏州某精密科技有限公司",
        credit_code="91320505MA1MXXXX0X",
        answers=answers,
        personal={},
        evidence=(Evidence("audit", f"审计{round}.pdf", f"{round}" * 64, 1, "application/pdf", "b"),),
        form=PolicyPin("forms", "f", "0" * 64),
        changed=("revenue",) if round > 1 else (),
    )


def test_a_resubmission_is_shown_against_the_round_before() -> None:
    events = [submission(n, revenue=revenue, staff=50) for n, revenue in ((1, "1200"), (1, "1250"), (2, "1300"))]
    document = fold(submissions, events, h.FILING)[h.CASE]
    now, before = document["current"], document["before"]
    assert (now["round"], before["round"]) == (2, 1)
    assert _fields(now, before) == [{"field": "revenue", "before": "1250", "after": "1300", "personal": False}]
    assert [(e["change"], e["name"]) for e in _evidence(now, before)] == [
        ("removed", "审计1.pdf"),
        ("added", "审计2.pdf"),
    ]


def test_a_list_counts_its_answers_and_shows_its_period() -> None:
    history = answered(4, declined=(2,))
    [document] = fold(lists, history, h.NOTICE_LIST).values()
    assert (document["status"], document["accepted"], document["declined"]) == ("frozen", 3, 1)
    published = given_list(*history).when(publish()).history
    [document] = fold(lists, published, h.NOTICE_LIST).values()
    assert (document["status"], document["starts"], document["ends"]) == ("published", "2024-05-08", "2024-05-13")
    assert document["progress"]["publish"] == {"done": 3, "of": 3}
    ended = given_list(*published).when(tick(day(2024, 5, 14))).history
    assert fold(lists, ended, h.NOTICE_LIST)[h.NOTICE_LIST]["status"] == "ended"


def valid_on(documents: dict[str, Any], on: date) -> list[str]:
    where = within({"valid_from": {"$lte": on.isoformat()}, "until": {"$gte": on.isoformat()}}, {"tier": None})
    return [key for key, document in documents.items() if matches(document, where)]


def test_the_register_answers_as_of_any_date() -> None:
    stream = f"title-{h.ENTERPRISE}-innovative"
    expired = given_title(*h.granted()).when(title_tick(day(2027, 7, 1))).history
    again = [*expired, *h.granted(on=date(2027, 9, 1))]
    documents = fold(public_register, again, stream)
    assert len(documents) == 2
    first, second = documents
    assert valid_on(documents, date(2024, 6, 30)) == []
    assert valid_on(documents, date(2024, 7, 1)) == [first]
    assert valid_on(documents, date(2027, 6, 30)) == [first]
    assert valid_on(documents, date(2027, 7, 1)) == []
    assert valid_on(documents, date(2028, 1, 1)) == [second]
    assert documents[first]["status"] == "expired"


def test_a_cancelled_title_was_valid_until_the_day_before() -> None:
    history = given_title(*h.granted()).when(cancel()).history
    documents = fold(public_register, history, f"title-{h.ENTERPRISE}-innovative")
    [key] = documents
    assert valid_on(documents, date(2024, 12, 31)) == [key]
    assert valid_on(documents, date(2025, 1, 1)) == []
    assert titles.decider.fold(history).status == documents[key]["status"] == "cancelled"


def test_filters_that_were_not_asked_for_do_not_filter() -> None:
    assert within({}, {"level": None}) == {}
    assert within({"$or": [{"a": 1}]}, {"level": "city", "tier": None}) == {
        "$and": [{"$or": [{"a": 1}]}, {"level": "city"}]
    }

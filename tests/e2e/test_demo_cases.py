"""The demo's six cases: what each service's API shows of them afterwards."""

from collections import Counter
from datetime import date, timedelta

import pytest

from deploy.cli.demo import STEPS
from libs.events.contracts.base import SERVICES
from services.notifications.app import service
from services.notifications.domain.messages.commands import PostMessage
from services.notifications.domain.messages.recipients import message_id
from tests.e2e.asking import Caller
from tests.e2e.tale import Tale, assert_sound, recorded, said

STATES = {
    "1": "approved", "1a": "approved", "1b": "approved", "2": "approved", "3": "rejected", "4a": "withdrawn",
    "4b": "in_review", "5a": "in_review", "5b": "in_review", "6": "expired",
}  # fmt: skip
FIVE_GROUPS = {"认定到期", "信息更新", "认定通知", "取消认定", "申报提醒"}


async def test_every_case_ends_as_told_although_services_were_killed_in_the_middle(tale: Tale) -> None:
    assert {outcome.case: outcome.state for outcome in tale.result.outcomes} == STATES
    assert Counter(case for case, _ in tale.steps) == STEPS
    restarts = tale.stack.restarts
    assert all(restarts[name] for name in SERVICES), "not each of them was killed: nothing is proven"
    await assert_sound(tale.stack)


async def test_the_result_is_one_object_with_everything_promised(tale: Tale) -> None:
    shown = tale.result.as_json()
    assert {(c["name"], c["application"], c["state"]) for c in shown["cases"]} == {
        (o.name, o.application, o.state) for o in tale.stories.outcomes
    }
    assert set(shown["events"]) == set(shown["verified"]) == set(shown["replayed"]) == set(SERVICES)
    assert shown["elapsed_seconds"] == round(tale.result.elapsed_seconds, 1) > 0
    for name in SERVICES:
        assert sum(shown["verified"][name].values()) == shown["events"][name] > 0
        assert set(shown["verified"][name]) == {str(shard) for shard in range(6)}
    assert shown["faults"] == [] and tale.result.faults == 0


# Case 1.


async def test_a_submission_without_prerequisites_is_told_both_at_once(tale: Tale) -> None:
    [words] = [words for case, words in tale.steps if case == "1" and "被拒" in words]
    assert "创新型" in words and "入库" in words and "；" in words


async def test_the_filing_shows_both_rounds_and_what_may_be_done(tale: Tale, call: Caller) -> None:
    filing = tale.filing("srdi")
    shown = await filing.user.get(f"/applications/filings/{filing.path}")
    assert (shown["status"], shown["round"], shown["kind"], shown["tier"]) == ("approved", 2, "declaration", "srdi")
    assert shown["region_names"] == ["江苏省", "南京市", "玄武区"] and shown["contact"]["name"]
    assert shown["may"]["withdraw"]["why"]["code"] == "applications.nothing-to-withdraw"
    same = await call(filing.user, "GET", f"/applications/applications/{filing.application}")
    assert same.headers["etag"].strip('"').isdigit() and same.headers["cache-control"] == "no-store"
    assert same.json()["application"] == filing.application
    mine = await filing.user.get("/applications/filings")
    assert [item["tier"] for item in mine["items"]] == ["srdi", "innovative", None]


async def test_the_case_shows_every_level_with_its_opinion(tale: Tale) -> None:
    case = await tale.case("srdi", "js-province")
    steps = [(s["level"], s["state"], [d["duty"] for d in s["duties"]], s["opinion"]) for s in case["steps"]]
    assert steps == [
        ("county", "done", ["review", "site_check"], "已更正，同意推荐。"),
        ("city", "done", ["review"], "同意推荐。"),
        ("province", "done", ["review", "publicity", "announce"], "符合认定条件。"),
    ]
    assert all(step["officer"] for step in case["steps"])
    assert case["checks"][0]["result"] == "conforms" and (case["duties_open"], case["next"]) == ([], [])
    assert case["last_return"]["unlocked"] == ["rd_expense_y1", "market_share_statement"]


async def test_an_enterprise_does_not_see_which_officer(tale: Tale) -> None:
    filing = tale.filing("srdi")
    case = await filing.user.get(filing.case)
    assert case["holder"] is None and {step["officer"] for step in case["steps"]} == {None}


async def test_the_return_and_the_correction_stand_side_by_side(tale: Tale) -> None:
    filing = tale.filing("srdi")
    found = await tale.officer("js-county").get(f"{filing.case}/difference")
    assert [(f["field"], f["before"], f["after"]) for f in found["fields"]] == [
        ("rd_expense_y1", "364.00", "372.50"),
        ("market_share_statement", None, "省内前三，依据行业协会统计。"),
    ]
    assert [reason["field"] for reason in found["asked"]["reasons"]] == [f["field"] for f in found["fields"]]


async def test_the_case_as_of_the_return_is_the_case_of_then(tale: Tale, call: Caller) -> None:
    filing = tale.filing("srdi")
    officer = tale.officer("js-county")
    entries = (await officer.get(f"{filing.case}/timeline"))["entries"]
    returned = next(entry for entry in entries if entry["type"] == "review.ApplicationReturned.v1")
    then = await call(officer, "GET", filing.case, params={"as_of": returned["recorded_at"]})
    assert (then.json()["status"], then.json()["round"]) == ("returned", 1)
    assert then.headers["etag"] == f'"{returned["version"]}"'
    now = await call(officer, "GET", filing.case)
    assert now.headers["etag"] == f'"{entries[-1]["version"]}"'
    cut = await officer.get(f"{filing.case}/timeline", params={"as_of": returned["recorded_at"]})
    assert cut["entries"] == entries[: entries.index(returned) + 1]


@pytest.mark.parametrize(("name", "verdict", "low", "high"), [
    ("srdi", "pass", "68", "83"), ("js-innovative", "pass", "95", "95"), ("failing", "fail", "5", "5"),
])  # fmt: skip
async def test_a_score_explains_each_indicator(tale: Tale, name: str, verdict: str, low: str, high: str) -> None:
    score = await tale.score(name)
    assert (score["verdict"], score["low"], score["high"]) == (verdict, low, high)
    result = score["result"]
    assert result["indicators"] and result["gates"]
    for indicator in result["indicators"]:
        assert indicator["label"] and indicator["clause"], indicator
        assert all(used["label"] for used in indicator["inputs"])
    assert all(gate["state"] in ("met", "not-met", "unknown") and gate["clause"] for gate in result["gates"])


async def test_what_the_law_leaves_open_is_a_range(tale: Tale) -> None:
    """The provincial 15 points of 专精特新 are entered by the authority; until then the total is a range."""
    result = (await tale.score("srdi"))["result"]
    assert int(result["high"]) - int(result["low"]) == 15
    assert any(indicator.get("points") is None for indicator in result["indicators"])


async def test_the_province_files_the_first_tier_for_record(tale: Tale) -> None:
    case = await tale.case("js-innovative", "js-province")
    assert case["status"] == "approved" and [s["level"] for s in case["steps"]] == ["county", "city", "province"]
    records = [d for step in case["steps"] for d in step["duties"] if d["duty"] == "record"]
    assert records == [{"duty": "record", "state": "done"}]


# Titles.


@pytest.mark.parametrize(("day", "holders"), [
    ("2024-09-19", []),
    ("2024-09-20", [("nanjing", "innovative"), ("xiamen", "innovative")]),
    ("2024-10-21", [("nanjing", "innovative"), ("xiamen", "innovative")]),
    ("2024-10-22", [("nanjing", "innovative"), ("nanjing", "srdi"), ("xiamen", "innovative")]),
    ("2027-09-19", [("nanjing", "innovative"), ("nanjing", "srdi"), ("xiamen", "innovative")]),
    ("2027-09-20", [("nanjing", "srdi")]),
    ("2027-10-22", []),
])  # fmt: skip
async def test_the_register_of_any_day(tale: Tale, call: Caller, day: str, holders: list[tuple[str, str]]) -> None:
    found = (await call(None, "GET", "/review/register", params={"valid_on": day})).json()
    ids = {tale.stories.enterprises[name].id: name for name in ("nanjing", "xiamen")}
    assert sorted((ids[item["enterprise"]], item["tier"]) for item in found["items"]) == holders
    assert found["total"] == len(holders)


async def test_a_title_is_valid_for_three_years(tale: Tale, call: Caller) -> None:
    nanjing = tale.stories.enterprises["nanjing"].id
    title = (await call(None, "GET", f"/review/titles/{nanjing}/srdi")).json()
    first, last = date.fromisoformat(title["valid_from"]), date.fromisoformat(title["valid_to"])
    assert last + timedelta(days=1) == first.replace(year=first.year + 3)
    assert (title["status"], title["document"]) == ("valid", "苏工信示例〔2024〕21号")


async def test_the_enterprise_knows_the_titles_it_holds_today(tale: Tale) -> None:
    nanjing = tale.stories.enterprises["nanjing"]
    shown = await nanjing.user.get(f"/applications/enterprises/{nanjing.id}")
    assert list(shown["titles"]) == ["srdi"] and shown["digital"]["level"] == 2 and shown["verified"]


async def test_the_notice_lasted_five_working_days(tale: Tale, call: Caller) -> None:
    """9–13 September for 创新型; 14–18 October 2024, after the holiday's shifted working days, for 专精特新."""
    found = (await call(None, "GET", "/review/notices", params={"purpose": "notice"})).json()["items"]
    assert sorted((n["region"], n["starts"], n["ends"]) for n in found) == [
        ("320000", "2024-10-14", "2024-10-18"), ("320100", "2024-09-09", "2024-09-13"),
        ("350203", "2024-09-09", "2024-09-13"),
    ]  # fmt: skip


# The other cases.


async def test_xiamen_goes_its_own_way(tale: Tale) -> None:
    case = await tale.case("xiamen", "xm-county")
    assert [(s["level"], [d["duty"] for d in s["duties"]]) for s in case["steps"]] == [
        ("county", ["review", "site_check", "publicity"]), ("city", ["announce"]),
    ]  # fmt: skip


async def test_a_rejection_says_why_and_what_failed(tale: Tale) -> None:
    filing = tale.filing("failing")
    entries = (await filing.user.get(f"{filing.case}/timeline"))["entries"]
    rejected = entries[-1]
    assert rejected["type"] == "review.ApplicationRejected.v1"
    assert rejected["details"]["reasons"][0]["text"] == "评分 5 分，未达 60 分"
    assert tale.outcome("3").notes[0] == "得分 5" and len(tale.outcome("3").notes) == 4


async def test_a_withdrawal_before_the_review_is_accepted_and_after_it_refused(tale: Tale) -> None:
    """What was withdrawn and not handed in again lapsed when its window ended."""
    early, late = tale.filing("early"), tale.filing("late")
    types = [e["type"].split(".")[1] for e in (await early.user.get(f"{early.case}/timeline"))["entries"]]
    told = [type_ for type_ in types if type_ != "ScoreNoted"]  # a score comes when it comes: it has a topic of its own
    assert told[-2:] == ["WithdrawalAccepted", "CaseClosed"] and "ReviewStarted" not in told
    shown = await early.user.get(f"/applications/filings/{early.path}")
    assert shown["status"] == "lapsed" and shown["lapsed_because"]
    case = await tale.case("late", "js-county")
    assert (case["status"], await late.status(), case["last_return"]) == ("in_review", "in_review", None)
    assert tale.outcome("4b").notes[0].startswith("撤回")


async def test_a_transferred_case_is_left_by_the_one_county_and_reviewed_by_the_other(tale: Tale, call: Caller) -> None:
    filing = tale.filing("misplaced")
    case = await tale.case("misplaced", "js-county-other")
    assert (case["region"], case["round"], case["level"]) == ("320104", 1, "city")
    left = await call(tale.officer("js-county"), "GET", filing.case)
    assert left.status_code == 404


async def test_a_corrected_region_starts_the_chain_anew(tale: Tale) -> None:
    case = await tale.case("corrected", "js-county-other")
    assert (case["region"], case["round"], case["level"], case["changed"]) == ("320104", 2, "city", ["region"])


# Messages.


async def test_everybody_is_told_everything_exactly_once(tale: Tale) -> None:
    """What the reactions say of each event, against what was posted or declined: the same, once."""
    expected: list[str] = []
    for reaction in service.reactions:
        for event in await recorded(tale.stack, reaction.source):
            commands = reaction.react(event) if isinstance(event.data, reaction.handles) else []
            expected += [message_id(c.cause, c.recipient) for c in commands if isinstance(c, PostMessage)]
    posted = [body["message"] for _, body in await said(tale.stack, "notifications", "MessagePosted")]
    declined = [body["message"] for _, body in await said(tale.stack, "notifications", "MessageDeclined")]
    assert sorted(posted + declined) == sorted(expected) and len(set(expected)) == len(expected)
    assert not declined


async def test_an_enterprise_finds_its_messages_by_group(tale: Tale) -> None:
    xiamen = tale.stories.enterprises["xiamen"].user
    unread = await xiamen.get("/notifications/inbox/unread")
    assert set(unread["groups"]) == FIVE_GROUPS | {"审核进度"} and unread["unread"] == sum(unread["groups"].values())
    expiring = await xiamen.get("/notifications/inbox", params={"group": "认定到期"})
    assert [m["title"] for m in expiring["messages"]] == [
        "创新型中小企业称号已到期", *(f"创新型中小企业称号还有{days}天到期" for days in (7, 30, 90)),
    ]  # fmt: skip
    assert (await xiamen.get("/notifications/inbox", params={"group": "认定通知"}))["total"] == 1
    latest = (await xiamen.get("/notifications/inbox/latest"))["messages"]
    assert len(latest) == 5 and latest[0]["title"] == "创新型中小企业称号已到期"


async def test_the_offices_that_must_act_are_told(tale: Tale) -> None:
    for name, words in (("js-county", "玄武区"), ("js-city", ""), ("js-province", ""), ("xm-county", "")):
        found = await tale.officer(name).get("/notifications/inbox")
        assert found["total"] > 0 and any(words in m["body"] for m in found["messages"]), name
    assert (await tale.officer("js-city-publisher").get("/notifications/inbox"))["total"] == 0


async def test_an_inbox_holds_what_was_posted_to_it(tale: Tale) -> None:
    posted = [body for _, body in await said(tale.stack, "notifications", "MessagePosted")]
    for enterprise in tale.stories.enterprises.values():
        mine = [body for body in posted if body["recipient"].get("enterprise") == enterprise.id]
        assert (await enterprise.user.get("/notifications/inbox"))["total"] == len(mine) > 0

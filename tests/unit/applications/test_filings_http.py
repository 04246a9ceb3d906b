"""Filings over HTTP: submitted as shown, reviewed, returned, taken back, decided, and who sees them."""

from libs.events.contracts import review as said
from libs.events.contracts.times import time_text
from services.applications.domain.windows.state import GRACE
from services.applications.routes.bodies import SubmissionBody
from tests.unit.applications import kit as k
from tests.unit.applications.shell import Stage, official
from tests.unit.applications.stories import (
    PDF,
    attach,
    draft,
    filled,
    heard,
    known,
    on_stage,
    place,
    save,
    submitted,
    window,
)


@on_stage
async def test_a_case_from_the_profile_to_its_approval(stage: Stage) -> None:
    path, filing, application = await submitted(stage)
    shown = await stage.get(filing)
    assert (shown["status"], shown["application"], shown["round"]) == ("submitted", application, 1)
    assert shown["may"]["withdraw"]["allowed"]
    await heard(stage, said.ReviewStarted, filing, application)
    shown = await stage.get(filing)
    assert (shown["status"], shown["with_level"]) == ("in_review", "county")
    why = shown["may"]["withdraw"]["why"]
    assert why["code"] == "applications.review-has-begun"
    reason = {"code": "figure", "text": "与审计报告不符", "field": "revenue_y1"}
    await heard(stage, said.ApplicationReturned, filing, application, reasons=[reason], unlocked=["revenue_y1"])
    await stage.runtime.pass_to(k.LATER)
    content = await stage.get(path)
    assert content["filing"]["unlocked"] == ["revenue_y1"]
    assert content["filing"]["reasons"][0]["text"] == "与审计报告不符"
    answers = {**content["answers"], "revenue_y1": "80"}
    again = {"version": content["version"], "region": k.XUANWU, "answers": answers}
    answer = await stage.ask("POST", f"{path}/submission", again)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["application"], answer.json()["round"]) == (application, 2)
    await heard(stage, said.ApplicationApproved, filing, application)
    listed = await stage.get("/filings")
    assert [one["status"] for one in listed["items"]] == ["approved"]
    snapshot = await stage.get(f"/applications/{application}/submission?personal=true")
    assert snapshot["answers"]["revenue_y1"] == "80.00"
    assert snapshot["personal"]["contact"] == "李四"
    assert snapshot["changed"] == ["revenue_y1"]


def test_answers_enter_the_fingerprint_blinded() -> None:
    body = SubmissionBody(version=1, answers={"contact": "张三", "staff": 12})
    assert body.canonical(lambda what, text: what)["answers"] == {
        "contact": "answers.contact",
        "staff": "answers.staff",
    }


@on_stage
async def test_nothing_personal_is_in_the_log(stage: Stage) -> None:
    await submitted(stage)
    shards = [await stage.runtime.store.read_shard(s, 0, 1000) for s in range(6)]
    written = "".join(e.body for commits in shards for c in commits for e in c.events)
    for text in ("张三", "李四", "13800138000", "l@example.com"):
        assert text not in written


@on_stage
async def test_only_the_version_that_was_shown_is_submitted(stage: Stage) -> None:
    await known(stage)
    path, version = await filled(stage, await window(stage))
    stale = await stage.ask("POST", f"{path}/submission", {"version": version - 1, "region": k.XUANWU})
    assert stale.status_code == 412
    assert stale.json()["difference"][0]["field"] == "compliance_commitment"
    fresh = {"version": version, "region": k.XUANWU}
    first = await stage.ask("POST", f"{path}/submission", fresh, key="same")
    assert first.status_code == 201
    await save(stage, path, {}, version)
    again = await stage.ask("POST", f"{path}/submission", fresh, key="same")
    assert again.json() == first.json()
    other = await stage.ask("POST", f"{path}/submission", {"version": 1, "region": k.XUANWU}, key="same")
    assert other.json()["code"] == "platform.idempotency-key-reused"


@on_stage
async def test_what_is_sent_along_is_saved_before_it_is_submitted(stage: Stage) -> None:
    await known(stage)
    path, version = await filled(stage, await window(stage))
    answers = {**k.answers_for("innovative-2022"), "revenue_y1": "77.00"}
    body = {"version": version, "region": "", "answers": answers}
    refused = await stage.ask("POST", f"{path}/submission", body)
    assert refused.json()["code"] == "applications.jurisdiction-not-confirmed"
    again = await stage.ask("POST", f"{path}/submission", body | {"region": k.XUANWU})
    assert again.status_code == 201, again.text
    assert again.json()["draft_version"] == version + 1


@on_stage
async def test_officials_see_filings_and_files_of_their_jurisdiction_only(stage: Stage) -> None:
    _, filing, application = await submitted(stage)
    stage.people["here"] = official("county", region=k.XUANWU)
    stage.people["there"] = official("county", region=k.QINHUAI)
    stage.people["elsewhere"] = official("province", authority=k.XIAMEN, region=k.XIAMEN)
    assert (await stage.get("/filings", who="here"))["total"] == 1
    assert (await stage.get("/filings?region=320100", who="manager"))["total"] == 1
    for who in ("there", "elsewhere", "stranger"):
        assert (await stage.get("/filings", who=who))["total"] == 0
        assert (await stage.ask("GET", filing, who=who)).status_code == 404
        assert (await stage.ask("GET", f"/applications/{application}/submission", who=who)).status_code == 404
    snapshot = await stage.get(f"/applications/{application}/submission", who="here")
    assert snapshot["personal"]["contact"] == "（已加密）"
    sha256 = snapshot["evidence"][0]["sha256"]
    assert (await stage.ask("GET", f"/applications/{application}/evidence/{sha256}", who="here")).content == PDF
    assert (await stage.ask("GET", f"/applications/{application}", who="here")).json()["status"] == "submitted"


@on_stage
async def test_a_withdrawn_filing_lapses_with_its_window_and_lives_again_when_it_is_extended(stage: Stage) -> None:
    _, filing, application = await submitted(stage)
    asked = await stage.ask("POST", f"{filing}/withdrawal", {"application": application, "reason": "改材料"})
    assert asked.status_code == 201, asked.text
    assert (await stage.get(filing))["status"] == "withdrawal_requested"
    await heard(stage, said.WithdrawalAccepted, filing, application)
    assert (await stage.get(filing))["status"] == "withdrawn"
    await stage.runtime.pass_to(k.CLOSES + GRACE)
    assert (await stage.get(filing))["status"] == "lapsed"
    window_ = filing.rsplit("/", 1)[1]
    body = {"closes": time_text(k.LATER), "reason": "系统故障"}
    assert (await stage.ask("POST", f"/windows/320000/{window_}/extension", body, who="manager")).status_code == 201
    revived = await stage.ask("POST", f"{filing}/revival", {"application": application})
    assert revived.status_code == 201, revived.text
    assert (await stage.get(filing))["status"] == "withdrawn"
    await stage.runtime.pass_to(k.LATER + GRACE)
    listed = await stage.get("/filings?status=lapsed")
    assert listed["items"][0]["why"]


@on_stage
async def test_a_refused_withdrawal_a_recall_and_a_void(stage: Stage) -> None:
    path, filing, application = await submitted(stage)
    await stage.ask("POST", f"{filing}/withdrawal", {"application": application})
    await heard(stage, said.ReviewStarted, filing, application)
    await heard(stage, said.WithdrawalRefused, filing, application, code="review.review-started")
    assert (await stage.get("/filings"))["items"][0]["status"] == "in_review"
    await heard(stage, said.ApplicationReturned, filing, application, unlocked=["revenue_y1"])
    version = (await stage.get(path))["version"]
    again = await stage.ask("POST", f"{path}/submission", {"version": version, "region": k.XUANWU})
    assert again.status_code == 201, again.text
    assert (await stage.ask("POST", f"{filing}/recall", {"application": application})).status_code == 201
    await heard(stage, said.RecallAccepted, filing, application, round=2)
    assert (await stage.get("/filings"))["items"][0]["status"] == "returned"
    body = {"application": application, "reason": "企业注销"}
    assert (await stage.ask("POST", f"{filing}/void", body)).status_code == 403
    stage.people["province"] = official("province")
    assert (await stage.ask("POST", f"{filing}/void", body, who="province")).status_code == 201
    assert (await stage.get(filing))["status"] == "voided"


@on_stage
async def test_a_transfer_moves_filing_list_and_profile(stage: Stage) -> None:
    _, filing, application = await submitted(stage)
    names = ["江苏省", "南京市", "秦淮区"]
    await heard(stage, said.CaseTransferred, filing, application, region=k.QINHUAI, region_names=names, route=[])
    assert (await stage.get(filing))["region"] == k.QINHUAI
    assert (await stage.get(f"/enterprises/{k.ENTERPRISE}"))["profile"]["region"] == k.QINHUAI
    stage.people["there"] = official("county", region=k.QINHUAI)
    assert (await stage.get("/filings", who="there"))["total"] == 1


@on_stage
async def test_who_may_read_what_was_is_asked_of_where_it_lies_now(stage: Stage) -> None:
    _, filing, application = await submitted(stage)
    before = time_text(stage.runtime.business.now())
    stage.runtime.millis += 1000
    names = ["江苏省", "南京市", "秦淮区"]
    await heard(stage, said.CaseTransferred, filing, application, region=k.QINHUAI, region_names=names, route=[])
    stage.people["here"], stage.people["there"] = (
        official("county", region=k.XUANWU),
        official("county", region=k.QINHUAI),
    )
    for path, refused in ((filing, 404), (f"/enterprises/{k.ENTERPRISE}", 403)):
        assert (await stage.ask("GET", f"{path}?as_of={before}", who="here")).status_code == refused
        then = await stage.ask("GET", f"{path}?as_of={before}", who="there")
        assert then.status_code == 200
        assert then.json().get("profile", then.json())["region"] == k.XUANWU


@on_stage
async def test_numbers_and_pages_without_measure_are_problems_of_the_request(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    for number in ("1" + "0" * 30, "NaN", "-Infinity", "1e999"):
        body = b'{"answers": {"staff_total": %s}}' % number.encode()
        headers = {"If-Match": '"1"', "Content-Type": "application/json"}
        answer = await stage.ask("PUT", path, content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "platform.invalid-request"), number
    wide = await stage.ask("DELETE", path, headers={"If-Match": str(10**30)})
    assert (wide.status_code, wide.json()["code"]) == (400, "platform.header-invalid")
    assert (await stage.ask("GET", f"/filings?page={10**19}")).status_code == 422
    assert (await stage.ask("GET", "/filings?page=100000")).status_code == 200


@on_stage
async def test_a_rejection_ends_it_and_another_may_follow(stage: Stage) -> None:
    path, filing, application = await submitted(stage)
    await heard(stage, said.ReviewStarted, filing, application)
    await heard(stage, said.ApplicationRejected, filing, application)
    assert (await stage.get(filing))["status"] == "rejected"
    version = (await stage.get(path))["version"]
    answer = await stage.ask("POST", f"{path}/submission", {"version": version, "region": k.XUANWU})
    assert answer.status_code == 201
    assert answer.json()["application"] != application


@on_stage
async def test_an_approved_pool_entry_joins_the_pool(stage: Stage) -> None:
    await known(stage)
    window_ = await window(stage, kind="pool_entry", tier=None, form="jiangsu-pool", pack=None)
    body = {"kind": "pool_entry", "tier": None, "window": window_, "authority": k.JIANGSU}
    await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body)
    path = f"/drafts/{place(window_, 'pool_entry', 'none')}"
    await save(stage, path, k.answers_for("jiangsu-pool"), 1)
    version = (await attach(stage, path, "business_licence")).json()["version"]
    answer = await stage.ask("POST", f"{path}/submission", {"version": version, "region": k.XUANWU})
    assert answer.status_code == 201, answer.text
    filing = f"/filings/{place(window_, 'pool_entry', 'none')}"
    await heard(stage, said.ApplicationApproved, filing, answer.json()["application"])
    assert (await stage.get(f"/enterprises/{k.ENTERPRISE}"))["pool"] == [[k.JIANGSU, 2024]]


@on_stage
async def test_a_filing_is_shown_as_it_was_recorded_then(stage: Stage) -> None:
    _, filing, application = await submitted(stage)
    before = stage.runtime.business.now()
    stage.runtime.millis += 5_000
    await heard(stage, said.ReviewStarted, filing, application)
    then = await stage.get(f"{filing}?as_of={time_text(before)}")
    assert (then["status"], "may" in then) == ("submitted", False)
    assert (await stage.get(filing))["status"] == "in_review"
    long_ago = await stage.ask("GET", f"{filing}?as_of={time_text(k.EARLIER)}")
    assert long_ago.json()["code"] == "applications.no-such-filing"

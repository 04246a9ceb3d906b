"""`applications` over HTTP on the memory store: from the profile to a decided filing, and what goes wrong on the way."""

import asyncio
import io
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
from fastapi import Request

from libs.events.contracts import review as said
from libs.events.contracts.times import time_text
from libs.events.web.desk import Desk
from services.applications.domain import enterprises
from services.applications.domain.forms import form_from
from services.applications.domain.streams import enterprise_stream
from services.applications.domain.windows.state import GRACE
from services.applications.persons import subject_of
from services.applications.routes.bodies import SubmissionBody
from tests.unit.applications import kit as k
from tests.unit.applications.shell import ENTERPRISE, Stage, official, open_stage

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
PROFILE: dict[str, Any] = {
    "authority": k.JIANGSU, "region": k.XUANWU, "address": "玄武大道 1 号", "postcode": "210000", "industry": "3983",
    "segment": "传感器", "product": "压力传感器", "registered_on": "2015-06-01", "capital": "1000.00", "size": "小型",
    "legal_representative": "张三", "contact": "李四", "contact_mobile": "13800138000", "email": "l@example.com",
}  # fmt: skip
WINDOW: dict[str, Any] = {
    "authority": k.JIANGSU, "kind": "declaration", "tier": "innovative", "batch": "2024-1", "title": "2024年度第一批",
    "regions": [k.JIANGSU], "opens": time_text(k.OPENS), "closes": time_text(k.CLOSES), "form": "innovative-2022",
    "pack": "innovative@2022-63", "prerequisites": [], "contact": k.CONTACT,
}  # fmt: skip
Story = Callable[[Stage], Awaitable[None]]


def on_stage(story: Story) -> Callable[[], None]:
    """Run a story on a fresh deployment."""

    def test() -> None:
        async def run() -> None:
            await story(await open_stage(k.INSIDE))

        asyncio.run(run())

    test.__name__, test.__doc__ = story.__name__, story.__doc__
    return test


async def known(stage: Stage) -> None:
    await stage.verified()
    answer = await stage.ask("POST", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE)
    assert answer.status_code == 201, answer.text


async def window(stage: Stage, **changes: Any) -> str:
    answer = await stage.ask("POST", "/windows", WINDOW | changes, who="manager")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["window"])


def place(window_: str, kind: str = "declaration", tier: str = "innovative") -> str:
    return f"{k.ENTERPRISE}/{kind}/{tier}/{window_}"


async def draft(stage: Stage, window_: str) -> str:
    body = {"kind": "declaration", "tier": "innovative", "window": window_, "authority": k.JIANGSU}
    answer = await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body)
    assert answer.status_code in (200, 201), answer.text
    return f"/drafts/{place(window_)}"


async def save(stage: Stage, path: str, answers: dict[str, Any], version: int) -> Any:
    return await stage.ask("PUT", path, {"answers": answers}, headers={"If-Match": f'"{version}"'})


async def attach(stage: Stage, path: str, slot: str, content: bytes = PDF, name: str = "材料.pdf") -> Any:
    return await stage.ask("POST", f"{path}/evidence/{slot}", files={"file": (name, content)})


async def filled(stage: Stage, window_: str) -> tuple[str, int]:
    """A draft that may be submitted, and its version."""
    path = await draft(stage, window_)
    answer = await save(stage, path, k.answers_for("innovative-2022"), 1)
    assert answer.status_code == 200, answer.text
    for slot in form_from(k.FORMS["innovative-2022"]).evidence:
        answer = await attach(stage, path, slot.name)
        assert answer.status_code == 201, answer.text
    return path, answer.json()["version"]


async def submitted(stage: Stage) -> tuple[str, str, str]:
    """(draft path, filing path, application)."""
    await known(stage)
    window_ = await window(stage)
    path, version = await filled(stage, window_)
    answer = await stage.ask("POST", f"{path}/submission", {"version": version, "region": k.XUANWU})
    assert answer.status_code == 201, answer.text
    return path, f"/filings/{place(window_)}", answer.json()["application"]


async def heard(stage: Stage, kind: Any, filing: str, application: str, **more: Any) -> None:
    stream = f"filing-{filing.removeprefix('/filings/').replace('/', '-')}"
    content = {"level": "county", "authority": k.JIANGSU, "region": k.XUANWU, "reasons": [], "unlocked": []}
    await stage.review(kind, **(content | {"application": application, "filing": stream} | more))


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


@on_stage
async def test_a_person_is_one_subject_in_every_field(stage: Stage) -> None:
    """The same rule as the real-name check's: enterprise and name."""
    await known(stage)
    state = (await stage.runtime.state(enterprises.decider, enterprise_stream(k.ENTERPRISE))).state
    profile, person = state.profile, stage.runtime.sealer.person
    assert profile.legal_representative.subject == person(k.ENTERPRISE, "张三")
    assert {profile.contact.subject, profile.contact_mobile.subject} == {person(k.ENTERPRISE, "李四")}


@on_stage
async def test_an_answer_belongs_to_the_person_it_is_about(stage: Stage) -> None:
    """Named in the form, else the profile's, else the role's."""
    await known(stage)
    desk = Desk(stage.runtime, Request({"type": "http", "headers": []}), ENTERPRISE)
    state, _ = await desk.state(enterprises.decider, enterprise_stream(k.ENTERPRISE))
    profile = msgspec.structs.asdict(state.profile)
    named = {"contact": "王 五", "contact_phone": "025-1"}
    assert subject_of(desk, k.ENTERPRISE, "contact_phone", named, profile) == desk.person(k.ENTERPRISE, "王五")
    assert subject_of(desk, k.ENTERPRISE, "contact_phone", {}, profile) == desk.person(k.ENTERPRISE, "李四")
    assert subject_of(desk, k.ENTERPRISE, "contact_phone", {}, {}) == desk.person(k.ENTERPRISE, "contact")


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
async def test_a_profile_is_shown_opened_and_the_reading_is_noted(stage: Stage) -> None:
    await known(stage)
    shown = await stage.get(f"/enterprises/{k.ENTERPRISE}")
    assert (shown["profile"]["contact"], shown["profile"]["capital"]) == ("李四", "1000.00")
    assert await stage.runtime.documents("personal_reads").count({}) == 4
    assert (await stage.ask("GET", f"/enterprises/{k.ENTERPRISE}", who="stranger")).status_code == 403
    assert (await stage.ask("GET", f"/enterprises/{k.ENTERPRISE}", who="public")).status_code == 401


@on_stage
async def test_a_profile_names_wrong_personal_fields(stage: Stage) -> None:
    await stage.verified()
    wrong = PROFILE | {"contact_mobile": "123", "email": "nobody"}
    answer = await stage.ask("POST", f"/enterprises/{k.ENTERPRISE}/profile", wrong)
    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"contact_mobile", "email"}
    unknown = await stage.ask("POST", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE | {"vip": True})
    assert unknown.json()["code"] == "platform.invalid-request"


@on_stage
async def test_a_changed_profile_keeps_what_was_not_sent_and_what_is_the_same(stage: Stage) -> None:
    await known(stage)
    path = f"/enterprises/{k.ENTERPRISE}/profile"
    without = {name: value for name, value in PROFILE.items() if name not in ("legal_representative", "email")}
    same = await stage.ask("PUT", path, without)
    assert same.json()["unchanged"]
    answer = await stage.ask("PUT", path, without | {"contact_mobile": "13900139000"})
    assert answer.status_code == 201
    shown = await stage.get(f"/enterprises/{k.ENTERPRISE}")
    assert (shown["profile"]["contact_mobile"], shown["profile"]["email"]) == ("13900139000", "l@example.com")
    assert shown["profile_version"] == 2


@on_stage
async def test_natural_persons_cannot_declare(stage: Stage) -> None:
    body = {"kind": "declaration", "tier": "innovative", "window": "w", "authority": k.JIANGSU}
    assert (await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body, who="natural")).status_code == 404
    answer = await stage.ask("POST", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE, who="natural")
    assert answer.json()["code"] == "platform.not-permitted"


@on_stage
async def test_the_entry_is_always_shown_and_says_when_and_whom_to_ask(stage: Stage) -> None:
    window_ = await window(stage)
    shown = await stage.get("/windows", who="public")
    [entry] = shown["entries"]
    assert (entry["state"], entry["window"]) == ("open", window_)
    await stage.runtime.pass_to(k.LATER)
    [entry] = (await stage.get("/windows?authority=320000&tier=innovative", who="public"))["entries"]
    assert entry["state"] == "ended"
    assert "025-12345678" in entry["says"]
    following = await window(stage, batch="2024-2", opens=time_text(k.LATER + timedelta(days=9)), closes=time_text(
        k.LATER + timedelta(days=20)))  # fmt: skip
    [entry] = (await stage.get("/windows", who="public"))["entries"]
    assert (entry["state"], entry["next"]) == ("upcoming", following)
    assert (await stage.get("/windows?region=350203", who="public"))["windows"] == []
    one = await stage.get(f"/windows/320000/{window_}", who="public")
    assert one["state"] == "ended"


@on_stage
async def test_only_the_authoritys_window_managers_keep_windows(stage: Stage) -> None:
    stage.people["xiamen"] = official("province", "window_manager", k.XIAMEN, k.XIAMEN)
    for who in ("enterprise", "xiamen"):
        assert (await stage.ask("POST", "/windows", WINDOW, who=who)).status_code == 403
    window_ = await window(stage)
    body = {"closes": time_text(k.LATER), "reason": "系统故障"}
    assert (await stage.ask("POST", f"/windows/320000/{window_}/extension", body, who="manager")).status_code == 201
    rebind = {"form": "innovative-2022", "pack": None, "prerequisites": ["pool-member"], "reason": "补充规定"}
    assert (await stage.ask("POST", f"/windows/320000/{window_}/binding", rebind, who="manager")).status_code == 201
    [shown] = (await stage.get("/windows", who="public"))["windows"]
    assert (shown["closes"], shown["prerequisites"]) == (time_text(k.LATER), ["pool-member"])


@on_stage
async def test_a_draft_shows_prerequisites_and_saves_whatever_is_wrong(stage: Stage) -> None:
    await known(stage)
    window_ = await window(stage, prerequisites=["pool-member"])
    path = await draft(stage, window_)
    shown = await stage.get(path)
    [prerequisite] = shown["prerequisites"]
    assert (prerequisite["code"], prerequisite["met"]) == ("pool-member", False)
    assert prerequisite["way_out"]
    assert shown["platform"]["credit_code"] == k.CREDIT_CODE
    answer = await save(stage, path, {"revenue_y1": "1,5", "staff_total": 1.5, "unheard_of": "x"}, 1)
    assert answer.status_code == 200
    assert {"revenue_y1", "staff_total", "unheard_of"} <= {fault["field"] for fault in answer.json()["faults"]}
    assert answer.headers["etag"] == '"2"'
    assert (await save(stage, path, {"bad name": 1}, 2)).status_code == 422
    assert (await stage.ask("PUT", path, {"answers": {}})).status_code == 400


@on_stage
async def test_two_tabs_never_overwrite_each_other(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    assert (await save(stage, path, {"revenue_y1": "1.00"}, 1)).status_code == 200
    second = await save(stage, path, {"revenue_y1": "2.00"}, 1)
    assert second.status_code == 412
    assert second.json()["code"] == "applications.draft-moved"
    [differing] = second.json()["difference"]
    assert (differing["field"], differing["stored"], differing["yours"]) == ("revenue_y1", "1.00", "2.00")
    assert (await stage.get(path))["answers"] == {"revenue_y1": "1.00"}
    same = await save(stage, path, {"revenue_y1": "1.00"}, 1)
    assert (same.status_code, same.json()["version"]) == (200, 2)


@on_stage
async def test_two_tabs_at_the_same_moment(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    answers = await asyncio.gather(*(save(stage, path, {"revenue_y1": f"{n}.00"}, 1) for n in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]


@on_stage
async def test_every_save_is_noted_with_time_and_hash(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    await save(stage, path, {"revenue_y1": "1.00"}, 1)
    noted = await stage.get(f"{path}/saves")
    assert [one["version"] for one in noted] == [2, 1]
    assert noted[0]["sha256"] == (await stage.get(path))["sha256"]
    stage.runtime.millis += int(timedelta(days=181).total_seconds() * 1000)
    await save(stage, path, {"revenue_y1": "3.00"}, 2)
    assert [one["version"] for one in await stage.get(f"{path}/saves")] == [3]


@on_stage
async def test_a_deleted_draft_is_gone_and_its_saves_stay(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    stale = await stage.ask("DELETE", path, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    assert (await stage.ask("DELETE", path, headers={"If-Match": '"1"'})).status_code == 204
    assert (await stage.ask("GET", path)).status_code == 404
    assert len(await stage.get(f"{path}/saves")) == 1


@on_stage
async def test_nobody_elses_draft_is_seen(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    for who in ("stranger", "manager"):
        assert (await stage.ask("GET", path, who=who)).status_code == 404


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
async def test_a_dry_run_lists_all_refusals(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage, prerequisites=["pool-member"]))
    found = await stage.get(f"{path}/check")
    assert {one["code"] for one in found["refusals"]} == {
        "applications.prerequisite-missing", "applications.form-incomplete", "applications.evidence-incomplete",
        "applications.jurisdiction-not-confirmed",
    }  # fmt: skip
    refused = await stage.ask("POST", f"{path}/submission", {"version": 1, "region": ""})
    assert refused.status_code == 409
    assert len(refused.json()["refusals"]) == 4


@on_stage
async def test_a_lapsed_draft_is_offered_to_the_next_window(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    await save(stage, path, {"revenue_y1": "5.00", "main_product_name": "传感器", "commitment": True}, 1)
    await stage.runtime.pass_to(k.LATER)
    period = {"opens": time_text(k.LATER), "closes": time_text(k.LATER + timedelta(days=9))}
    shown = await stage.get(await draft(stage, await window(stage, batch="2024-2", **period)))
    assert shown["answers"] == {"revenue_y1": "5.00", "main_product_name": "传感器"}
    assert shown["prefilled_from"] == ["草稿"]


@on_stage
async def test_evidence_is_encrypted_named_and_downloaded_again(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    answer = await attach(stage, path, "business_licence", PDF, "C:\\资料\\营业执照（正本）#1‮.pdf")
    evidence = answer.json()["evidence"]
    assert evidence["name"] == "营业执照（正本）#1_.pdf"
    assert answer.headers["etag"] == '"2"'
    stored = await stage.runtime.state_store.blobs().get(evidence["blob"])
    assert stored is not None
    assert PDF not in stored
    download = await stage.ask("GET", f"{path}/evidence/{evidence['sha256']}")
    assert (download.content, download.headers["content-type"]) == (PDF, "application/pdf")
    assert (await stage.ask("GET", f"{path}/evidence/{'0' * 64}")).status_code == 404
    assert (await attach(stage, path, "business_licence", PDF, "again.pdf")).json()["version"] == 2
    removed = await stage.ask("DELETE", f"{path}/evidence/business_licence/{evidence['sha256']}")
    assert removed.json()["version"] == 3
    assert (await stage.get(path))["evidence"] == []


@on_stage
async def test_what_is_wrong_with_a_file_is_said_in_words(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("a.txt", "x")
    broken = archive.getvalue()[:-30]
    for slot, content, word in (
        ("business_licence", b"", "空"),
        ("business_licence", b"MZ\x90\x00 program", "不能使用"),
        ("business_licence", b"just text", "无法识别"),
        ("business_licence", broken, "损坏"),
        ("business_licence", PDF + b"0" * (20 * 1024 * 1024), "20 MB"),
        ("selfie", PDF, "没有"),
    ):
        answer = await attach(stage, path, slot, content)
        assert answer.status_code == 422, answer.text
        assert word in answer.json()["detail"]
        assert answer.json()["way_out"]


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
async def test_titles_reach_the_enterprise(stage: Stage) -> None:
    await known(stage)
    title = {"tier": "innovative", "authority": k.JIANGSU, "region": k.XUANWU}
    await stage.review(said.TitleGranted, **title, valid_from="2024-04-01", valid_to="2027-03-31")
    shown = await stage.get(f"/enterprises/{k.ENTERPRISE}")
    assert shown["titles"]["innovative"]["valid_to"] == "2027-03-31"
    assert shown["editable"] == "contacts"
    refused = await stage.ask("PUT", f"/enterprises/{k.ENTERPRISE}/profile", PROFILE | {"address": "别处"})
    assert refused.json()["code"] == "applications.holders-update-yearly"
    await stage.review(said.TitleCancelled, **title, ban_until="2027-03-31")
    shown = await stage.get(f"/enterprises/{k.ENTERPRISE}")
    assert (shown["titles"], shown["ban"]["until"]) == ({}, "2027-03-31")


@on_stage
async def test_forms_and_tables_are_there_for_everybody(stage: Stage) -> None:
    forms = {form["id"] for form in await stage.get("/forms", who="public")}
    assert forms == {"giant-2022", "innovative-2022", "jiangsu-pool", "jiangsu-srdi-2022"}
    assert (await stage.get("/forms/jiangsu-pool", who="public"))["form"]["sections"]
    assert (await stage.ask("GET", "/forms/none", who="public")).status_code == 404
    assert len(await stage.get("/divisions", who="public")) == 31
    cities = await stage.get("/divisions?under=320000", who="public")
    assert len(cities) == 13
    torches = await stage.get("/divisions?q=火炬", who="public")
    found = next(one for one in torches if one["code"] == k.TORCH)
    assert found["names"] == ["福建省", "厦门市", "厦门火炬高新区"]
    assert len(await stage.get("/industries", who="public")) == 20
    assert any(row["code"] == "3983" for row in await stage.get("/industries?q=传感器", who="public"))
    assert [row["code"] for row in await stage.get("/industries?q=cgq&limit=1", who="public")] == ["3983"]
    assert (await stage.ask("GET", "/industries?q=cgq&limit=51", who="public")).status_code == 422
    assert (await stage.get("/lists/products?q=cgq", who="public"))["suggestions"][0]["code"] == "3983"
    assert (await stage.ask("GET", "/lists/poems", who="public")).status_code == 404
    assert len(await stage.get("/lists", who="public")) == 4
    editions = {one["id"] for one in await stage.get("/reference", who="public")}
    assert {"industries-gbt4754-2017", "divisions-2023", "zones-2024"} <= editions
    assert len(await stage.get("/authorities", who="public")) == 37


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


@on_stage
async def test_every_command_needs_a_key(stage: Stage) -> None:
    answer = await stage.http.post("/windows", json=WINDOW, headers={"x-who": "manager"})
    assert answer.json()["code"] == "platform.idempotency-key-missing"

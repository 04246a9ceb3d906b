"""What comes before a submission, over HTTP: profile, windows, drafts with their files, forms and tables."""

import asyncio
import io
import zipfile
from datetime import timedelta
from typing import Any

import msgspec
from fastapi import Request

from libs.events.contracts import review as said
from libs.events.contracts.self_test import SelfTestLink, link_of
from libs.events.contracts.times import time_text
from libs.events.web.desk import Desk
from services.applications import saving
from services.applications.domain import enterprises
from services.applications.domain.streams import enterprise_stream
from services.applications.persons import subject_of
from tests.unit.applications import kit as k
from tests.unit.applications.shell import ENTERPRISE, Stage, official
from tests.unit.applications.stories import (
    PDF,
    PROFILE,
    WINDOW,
    attach,
    draft,
    known,
    on_stage,
    save,
    submitted,
    window,
)


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


@on_stage
async def test_a_profile_is_shown_opened_and_the_reading_is_noted(stage: Stage) -> None:
    await known(stage)
    shown = await stage.get(f"/enterprises/{k.ENTERPRISE}")
    assert (shown["profile"]["contact"], shown["profile"]["capital"]) == ("李四", "1000.00")
    assert await stage.runtime.documents("personal_reads").count({}) == 0
    stage.people["reviewer"] = official("city", region="320100")
    looked = await stage.ask("GET", f"/enterprises/{k.ENTERPRISE}", who="reviewer")
    assert looked.json()["profile"] == shown["profile"]
    noted = await stage.runtime.documents("personal_reads").find({"kind": "read"})
    assert len(noted) == 4 and {one["enterprise"] for one in noted} == {k.ENTERPRISE}
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
async def test_a_window_runs_on_the_pack_that_the_rules_bind_or_says_why_not(stage: Stage) -> None:
    plain = {name: value for name, value in WINDOW.items() if name != "pack"}
    assert (await stage.ask("POST", "/windows", plain, who="manager")).status_code == 201
    [shown] = (await stage.get("/windows", who="public"))["windows"]
    assert (shown["pack"]["id"], shown["pack_reason"]) == ("innovative@2022-63", "")
    assert shown["bound"]["pack"] == "innovative@2022-63" and shown["bound"]["basis"] == "63号附件1；2号第三十条"
    giant = WINDOW | {"tier": "giant", "form": "giant-2022", "pack": "giant@2022-63", "batch": "2025-1"}
    giant |= {"opens": "2025-02-01T00:00:00Z", "closes": "2025-03-01T00:00:00Z"}
    refused = await stage.ask("POST", "/windows", giant, who="manager")
    assert (refused.status_code, refused.json()["code"]) == (422, "applications.pack-not-bound")
    assert refused.json()["bound"] == "giant@2022-63+2025" and refused.json()["way_out"]
    window_ = await window(stage, **giant | {"pack_reason": "省级遴选仍按原标准"})
    one = (await stage.get(f"/windows/320000/{window_}", who="public"))["window"]
    assert (one["pack"]["id"], one["bound"]["pack"]) == ("giant@2022-63", "giant@2022-63+2025")
    body = {"form": "giant-2022", "reason": "改按2025年通知"}
    assert (await stage.ask("POST", f"/windows/320000/{window_}/binding", body, who="manager")).status_code == 201
    shown = next(one for one in (await stage.get("/windows", who="public"))["windows"] if one["window"] == window_)
    assert (shown["pack"]["id"], shown["pack_reason"]) == ("giant@2022-63+2025", "")


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
    await saving.tidy_once(stage.runtime)
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
async def test_a_self_test_fills_a_new_draft_as_far_as_its_form_goes(stage: Stage) -> None:
    await known(stage)
    window_ = await window(stage)
    told: dict[str, Any] = {
        "revenue_y1": "5000.00", "staff_total": 80, "strategic_emerging": True, "commitment": True, "legal_person": True,
        "valid_honours": ["none"], "rd_staff": 1.5, "enterprise_size": "小型", "development_score_y0": "60",
    }  # fmt: skip
    link = link_of(SelfTestLink(told, digital_level=3))
    body = {"kind": "declaration", "tier": "innovative", "window": window_, "authority": k.JIANGSU, "self_test": link}
    answer = await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    taken = {
        name: told[name]
        for name in ("revenue_y1", "staff_total", "strategic_emerging", "legal_person", "valid_honours")
    }
    assert made["answers"] == taken and made["prefilled_from"] == ["自测"]
    assert made["self_test"]["applied"] and set(made["self_test"]["taken"]) == set(taken)
    assert {one["field"]: one["reason"] for one in made["self_test"]["not_taken"]} == {
        "commitment": "须在申报时重新确认", "rd_staff": "请填写整数，不带逗号和小数",
        "enterprise_size": "由企业信息或评测结果带入", "development_score_y0": "本表单没有这一项",
        "digital_level": "以数字化水平评测的最新结果为准",
    }  # fmt: skip
    again = await stage.ask(
        "POST", f"/drafts/{k.ENTERPRISE}", body | {"self_test": link_of(SelfTestLink({"rd_staff": 9}))}
    )
    assert again.status_code == 200 and again.json()["answers"] == taken
    assert again.json()["self_test"] == {"applied": False, "taken": [], "not_taken": []}
    broken = await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body | {"self_test": "1.x"})
    assert (broken.status_code, broken.json()["code"]) == (422, "applications.self-test-link-invalid")


@on_stage
async def test_a_self_test_goes_before_earlier_filings(stage: Stage) -> None:
    await submitted(stage)
    following = await window(stage, batch="2024-2")
    link = link_of(SelfTestLink({"revenue_y1": "7777.00"}))
    body = {"kind": "declaration", "tier": "innovative", "window": following, "authority": k.JIANGSU, "self_test": link}
    made = (await stage.ask("POST", f"/drafts/{k.ENTERPRISE}", body)).json()
    assert made["answers"]["revenue_y1"] == "7777.00" and made["answers"]["revenue_y2"] == "50.00"
    assert made["prefilled_from"][0] == "自测" and len(made["prefilled_from"]) > 1


@on_stage
async def test_nobody_elses_draft_is_seen(stage: Stage) -> None:
    await known(stage)
    path = await draft(stage, await window(stage))
    for who in ("stranger", "manager"):
        assert (await stage.ask("GET", path, who=who)).status_code == 404


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
async def test_every_command_needs_a_key(stage: Stage) -> None:
    answer = await stage.http.post("/windows", json=WINDOW, headers={"x-who": "manager"})
    assert answer.json()["code"] == "platform.idempotency-key-missing"

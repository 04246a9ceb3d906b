"""Scores over HTTP: read with what was imported, disputed by the enterprise, corrected or dismissed by the authority."""

from datetime import timedelta
from typing import Any

import msgspec

from tests.unit.applications.shell import Stage
from tests.unit.assessment import kit
from tests.unit.assessment.stage import open_stage
from tests.unit.assessment.test_flow import SUBMITTED

SCORE = f"/scores/{kit.ENTERPRISE}/{kit.CASE}"
IMPORTS = f"/imported-scores/{kit.ENTERPRISE}"
PDF = b"%PDF-1.7 a result"
RESULT = {
    "scheme": "development",
    "year": "2024",
    "score": "61.5",
    "issued_by": "某评价平台",
    "issued_on": "2024-09-30",
}
FOUND = {"answers": {"rd_expense_y1": "410.00"}, "reason": "经核对审计报告"}


async def scored() -> Stage:
    stage = await open_stage()
    await stage.runtime.hear("applications", SUBMITTED)
    return stage


async def disputed(stage: Stage) -> str:
    body = {"indicators": ["S11"], "reason": "研发费用有误"}
    answer = await stage.ask("POST", SCORE + "/disputes", body, who="owner")
    assert answer.status_code == 201, answer.text
    assert answer.json()["answer_by"] == "2024-10-28T15:59:59.999Z"
    return str(answer.json()["dispute"])


async def import_(stage: Stage, who: str = "owner", **changes: str) -> Any:
    return await stage.ask("POST", IMPORTS, who=who, data=RESULT | changes, files={"file": ("证明.pdf", PDF)})


async def test_a_dispute_from_the_enterprise_to_the_corrected_score() -> None:
    stage = await scored()
    before = await stage.get(SCORE, who="owner")
    dispute = await disputed(stage)
    waiting = await stage.get("/scores?disputed=true", who="city")
    assert [one["dispute"] for one in waiting["items"]] == [dispute]
    again = await stage.ask("POST", SCORE + "/disputes", {"indicators": ["S2"], "reason": "再提"}, who="owner")
    assert (again.status_code, again.json()["code"]) == (409, "assessment.already-disputed")
    answer = await stage.ask("POST", SCORE + "/corrections", FOUND | {"dispute": dispute}, who="city")
    assert answer.status_code == 201, answer.text
    assert int(answer.json()["low"]) > int(before["low"])
    shown = await stage.get(SCORE, who="owner")
    assert shown["low"] == answer.json()["low"] and shown["inputs"]["answers"]["rd_expense_y1"] == "410.00"
    [told] = shown["disputes"]
    assert (told["answer"], told["answer_reason"], told["reason"]) == ("corrected", "经核对审计报告", "研发费用有误")
    [correction] = shown["corrections"]
    assert correction["corrects"]["low"] == before["low"]
    assert correction["changes"] == [{"field": "rd_expense_y1", "before": "320.00", "after": "410.00"}]
    assert (await stage.get("/scores?disputed=true", who="city"))["items"] == []
    [listed] = (await stage.get("/scores", who="city"))["items"]
    assert (listed["low"], listed["corrections"], listed["dispute"]) == (shown["low"], 1, None)


async def test_a_dismissal_says_why_and_the_score_stands() -> None:
    stage = await scored()
    dispute = await disputed(stage)
    path = f"{SCORE}/disputes/{dispute}/dismissal"
    empty = await stage.ask("POST", path, {"reason": " "}, who="city")
    assert empty.json()["code"] == "assessment.dispute-reason-missing"
    assert (await stage.ask("POST", path, {"reason": "与审计报告一致"}, who="city")).status_code == 201
    shown = await stage.get(SCORE, who="owner")
    assert (shown["disputes"][0]["answer"], shown["corrections"]) == ("dismissed", [])
    gone = await stage.ask("POST", path, {"reason": "再驳回"}, who="city")
    assert (gone.status_code, gone.json()["code"]) == (409, "assessment.dispute-not-open")


async def test_who_may_dispute_and_who_answers() -> None:
    stage = await scored()
    body = {"indicators": ["S11"], "reason": "理由"}
    for who, status in (("public", 401), ("stranger", 403), ("city", 403), ("natural", 403)):
        assert (await stage.ask("POST", SCORE + "/disputes", body, who=who)).status_code == status, who
    for who in ("owner", "county", "elsewhere", "manager"):
        assert (await stage.ask("POST", SCORE + "/corrections", FOUND, who=who)).status_code == 403, who
    assert (await stage.ask("POST", SCORE + "/corrections", FOUND, who="province")).status_code == 201


async def test_after_the_last_day_a_dispute_is_refused_with_the_day() -> None:
    stage = await scored()
    await stage.runtime.pass_to(kit.NOW + timedelta(days=14))
    answer = await stage.ask("POST", SCORE + "/disputes", {"indicators": ["S11"], "reason": "理由"}, who="owner")
    assert (answer.status_code, answer.json()["code"]) == (409, "assessment.dispute-late")
    assert answer.json()["until"].startswith("2024-10-21T")


async def test_a_score_before_its_correction_is_shown_as_of_then() -> None:
    stage = await scored()
    then = stage.runtime.business.now()
    stage.runtime.millis += 60_000
    await stage.ask("POST", SCORE + "/corrections", FOUND, who="city")
    was = await stage.get(f"{SCORE}?as_of={then.isoformat().replace('+00:00', 'Z')}", who="owner")
    assert was["corrections"] == [] and was["inputs"]["answers"]["rd_expense_y1"] == "320.00"


async def test_a_score_of_another_platform_with_its_proof() -> None:
    stage = await scored()
    answer = await import_(stage)
    assert answer.status_code == 201, answer.text
    assert answer.json()["score"] == "61.5"
    assert (await import_(stage, score="61.50")).json()["unchanged"]
    [one] = (await stage.get(IMPORTS, who="city"))["items"]
    assert (one["scheme"], one["year"], one["score"], one["issued_by"]) == ("development", 2024, "61.5", "某评价平台")
    proof = await stage.ask("GET", IMPORTS + "/development/2024/evidence", who="city")
    assert (proof.status_code, proof.content, proof.headers["content-type"]) == (200, PDF, "application/pdf")
    assert (await stage.ask("GET", IMPORTS + "/development/2024/evidence", who="owner")).status_code == 200
    [taken] = await stage.runtime.notes.documents.find({"kind": "export"})
    assert taken["label"] == f"evidence:{one['evidence']['sha256']}" and taken["office"]["level"] == "city"
    assert (await stage.ask("GET", IMPORTS + "/development/2023/evidence", who="owner")).status_code == 404
    for who in ("stranger", "elsewhere", "public"):
        assert (await stage.ask("GET", IMPORTS, who=who)).status_code in (401, 404), who
    assert (await import_(stage, who="stranger")).status_code == 403
    assert (await import_(stage, who="county", score="62")).status_code == 403
    assert (await import_(stage, who="province", score="62")).status_code == 201
    wrong = await import_(stage, score="101", year="2025")
    assert {one["code"] for one in wrong.json()["refusals"]} == {"assessment.score-invalid", "assessment.year-outside"}


async def test_a_filing_under_the_new_law_is_read_beside_what_was_imported() -> None:
    stage = await open_stage()
    filed = msgspec.structs.replace(
        SUBMITTED, pack=kit.pin_of("srdi@2026-2"), answers={"development_score_y0": "60.00"}
    )
    await stage.runtime.hear("applications", filed)
    await import_(stage)
    [one] = (await stage.get(SCORE, who="city"))["imported"]
    assert (one["filed"], one["imported"], one["agrees"]) == ("60.00", "61.5", False)
